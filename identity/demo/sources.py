"""The five systems of the demo, who sends for them and who reviews their matches."""

from __future__ import annotations

from dataclasses import dataclass

from contacts.transactions import verb
from identity.demo_accounts import STEWARD_EMAIL
from sources import systems
from sources.models import DEFAULT_REQUIRED_FIELDS, SourceSystem, Tenant
from sources.registration import Registration, ReviewerEntry

STEWARD = ("Dana", "Steward", STEWARD_EMAIL)
SECOND_STEWARD = ("Robin", "Castellano", "robin.castellano@example.org")


@dataclass(frozen=True, slots=True)
class System:
    """`sender` is who the audit trail names for its records."""

    name: str
    sender: str
    required_fields: tuple[str, ...]
    reviewers: tuple[tuple[str, str, str], ...] = ()


SYSTEMS = {
    system.name: system
    for system in (
        System("CRM", "crm-sync", DEFAULT_REQUIRED_FIELDS, (STEWARD, SECOND_STEWARD)),
        System("BILLING", "billing-export", ("first_name", "last_name", "address"), (STEWARD,)),
        System("SUPPORT", "support-desk", ("last_name",), (STEWARD,)),
        System("SHOP", "shop-checkout", ("email",), (SECOND_STEWARD,)),
        System("LOYALTY", "loyalty-import", ()),
    )
}


@verb
def register(tenant: Tenant) -> dict[str, SourceSystem]:
    """The demo's sources by name, made where they are missing."""
    return {system.name: _registered(system, tenant) for system in SYSTEMS.values()}


def _registered(system: System, tenant: Tenant) -> SourceSystem:
    known = SourceSystem.objects.of(tenant).live().filter(name=system.name).first()
    if known is not None:
        return known
    columns = {"name": system.name, "required_fields": list(system.required_fields)}
    reviewers = [ReviewerEntry(*reviewer) for reviewer in system.reviewers]
    return systems.register(Registration(columns, reviewers), tenant=tenant, by="demo")

"""What tests say to the registry, in few words: sources, people, posts."""

from __future__ import annotations

from dataclasses import fields
from typing import Any
from uuid import UUID

from contacts.intake import read_revision, read_submission
from contacts.models import Contact, Customer
from contacts.record import Facts, Record
from matching import identify as identifying
from matching import revising
from matching.checked_out import CheckedOut
from matching.checkout import check_out
from matching.identify import Identified
from matching.models import CandidatePair
from sources.models import SourceSystem, Tenant

SYLVIA = {
    "first_name": "Sylvia",
    "last_name": "Abernathy",
    "email": "sylvia.abernathy@example.org",
    "phone": "+12148675309",
    "address": {"street": "12 Oak Avenue", "city": "Dallas", "state": "TX", "zip": "75201"},
}
# The attributes that a record may carry, by type.
ATTRIBUTES = {"FacebookId": "string"}


def default_tenant() -> Tenant:
    return Tenant.objects.get(name="default")


def source(name: str = "CRM", *, tenant: Tenant | None = None, required: tuple[str, ...] = ()) -> SourceSystem:
    found, _ = SourceSystem.objects.get_or_create(
        tenant=tenant or default_tenant(),
        name=name,
        deleted_at=None,
        defaults={"created_by": "test", "required_fields": list(required)},
    )
    return found


def post(
    body: dict[str, Any] | None = None, *, to: str = "CRM", key: str = "1", tenant: Tenant | None = None, **fields: Any
) -> Identified:
    """Submit a record of the source `to`: Sylvia's, or `body`, with `fields` in place of its own (None leaves out)."""
    tenant = tenant or default_tenant()
    system = source(to, tenant=tenant)
    said = {**(SYLVIA if body is None else body), **fields, "source_system": to, "source_key": key}
    said = {name: value for name, value in said.items() if value is not None}
    required = system.required_fields
    record = read_submission(said, required_fields=required, region=tenant.region, attribute_types=ATTRIBUTES)
    return identifying.identify(record, source=system, tenant=tenant, by="tester")


class Bought(CheckedOut):
    """With the rows that there are now."""

    @property
    def customer(self) -> Customer:
        return Customer.objects.get(pk=self.customer_id)

    @property
    def contact(self) -> Contact:
        assert self.added is not None, self.outcome
        return Contact.objects.get(pk=self.added.id)


def buy(*, email: str = "", phone: str = "", tenant: Tenant | None = None) -> Bought:
    """Check out at the built-in storefront with an e-mail and/or a phone, normalised as they are."""
    tenant = tenant or default_tenant()
    system = source("storefront", tenant=tenant)
    said = {"email": email, "phoneNumber": phone}
    record = Record(Facts(email=email, phone=phone), original_payload=said, source_system="storefront")
    done = check_out(record, source=system, tenant=tenant, by="checkout")
    return Bought(*(getattr(done, field.name) for field in fields(done)))


def put(
    customer: UUID, *, by_source: str = "CRM", key: str | None = None, tenant: Tenant | None = None, **fields: Any
) -> Customer:
    """Change what a source says of a customer."""
    return revising.revise(
        customer,
        revision=read_revision(fields, attribute_types=ATTRIBUTES),
        source_system=by_source,
        source_key=key,
        tenant=tenant or default_tenant(),
        by="tester",
    )


def live_customers() -> int:
    return Customer.objects.live().count()


def aliases_of(customer: Customer | UUID) -> list[Contact]:
    pk = customer if isinstance(customer, UUID) else customer.pk
    return list(Contact.objects.live().filter(customer=pk).order_by("pk"))


def pending() -> list[CandidatePair]:
    return list(CandidatePair.objects.filter(status="pending").order_by("pk"))

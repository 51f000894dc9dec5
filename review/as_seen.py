"""Decisions on the state somebody looked at: refused, with nothing written, when it is another one by now."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from contacts.errors import Stale
from contacts.models import Customer
from contacts.transactions import verb
from matching import pairs, pinning, versions
from matching.locks import lock_customers
from matching.models import MatchModel, Merge, Split
from review import quality, verdicts
from sources.models import Tenant


class ChangedSince(Stale):
    def __init__(self) -> None:
        super().__init__("This customer has changed since it was looked at. Nothing was done")


@verb
def split(
    *, customer_id: UUID, aliases: Sequence[int], version: int, tenant: Tenant, by: str
) -> tuple[Customer, Customer, Split]:
    """verdicts.split of a customer at this version. Raises ChangedSince and what that raises."""
    _check(lock_customers(tenant, [customer_id]).get(customer_id), version)
    return verdicts.split(customer_id=customer_id, aliases=aliases, tenant=tenant, by=by)


@verb
def pin(
    customer_id: UUID, *, field: str, alias_id: int, reason: str, version: int, tenant: Tenant, by: str
) -> Customer:
    """pinning.pin of a customer at this version. Raises ChangedSince and what that raises."""
    _check(lock_customers(tenant, [customer_id]).get(customer_id), version)
    return pinning.pin(customer_id, field=field, alias_id=alias_id, reason=reason, tenant=tenant, by=by)


@verb
def unpin(customer_id: UUID, *, field: str, version: int, tenant: Tenant, by: str) -> Customer:
    """pinning.unpin of a customer at this version. Raises ChangedSince and what that raises."""
    _check(lock_customers(tenant, [customer_id]).get(customer_id), version)
    return pinning.unpin(customer_id, field=field, tenant=tenant, by=by)


@verb
def undo_merge(merge_id: int, *, version: int, tenant: Tenant, by: str) -> Merge:
    """verdicts.undo_merge of a merge whose survivor is at this version. Raises ChangedSince and what that raises.

    Takes the locks that undoing takes, in its order.
    """
    journal = Merge.objects.select_for_update().filter(tenant=tenant, pk=merge_id).first()
    if journal is not None and journal.undone_at is None:
        proposed = pairs.places(journal.trace["pairs"], reviving=journal.source_id)
        _check(lock_customers(tenant, [journal.target_id, *proposed]).get(journal.target_id), version)
    return verdicts.undo_merge(merge_id, tenant=tenant, by=by)


class AnotherModelInForce(Stale):
    def __init__(self, version: int) -> None:
        super().__init__(f"Version {version} is in force by now. Nothing was done")


@verb
def activate(version: int, *, in_force: int, tenant: Tenant, by: str) -> MatchModel:
    """versions.activate while that version is in force. Raises AnotherModelInForce and what that raises."""
    _check_model(in_force, tenant)
    return versions.activate(version, tenant=tenant, by=by)


@verb
def apply_suggestion(*, in_force: int, tenant: Tenant, by: str) -> MatchModel:
    """quality.apply_suggestion while that version is in force. Raises AnotherModelInForce and what that raises."""
    _check_model(in_force, tenant)
    return quality.apply_suggestion(tenant=tenant, by=by)


def _check_model(in_force: int, tenant: Tenant) -> None:
    rows = MatchModel.objects.select_for_update().filter(tenant=tenant)
    version = next(model.version for model in rows if model.active)
    if version != in_force:
        raise AnotherModelInForce(version)


def _check(customer: Customer | None, version: int) -> None:
    """A customer that is gone is for the verb itself to tell."""
    if customer is not None and customer.version != version:
        raise ChangedSince

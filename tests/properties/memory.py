"""What the registry said before, to hold what it says now against."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Model

from contacts.models import Change, Contact, Customer, Event
from matching.models import CandidatePair, Constraint
from review.models import Decision
from sources.models import Tenant
from tests.properties.invariants import NOT_SAME, Pairing, live_contacts, pairings

Rows = dict[Any, dict[str, Any]]


def rows(model: type[Model], without: tuple[str, ...] = (), **which: Any) -> Rows:
    """Every row by its primary key."""
    found = model._default_manager.filter(**which).values()
    return {row["id"]: {name: value for name, value in row.items() if name not in without} for row in found}


class Journals:
    """History and events as far as they were seen; they may only grow."""

    def __init__(self) -> None:
        self.seen: dict[type[Model], Rows] = {Change: {}, Event: {}}

    def breaches(self) -> Iterator[str]:
        for model, before in self.seen.items():
            now = rows(model)
            yield from (f"{model.__name__} {pk} is not what it was" for pk in before if now.get(pk) != before[pk])
            late = [pk for pk in now.keys() - before if pk < max(before, default=0)]
            yield from (f"{model.__name__} {pk} slipped in" for pk in late)
            self.seen[model] = now


@dataclass(frozen=True, slots=True)
class State:
    """What a merge that is undone must give back. Versions and `updated_*` tell that something happened."""

    customers: Rows
    contacts: Rows
    pairs: Rows
    same: set[Pairing]
    not_same: set[Pairing]


def state(tenant: Tenant) -> State:
    return State(
        customers=rows(Customer, ("version", "updated_by", "updated_at"), tenant=tenant),
        contacts=rows(Contact, tenant=tenant),
        pairs=rows(CandidatePair, tenant=tenant),
        same=pairings(tenant, Constraint.Kind.SAME),
        not_same=pairings(tenant, NOT_SAME),
    )


def undone(before: State, after: State, left: set[int], right: set[int]) -> Iterator[str]:
    """What a merge of two sides, undone at once, did not give back; all but the verdict that the two are apart."""
    for name in ("customers", "contacts", "pairs"):
        was, now = getattr(before, name), getattr(after, name)
        different = (pk for pk in was.keys() | now.keys() if was.get(pk) != now.get(pk))
        yield from (f"{name} {pk} was {was.get(pk)}, is {now.get(pk)}" for pk in different)
    if before.same != after.same:
        yield f"said to be the same before: {before.same}, after: {after.same}"
    apart = {frozenset((one, other)) for one in left for other in right}
    if after.not_same != before.not_same | apart:
        yield f"kept apart before: {before.not_same}, after: {after.not_same}"


class Rejections:
    """The pairs of contacts that people rejected: while that stands, no candidate may propose them again."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.pairings: dict[int, set[Pairing]] = {}

    def remember(self, pair: CandidatePair) -> None:
        theirs = live_contacts(self.tenant)[pair.customer_id]
        self.pairings[pair.pk] = {frozenset((pair.contact_id, contact.pk)) for contact in theirs}

    def breaches(self) -> Iterator[str]:
        rejected = Decision.objects.filter(tenant=self.tenant, kind=Decision.Kind.REJECTED, undone_at=None)
        standing = [self.pairings[pk] for pk in rejected.values_list("pair", flat=True)]
        for pair in CandidatePair.objects.filter(tenant=self.tenant, status="pending"):
            if any(frozenset((pair.contact_id, pair.against_id)) in pairings for pairings in standing):
                yield f"pair {pair.pk} proposes {pair.contact_id} and {pair.against_id} again"

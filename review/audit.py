"""Who did what to which customer, newest first, from the event feed; and what administrators changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, QuerySet
from django.db.models.lookups import LessThanOrEqual

from contacts.models import EVENT_BLOCK, Event
from matching.models import MatchModel
from sources.models import ApiKey, SourceSystem, Tenant

PAGE = 50
MOST_OF_A_KIND = 50
KIND_WORDS = {
    Event.Kind.CREATED: "Customer created",
    Event.Kind.LINKED: "Record linked",
    Event.Kind.UPDATED: "Record changed",
    Event.Kind.MERGED: "Customers merged",
    Event.Kind.SPLIT: "Customer split",
    Event.Kind.UNDONE: "Merge undone",
    Event.Kind.DELETED: "Customer deleted",
    Event.Kind.CANDIDATE_OPENED: "Candidate opened",
    Event.Kind.CANDIDATE_CLOSED: "Candidate closed",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the audit is asked for; None and empty: any. `before` is an event's id, from the page before."""

    by: str = ""
    kind: str = ""
    customer: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int = 0


def events(tenant: Tenant, wanted: Wanted) -> list[Event]:
    """PAGE of them and one more, newest first."""
    rows = _matching(Event.objects.filter(tenant=tenant), wanted)
    if wanted.by:
        return list(_by_blocks(rows, wanted.before)[: PAGE + 1])
    return list(rows.order_by("-id")[: PAGE + 1])


def _by_blocks(rows: QuerySet[Event], before: int) -> QuerySet[Event]:
    """Newest first, in the words of the index of actors, which knows blocks of ids."""
    block = F("id") / EVENT_BLOCK
    if before:
        rows = rows.filter(LessThanOrEqual(block, before // EVENT_BLOCK))
    return rows.order_by(block.desc(), "-id")


def _matching(rows: QuerySet[Event], wanted: Wanted) -> QuerySet[Event]:
    asked = {
        "by": wanted.by,
        "kind": wanted.kind,
        "customer_id": wanted.customer,
        "at__gte": wanted.since,
        "at__lt": wanted.until,
        "id__lt": wanted.before,
    }
    return rows.filter(**{name: value for name, value in asked.items() if value})


@dataclass(frozen=True, slots=True)
class Deed:
    """Something an administrator did."""

    at: datetime
    by: str
    what: str


def administration(tenant: Tenant) -> Sequence[Deed]:
    """The latest, newest first."""
    deeds = [*_about_sources(tenant), *_about_keys(tenant), *_about_models(tenant)]
    return sorted(deeds, key=lambda deed: deed.at, reverse=True)[: 2 * MOST_OF_A_KIND]


def _about_sources(tenant: Tenant) -> Iterator[Deed]:
    for system in SourceSystem.objects.of(tenant).order_by("-pk")[:MOST_OF_A_KIND]:
        yield Deed(system.created_at, system.created_by, f"Source {system.name} registered")
        if system.updated_at:
            yield Deed(system.updated_at, system.updated_by or "", f"Source {system.name} changed")
        if system.deleted_at:
            yield Deed(system.deleted_at, system.deleted_by or "", f"Source {system.name} retired")


def _about_keys(tenant: Tenant) -> Iterator[Deed]:
    for key in ApiKey.objects.filter(tenant=tenant).order_by("-pk")[:MOST_OF_A_KIND]:
        yield Deed(key.created_at, key.created_by, f"API key {key.name} made, for {', '.join(key.scopes)}")
        if key.revoked_at:
            yield Deed(key.revoked_at, key.revoked_by or "", f"API key {key.name} revoked")


def _about_models(tenant: Tenant) -> Iterator[Deed]:
    for model in MatchModel.objects.filter(tenant=tenant).order_by("-pk").defer("definition")[:MOST_OF_A_KIND]:
        yield Deed(model.created_at, model.created_by, f"Model version {model.version} made: {model.reason}")

"""Who did what to which customer, newest first, from the event feed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, QuerySet
from django.db.models.lookups import LessThanOrEqual

from contacts.models import EVENT_BLOCK, Event
from sources.models import Tenant

PAGE = 50
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

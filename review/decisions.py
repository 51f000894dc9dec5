"""The journal of what people said of candidates."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import QuerySet

from contacts import clock
from contacts.history import Chronicle
from matching.models import CandidatePair
from review.models import Decision
from sources.models import Tenant

RECENT = timedelta(minutes=15)


def record(
    kind: Decision.Kind, pair: CandidatePair, *, chronicle: Chronicle, merge_id: int | None = None, note: str = ""
) -> Decision:
    """Part of the verb that carries the decision out."""
    return Decision.objects.create(
        tenant=chronicle.tenant,
        kind=kind,
        contact_id=pair.contact_id,
        pair=pair,
        merge_id=merge_id,
        note=note,
        by=chronicle.by,
        at=chronicle.at,
    )


def take_back(rows: QuerySet[Decision], *, chronicle: Chronicle) -> None:
    """Mark those of the rows that still stand as undone."""
    standing(rows).update(undone_by=chronicle.by, undone_at=chronicle.at)


def latest(tenant: Tenant, *, by: str) -> QuerySet[Decision]:
    """What somebody decided, newest first, with the records and candidates it was about."""
    rows = Decision.objects.filter(tenant=tenant, by=by)
    return rows.select_related("contact__source", "pair__customer").order_by("-pk")


def in_a_day(rows: QuerySet[Decision]) -> int:
    """How many of these decisions are of the last 24 hours and stand."""
    return standing(rows).filter(at__gt=clock.now() - timedelta(days=1)).order_by().count()


def is_recent(decision: Decision) -> bool:
    """Whether it may be taken back at once, unasked: nobody has forgotten yet what it was."""
    return clock.now() - decision.at < RECENT


def standing(rows: QuerySet[Decision]) -> QuerySet[Decision]:
    """Those that have not been taken back."""
    return rows.filter(undone_at=None)

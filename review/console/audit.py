"""Who did what: the events of the tenant's customers, narrowed by actor, kind, time and customer."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from contacts.models import Event
from review import audit
from review.console.pages import SeatedRequest, page
from sources.reading import as_id


@require_safe
@page(admin=True)
def show(request: SeatedRequest) -> HttpResponse:
    asked = request.GET
    wanted = _wanted(asked)
    rows = audit.events(request.seat.tenant, wanted)
    kept = asked.copy()
    if len(rows) > audit.PAGE:
        kept["before"] = str(rows[audit.PAGE - 1].pk)
    context = {
        "events": [(event, audit.KIND_WORDS[Event.Kind(event.kind)], _details(event)) for event in rows[: audit.PAGE]],
        "asked": asked,
        "narrowed": any(asked.get(name) for name in ("by", "kind", "customer", "since", "until")),
        "kinds": audit.KIND_WORDS.items(),
        "older": kept.urlencode() if len(rows) > audit.PAGE else "",
    }
    return render(request, "console/audit.html", context)


def _wanted(asked: QueryDict) -> audit.Wanted:
    """Words that make no sense count for nothing; a customer that is no id is nobody's."""
    kind, (since, until) = asked.get("kind", ""), days(asked)
    before = as_id(asked.get("before", ""))
    return audit.Wanted(
        by=asked.get("by", "").replace("\0", "").strip(),
        kind=kind if kind in Event.Kind.values else "",
        customer=_customer(asked.get("customer", "").strip()),
        since=since,
        until=until,
        before=max(before, 0),
    )


def _customer(text: str) -> UUID | None:
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=1)


def days(asked: QueryDict) -> tuple[datetime | None, datetime | None]:
    """The beginning of the first day asked for, and the end of the last, in the reader's zone; None where none is."""
    since, until = _day(asked.get("since", "")), _day(asked.get("until", ""))
    return since, until + timedelta(days=1) if until else None


def _day(text: str) -> datetime | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return datetime.combine(day, time(), timezone.get_current_timezone()) if 1970 <= day.year <= 9000 else None


def _details(event: Event) -> str:
    """The ids in an event's body, but for the long lists of membership."""
    body = event.body
    said = [("record", body.get("contact")), ("merge", body.get("merge")), ("split", body.get("split"))]
    told = [f"{word} {value}" for word, value in said if value is not None]
    return ", ".join([*told, *([str(body["status"])] if "status" in body else [])])

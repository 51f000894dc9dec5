"""Who changed how the registry works, from what to what: the journal of administration."""

from __future__ import annotations

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe

from review import deeds
from review.console.audit import days
from review.console.pages import SeatedRequest, page
from sources.deeds import ChangedMeanwhile
from sources.models import Deed
from sources.reading import as_id

NARROWING = ("by", "kind", "door", "name", "since", "until")


@require_safe
@page(admin=True)
def show(request: SeatedRequest) -> HttpResponse:
    asked = request.GET
    rows = deeds.deeds(request.seat.tenant, _wanted(asked))
    kept = asked.copy()
    if len(rows) > deeds.PAGE:
        kept["before"] = str(rows[deeds.PAGE - 1].pk)
    context = {
        "deeds": [told(deed) for deed in rows[: deeds.PAGE]],
        "asked": asked,
        "narrowed": any(asked.get(name) for name in NARROWING),
        "kinds": deeds.KIND_WORDS.items(),
        "doors": deeds.DOOR_WORDS.items(),
        "older": kept.urlencode() if len(rows) > deeds.PAGE else "",
    }
    return render(request, "console/audit_administration.html", context)


def told(deed: Deed) -> dict[str, object]:
    """A deed as a page shows it."""
    return {
        "deed": deed,
        "what": deeds.sentence(deed),
        "door": deeds.DOOR_WORDS[Deed.Door(deed.door)],
        "differences": deeds.differences(deed),
    }


def seen(form: QueryDict) -> int | None:
    """The deed that a form of settings was filled in after; None where it does not say."""
    return as_id(form["seen"]) if "seen" in form else None


def told_meanwhile(kind: Deed.Kind, pk: int, refusal: ChangedMeanwhile) -> dict[str, object]:
    """What was done to it since a form was filled in, for that form: saved again, it is filled in after that."""
    done = list(deeds.since(kind, pk, refusal.seen))
    return {"seen": done[-1].pk if done else refusal.seen, "meanwhile": [told(deed) for deed in done]}


def _wanted(asked: QueryDict) -> deeds.Wanted:
    """Words that make no sense count for nothing."""
    kind, door = asked.get("kind", ""), asked.get("door", "")
    since, until = days(asked)
    return deeds.Wanted(
        by=asked.get("by", "").replace("\0", "").strip(),
        kind=kind if kind in Deed.Kind.values else "",
        door=door if door in Deed.Door.values else "",
        name=asked.get("name", "").replace("\0", "").strip(),
        since=since,
        until=until,
        before=max(as_id(asked.get("before", "")), 0),
    )

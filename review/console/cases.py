"""The Compare page: one incoming record beside its candidates, and what is decided there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.errors import Invalid, NotFound, Stale
from contacts.normalisation.dates import parse_instant
from matching.models import CandidatePair, Merge
from review import claims, decisions, reconsidering, verdicts
from review.console import ahead, histories
from review.console.access import Seat
from review.console.case import Case, read_case, record_of
from review.console.filters import Filters
from review.console.labels import full_name
from review.console.pages import SeatedRequest, page
from review.console.places import place_of
from review.console.queue import claim_following, following, last_decision, neighbours, to_case
from review.models import Decision
from review.verdicts import Seen
from sources.reading import as_id

DECISIONS = 50
DOUBTS = ("Too little to go by", "The source has to be asked", "Somebody else should look")


@require_safe
@page()
def show_case(request: SeatedRequest, contact_id: int) -> HttpResponse:
    asked = request.GET.get("candidate", "")
    pair_id = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else None
    case = read_case(request.seat, contact_id, pair_id=pair_id, as_sent=request.GET.get("values") == "sent")
    state = ahead.state_of(case, Filters.read(request.GET, request.seat).query)
    held = ahead.is_held(request, state)
    # A page that is fetched in advance may never be shown: messages wait for one that is.
    more: dict[str, Any] = {"messages": []} if held or ahead.is_asked(request) else {}
    response = _render(request, case, template="case_held" if held else "case", **more)
    response.headers[ahead.HELD if held else ahead.STATE] = state
    return response


def _render(
    request: SeatedRequest, case: Case, *, status: int = 200, template: str = "case", **more: Any
) -> HttpResponse:
    asked = Filters.read(request.GET, request.seat)
    place = case.candidates[0] if case.candidates else case.pair
    before, after = neighbours(request.seat, asked, place)
    context = {
        "case": case,
        "asked": asked,
        "previous": before[0] if before else None,
        "next": after[0] if after else None,
        **({} if ahead.is_asked(request) else _whereabouts(request.seat, asked, place, case)),
        "doubts": DOUBTS,
        **last_decision(request.seat),
        "decided": _decided(case),
        **more,
    }
    response = render(request, f"console/{template}.html", context, status=status)
    if request.method == "POST":
        # A verdict that was not carried out is answered with the page: its address is the page's, not the form's.
        response.headers["HX-Push-Url"] = reverse("console:queue-case", args=[case.contact.pk]) + asked.query
    return response


def _whereabouts(seat: Seat, asked: Filters, pair: CandidatePair, case: Case) -> dict[str, object]:
    """Where in the queue this is, and what a verdict leads to; of no use to a page that is only fetched in advance."""
    return {
        "place": place_of(seat, asked, pair) if case.is_open else None,
        "following": _another(following(seat, asked, after=pair), case),
    }


def _another(pair: CandidatePair | None, case: Case) -> CandidatePair | None:
    return None if pair is None or pair.contact_id == case.contact.pk else pair


def _decided(case: Case) -> Decision | None:
    """What was said of the candidate in view, where it no longer waits."""
    said = Decision.objects.filter(pair=case.pair, undone_at=None).exclude(kind=Decision.Kind.DEFERRED)
    return None if case.is_open else said.order_by("-pk").first()


@dataclass(frozen=True, slots=True)
class Form:
    """What a verdict's form carries: the state of both sides as it was read, and when that was."""

    customer_id: UUID
    seen: Seen
    read_at: datetime

    @classmethod
    def read(cls, posted: Mapping[str, str]) -> Form:
        """Raises Invalid for what this console did not write."""
        try:
            seen = Seen(int(posted["version"]), UUID(posted["candidate"]), int(posted["candidate_version"]))
            read_at = parse_instant(posted["read_at"])
            customer_id = UUID(posted["customer"])
        except (KeyError, ValueError) as error:
            raise Invalid("The form is incomplete: load the page again") from error
        return cls(customer_id, seen, read_at)


@require_POST
@page()
def decide(request: SeatedRequest, contact_id: int, pair_id: int) -> HttpResponse:
    """Carry out a verdict and go on to the next record; a stale one is told and not carried out."""
    seat, form = request.seat, Form.read(request.POST.dict())
    case = read_case(seat, contact_id, pair_id=pair_id)
    claim = case.held_by_another
    if claim is not None:
        return _render(request, case, status=409, refusal=f"{claim.by} is at work on this record.")
    asked = Filters.read(request.GET, seat)
    try:
        _carry_out(request.POST.get("verdict", ""), case, form, note=_note(request.POST))
    except (NotFound, Stale, verdicts.CandidateAlreadyReviewed) as error:
        return _stale(request, contact_id, pair_id, form, str(error))
    claims.release(contact_id, tenant=seat.tenant, by=seat.name)
    return _onwards(request, case, asked)


def _carry_out(verdict: str, case: Case, form: Form, *, note: str) -> None:
    seat = case.seat
    about: dict[str, Any] = {
        "customer_id": form.customer_id,
        "alias_id": case.contact.pk,
        "candidate_id": case.pair.pk,
        "tenant": seat.tenant,
        "by": seat.name,
        "seen": form.seen,
    }
    match verdict:
        case Decision.Kind.APPROVED:
            verdicts.approve(**about)
        case Decision.Kind.REJECTED:
            verdicts.reject(**about)
        case Decision.Kind.DEFERRED:
            reconsidering.defer(case.pair.pk, note=note, tenant=seat.tenant, by=seat.name)
        case _:
            raise Invalid("No verdict was chosen")


def _note(posted: QueryDict) -> str:
    return " — ".join(part for part in (posted.get("doubt", ""), posted.get("note", "").strip()) if part)


def _onwards(request: SeatedRequest, case: Case, asked: Filters) -> HttpResponse:
    """After a rejection the record's next candidate, after everything else the next record."""
    if request.POST.get("verdict") == Decision.Kind.REJECTED and len(case.candidates) > 1:
        claims.take(case.contact.pk, tenant=request.seat.tenant, by=request.seat.name)
        return redirect(reverse("console:queue-case", args=[case.contact.pk]) + asked.query)
    following = claim_following(request.seat, asked, after=case.candidates[0] if case.candidates else case.pair)
    return to_case(following, asked)


def _stale(request: SeatedRequest, contact_id: int, pair_id: int, form: Form, reason: str) -> HttpResponse:
    """The page as it is now, with what has changed since it was read."""
    case = read_case(request.seat, contact_id, pair_id=pair_id)
    sides = {
        form.customer_id: "Incoming",
        case.contact.customer_id: "Incoming",
        form.seen.candidate_id: "Candidate",
        case.pair.customer_id: "Candidate",
    }
    changes = histories.happenings(sides, since=form.read_at)
    refusal = f"{reason}." if case.is_open else "this candidate no longer waits."
    return _render(request, case, status=409, refusal=refusal, changes=changes)


@require_POST
@page()
def claim(request: SeatedRequest, contact_id: int) -> HttpResponse:
    """Take a record, take it over, or give it back."""
    seat = request.seat
    record_of(seat, contact_id)
    if request.POST.get("claim") == "release":
        claims.release(contact_id, tenant=seat.tenant, by=seat.name)
    else:
        claims.take(contact_id, tenant=seat.tenant, by=seat.name, from_others=request.POST.get("claim") == "over")
    return redirect(reverse("console:queue-case", args=[contact_id]) + Filters.read(request.GET, seat).query)


@require_http_methods(["GET", "HEAD", "POST"])
@page()
def undo(request: SeatedRequest, decision_id: int) -> HttpResponse:
    """Take a decision back and show the record it was about.

    Asks first, unless it was confirmed, or is recent and, where it was the key for the last one (`last`), still that.
    """
    decision = _own(request.seat, decision_id)
    if request.method != "POST" or not (request.POST.get("confirmed") or _at_once(request, decision)):
        return _asked_first(request, decision)
    reconsidering.take_back(decision_id, tenant=request.seat.tenant, by=request.seat.name)
    messages.success(request, f"Taken back: “{decision.get_kind_display()}”. The record waits again.")
    query = Filters.read(request.GET, request.seat).query
    return redirect(reverse("console:queue-case", args=[decision.contact_id]) + query)


def _at_once(request: SeatedRequest, decision: Decision) -> bool:
    if "last" not in request.POST:
        return decisions.is_recent(decision)
    latest = decisions.standing(request.seat.decisions()).first()
    return decisions.is_recent(decision) and latest is not None and latest.pk == decision.pk


def _asked_first(request: SeatedRequest, decision: Decision) -> HttpResponse:
    """What was decided, and what taking it back does."""
    if decision.undone_at is not None:
        raise reconsidering.AlreadyTakenBack
    moved = Merge.objects.filter(pk=decision.merge_id or 0).values_list("contacts", flat=True).first()
    context = {
        "decision": decision,
        "incoming": full_name(decision.contact.facts),
        "candidate": full_name(decision.pair.customer.facts),
        "moved": len(moved or ()),
        "asked": Filters.read(request.GET, request.seat),
    }
    return render(request, "console/undo_decision.html", context)


def _own(seat: Seat, decision_id: int) -> Decision:
    """A decision about a record that this seat may see. Raises DecisionNotFound, Http404."""
    rows = Decision.objects.filter(tenant=seat.tenant, pk=decision_id)
    decision = rows.select_related("contact__source", "pair__customer").first()
    if decision is None:
        raise reconsidering.DecisionNotFound
    record_of(seat, decision.contact_id)
    return decision


@require_safe
@page()
def show_decisions(request: SeatedRequest) -> HttpResponse:
    """What this seat decided, the last first, each with its way back."""
    before = as_id(request.GET.get("before", ""))
    found = request.seat.decisions()
    rows = list((found.filter(pk__lt=before) if before > 0 else found)[: DECISIONS + 1])
    context = {
        "decisions": [
            (row, full_name(row.contact.facts), full_name(row.pair.customer.facts), decisions.is_recent(row))
            for row in rows[:DECISIONS]
        ],
        "in_a_day": decisions.in_a_day(found),
        "earlier": rows[DECISIONS - 1].pk if len(rows) > DECISIONS else 0,
        "later": before > 0,
    }
    return render(request, "console/decisions.html", context)

"""One verdict on many cases that are alike: shown in numbers first, carried out one by one, each can be taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from contacts import clock
from contacts.errors import DomainError, Invalid
from matching.models import CandidatePair
from review import verdicts
from review.console.access import Seat
from review.console.filters import Filters
from review.console.pages import SeatedRequest, page
from review.console.queue import PAGE, Row
from review.models import Decision
from review.queue import WaitingPairs
from review.verdicts import Seen

VERDICTS = {Decision.Kind.APPROVED.value: "Same person", Decision.Kind.REJECTED.value: "Not the same"}


@dataclass(frozen=True, slots=True)
class Ticked:
    """A case as it stood when the batch was shown, and as the form of its confirmation carries it."""

    contact_id: int
    pair_id: int
    customer_id: UUID
    seen: Seen

    @classmethod
    def of(cls, pair: CandidatePair) -> Self:
        seen = Seen(pair.contact.customer.version, pair.customer_id, pair.customer.version)
        return cls(pair.contact_id, pair.pk, pair.contact.customer_id, seen)

    @classmethod
    def read(cls, word: str) -> Self:
        """Raises Invalid for what this console did not write."""
        try:
            contact, pair, customer, version, candidate, candidate_version = word.split(":")
            seen = Seen(int(version), UUID(candidate), int(candidate_version))
            return cls(int(contact), int(pair), UUID(customer), seen)
        except ValueError as error:
            raise Invalid("The form is incomplete: load the page again") from error

    def __str__(self) -> str:
        seen = self.seen
        parts = (
            self.contact_id,
            self.pair_id,
            self.customer_id,
            seen.version,
            seen.candidate_id,
            seen.candidate_version,
        )
        return ":".join(str(part) for part in parts)


@require_POST
@page()
def decide_batch(request: SeatedRequest) -> HttpResponse:
    """What the verdict would do to the ticked cases; with `case` in the form, it is carried out."""
    verdict = request.POST.get("verdict", "")
    if verdict not in VERDICTS:
        raise Invalid("No verdict was chosen")
    if "case" in request.POST:
        return _carry_out(request, verdict)
    ids = [int(word) for word in request.POST.getlist("pair") if word.isascii() and word.isdigit() and len(word) < 19]
    pairs = list(_decidable(request.seat, ids))
    if not pairs:
        raise Invalid("None of the ticked cases waits any more, or none was ticked")
    context = {
        "asked": Filters.read(request.GET, request.seat),
        "verdict": verdict,
        "words": VERDICTS[verdict],
        "rows": [Row(pair, request.seat) for pair in pairs],
        "cases": [Ticked.of(pair) for pair in pairs],
        "approving": verdict == Decision.Kind.APPROVED,
    }
    response = render(request, "console/batch.html", context)
    response.headers["HX-Push-Url"] = "false"  # the address answers to forms only
    return response


def _decidable(seat: Seat, ids: Sequence[int]) -> WaitingPairs:
    """Those of the cases that this seat may decide on and nobody else is at work on."""
    free = seat.pairs().free_for(seat.name, at=clock.now()).filter(pk__in=ids)
    return free.with_company(clock.now()).select_related("contact__customer").order_by("-confidence", "pk")[:PAGE]


def _carry_out(request: SeatedRequest, verdict: str) -> HttpResponse:
    seat = request.seat
    ticked = [Ticked.read(word) for word in request.POST.getlist("case")[:PAGE]]
    allowed = {pair.pk for pair in _decidable(seat, [case.pair_id for case in ticked])}
    done = sum(case.pair_id in allowed and _decided(verdict, case, seat) for case in ticked)
    messages.success(request, f"{VERDICTS[verdict]}: {done} decided. Each can be taken back under “All my decisions”.")
    if left := len(ticked) - done:
        messages.warning(request, f"{left} had changed since they were shown and were left as they are.")
    return redirect(reverse("console:queue") + Filters.read(request.GET, seat).without("alike"))


def _decided(verdict: str, case: Ticked, seat: Seat) -> bool:
    verb = verdicts.approve if verdict == Decision.Kind.APPROVED else verdicts.reject
    try:
        verb(
            customer_id=case.customer_id,
            alias_id=case.contact_id,
            candidate_id=case.pair_id,
            tenant=seat.tenant,
            by=seat.name,
            seen=case.seen,
        )
    except DomainError:
        return False
    return True

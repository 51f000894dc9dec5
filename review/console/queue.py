"""The queue as a page: what waits for whoever looks, in the order and the part that the address asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from contacts import clock
from contacts.errors import Conflict
from matching.models import CandidatePair
from review import claims, decisions
from review.console import filters
from review.console.access import Seat
from review.console.batches import LOOKED_THROUGH, Batch, batches, difference_of
from review.console.filters import Filters
from review.console.labels import full_name, record_label
from review.console.pages import SeatedRequest, page
from review.console.places import place_of_page
from review.queue import WaitingPairs, in_figures

PAGE = 50
_UNLISTED = (
    "Records wait for those who are among the reviewers of their source. An administrator adds you to them, on the"
    " page of the source, by the e-mail of your account: {email}."
)
# A record whose claim somebody else is just taking is skipped; after so many the queue is simply busy.
TRIES = 5


@dataclass(frozen=True)
class Row:
    """A waiting record as the list shows it; `pair` carries the annotations of `WaitingPairs.with_company`."""

    pair: CandidatePair
    seat: Seat

    @property
    def incoming(self) -> str:
        return full_name(self.pair.contact.facts)

    @property
    def record(self) -> str:
        return record_label(self.pair.contact)

    @property
    def candidate(self) -> str:
        return full_name(self.pair.customer.facts)

    @property
    def difference(self) -> str:
        return difference_of(self.pair)

    @property
    def review(self) -> float:
        return 100 * float(self.pair.evidence["review_threshold"])

    @property
    def match(self) -> float:
        return 100 * float(self.pair.evidence["match_threshold"])

    @property
    def filled(self) -> float:
        return 100 * self.pair.confidence


@dataclass(frozen=True, slots=True)
class Option:
    """A choice of a filter: its address and whether it is in force."""

    value: str
    label: str
    chosen: bool


def _options(chosen: str, words: dict[str, str]) -> list[Option]:
    return [Option(value, label, value == chosen) for value, label in words.items()]


def selects(asked: Filters) -> list[tuple[str, str, list[Option]]]:
    """The filters as a form: name, what it is called, its choices."""
    return [
        ("source", "Source", _options(asked.source, {"": "all sources", **asked.sources})),
        ("band", "Score", _options(asked.band, {"": "any score", **_labels(filters.BANDS)})),
        ("age", "Age", _options(asked.age, {"": "any age", **_labels(filters.AGES)})),
        ("claimed", "Claims", _options(asked.claimed, {"": "claimed or not", **filters.CLAIMS})),
        ("reason", "Reason", _options(asked.reason, {"": "any reason", **_labels(filters.REASONS)})),
        ("sort", "Order", _options(asked.sort, _labels(filters.SORTS))),
    ]


def _labels(words: object) -> dict[str, str]:
    return {value: told[0] for value, told in dict(words).items()}  # type: ignore[call-overload]


def views(asked: Filters, seat: Seat, at: datetime) -> list[tuple[str, str, bool, str]]:
    """The parts of the queue as tabs: address, name, whether it is in view, how many."""
    figures = {view: in_figures(Filters(view=view).pairs(seat, at=at).counted()) for view in filters.VIEWS if view}
    return [
        (asked.without("view", "alike", view=view), label, view == asked.view, figures.get(view, seat.waiting))
        for view, label in filters.VIEWS.items()
    ]


@require_safe
@page()
def show_queue(request: SeatedRequest) -> HttpResponse:
    seat, at = request.seat, clock.now()
    asked = Filters.read(request.GET, seat)
    pairs = asked.pairs(seat, at=at)
    if place := _place(request.GET.get("after", ""), seat):
        pairs = pairs.beyond(place, asked.order)
    shown = list(pairs.in_order(asked.order).with_company(at)[: PAGE + 1])
    context = {
        "asked": asked,
        "rows": [Row(pair, seat) for pair in shown[:PAGE]],
        "further": shown[PAGE - 1].pk if len(shown) > PAGE else None,
        "first_page": place is None,
        "place": place_of_page(seat, asked, shown[:PAGE], first_page=place is None),
        "views": views(asked, seat, at),
        "unlisted": _UNLISTED.format(email=seat.user.email or "it has none yet"),
        "selects": selects(asked),
        "batches": [] if place or asked.alike or not shown else _batches(pairs, asked),
        **last_decision(seat),
    }
    return render(request, "console/queue.html", context)


def last_decision(seat: Seat) -> dict[str, object]:
    """The last decision of this seat that stands, and whether one key takes it back."""
    latest = decisions.standing(seat.decisions()).first()
    return {"latest": latest, "recent": latest is not None and decisions.is_recent(latest)}


def _batches(pairs: WaitingPairs, asked: Filters) -> list[Batch]:
    return batches(pairs.in_order(asked.order).only("pk", "evidence")[:LOOKED_THROUGH], asked)


def _place(word: str, seat: Seat) -> CandidatePair | None:
    if not (word.isascii() and word.isdigit() and len(word) < 19):
        return None
    return CandidatePair.objects.filter(tenant=seat.tenant, pk=int(word)).first()


def following(seat: Seat, asked: Filters, *, after: CandidatePair | None) -> CandidatePair | None:
    """The next record that waits for this seat and nobody else has claimed; behind the last one comes the first."""
    free = asked.pairs(seat).free_for(seat.name, at=clock.now()).in_order(asked.order)
    if after is not None:
        beyond = free.exclude(contact=after.contact_id).beyond(after, asked.order).first()
        if beyond is not None:
            return beyond
    return free.first()


def claim_following(seat: Seat, asked: Filters, *, after: CandidatePair | None) -> CandidatePair | None:
    """Claim the next one for this seat; None where nothing waits."""
    for _ in range(TRIES):
        pair = following(seat, asked, after=after)
        if pair is None:
            return None
        try:
            claims.take(pair.contact_id, tenant=seat.tenant, by=seat.name)
        except Conflict:
            continue
        return pair
    return None


@require_POST
@page()
def begin(request: SeatedRequest) -> HttpResponse:
    """Claim the first record that waits and open it."""
    asked = Filters.read(request.GET, request.seat)
    return to_case(claim_following(request.seat, asked, after=None), asked)


def to_case(pair: CandidatePair | None, asked: Filters) -> HttpResponse:
    """To a record's page, or to the queue where there is none."""
    if pair is None:
        return redirect(reverse("console:queue") + asked.query)
    return redirect(reverse("console:queue-case", args=[pair.contact_id]) + asked.query)


def neighbours(
    seat: Seat, asked: Filters, pair: CandidatePair
) -> tuple[Sequence[CandidatePair], Sequence[CandidatePair]]:
    """The record before this one and the one after it, where there are any."""
    others = asked.pairs(seat).exclude(contact=pair.contact_id)
    before = others.filter(asked.order.before(pair)).order_by(*asked.order.backwards)[:1]
    return list(before), list(others.beyond(pair, asked.order).in_order(asked.order)[:1])

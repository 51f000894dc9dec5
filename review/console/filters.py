"""Which part of the queue is shown: read from the address and written back to it, so that it can be kept and sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from contacts import clock
from matching.model_definition import ADDRESS
from matching.models import CandidatePair
from review.console.access import Seat
from review.queue import BEST_FIRST, NEWEST_FIRST, OLDEST_FIRST, Order, WaitingPairs

VIEWS = {"": "Waiting", "mine": "Claimed by me", "put-off": "Put off"}
SORTS: Mapping[str, tuple[str, Order]] = {
    "": ("Best first", BEST_FIRST),
    "oldest": ("Oldest first", OLDEST_FIRST),
    "newest": ("Newest first", NEWEST_FIRST),
}
BANDS: Mapping[str, tuple[str, float, float]] = {
    "high": ("0.90 and above", 0.90, 2.0),
    "middle": ("0.80 to 0.90", 0.80, 0.90),
    "low": ("below 0.80", 0.0, 0.80),
}
AGES: Mapping[str, tuple[str, timedelta]] = {
    "day": ("older than a day", timedelta(days=1)),
    "week": ("older than a week", timedelta(weeks=1)),
    "month": ("older than a month", timedelta(days=30)),
}
CLAIMS = {"nobody": "claimed by nobody", "others": "claimed by others"}
REASONS: Mapping[str, tuple[str, Callable[[WaitingPairs], WaitingPairs]]] = {
    "tied": ("scores high enough, but is tied", WaitingPairs.tied),
    "first-name": ("first name differs", lambda pairs: pairs.differing_in("first_name")),
    "last-name": ("last name differs", lambda pairs: pairs.differing_in("last_name")),
    "email": ("e-mail differs", lambda pairs: pairs.differing_in("email")),
    "phone": ("phone differs", lambda pairs: pairs.differing_in("phone")),
    "address": ("address differs", lambda pairs: pairs.differing_in(ADDRESS)),
}


@dataclass(frozen=True)
class Filters:
    """What an address asks for. Words it does not know count for nothing: an old bookmark shows more, not an error."""

    view: str = ""
    source: str = ""
    band: str = ""
    age: str = ""
    claimed: str = ""
    reason: str = ""
    alike: str = ""
    imported: str = ""
    sort: str = ""
    sources: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, asked: Mapping[str, Any], seat: Seat) -> Filters:
        sources = {str(source.pk): source.name for source in seat.sources}
        known: dict[str, Mapping[str, Any]] = {
            "view": VIEWS,
            "source": sources,
            "band": BANDS,
            "age": AGES,
            "claimed": CLAIMS,
            "reason": REASONS,
            "sort": SORTS,
        }
        read = {name: word for name in known if (word := str(asked.get(name, ""))) in known[name]}
        ids = {name: _id(str(asked.get(name, ""))) for name in ("alike", "imported")}
        return cls(**read, **ids, sources=sources)

    @property
    def asked(self) -> dict[str, str]:
        names = ("view", "source", "band", "age", "claimed", "reason", "alike", "imported", "sort")
        return {name: word for name in names if (word := getattr(self, name))}

    @property
    def narrowing(self) -> bool:
        return bool(self.asked.keys() - {"view", "sort"})

    @property
    def query(self) -> str:
        """As an address has it, with the question mark; empty where nothing is asked."""
        return f"?{urlencode(self.asked)}" if self.asked else ""

    def without(self, *names: str, **instead: str) -> str:
        words = {name: word for name, word in {**self.asked, **instead}.items() if word and name not in names}
        return f"?{urlencode(words)}" if words else "?"

    @property
    def cleared(self) -> str:
        """The same part in the same order, with nothing left out."""
        return self.without("source", "band", "age", "claimed", "reason", "alike", "imported")

    @property
    def not_alike(self) -> str:
        return self.without("alike")

    @property
    def first_page(self) -> str:
        return self.without()

    @property
    def bare(self) -> str:
        """To put further words behind a question mark."""
        return urlencode(self.asked) + "&" if self.asked else ""

    @property
    def next_page(self) -> str:
        """To be ended by the id of the last record shown."""
        return f"?{self.bare}after="

    @property
    def order(self) -> Order:
        return SORTS[self.sort][1]

    def pairs(self, seat: Seat, *, at: datetime | None = None) -> WaitingPairs:
        """The seat's part of the queue that these filters let through, unordered."""
        at = at or clock.now()
        pairs = self._viewed(seat.pairs(), seat, at)
        if self.source:
            pairs = pairs.from_sources([int(self.source)])
        if self.band:
            pairs = pairs.scoring(*BANDS[self.band][1:])
        if self.age:
            pairs = pairs.filed_before(at - AGES[self.age][1])
        if self.imported:
            pairs = pairs.opened_by(int(self.imported))
        if self.reason:
            pairs = REASONS[self.reason][1](pairs)
        return self._alike(self._claimed(pairs, seat, at), seat)

    def _viewed(self, pairs: WaitingPairs, seat: Seat, at: datetime) -> WaitingPairs:
        if self.view == "mine":
            return pairs.claimed_by(seat.name, at=at)
        return pairs.put_off_by(seat.name) if self.view == "put-off" else pairs.not_put_off_by(seat.name)

    def _claimed(self, pairs: WaitingPairs, seat: Seat, at: datetime) -> WaitingPairs:
        if self.claimed == "nobody":
            return pairs.unclaimed(at=at)
        return pairs.claimed_by_others_than(seat.name, at=at) if self.claimed == "others" else pairs

    def _alike(self, pairs: WaitingPairs, seat: Seat) -> WaitingPairs:
        if not self.alike:
            return pairs
        example = CandidatePair.objects.filter(tenant=seat.tenant, pk=int(self.alike)).first()
        return pairs.alike(example) if example else pairs.none()


def _id(text: str) -> str:
    """Empty for what cannot be the id of a row."""
    return text if text.isascii() and text.isdigit() and len(text) < 19 else ""

"""Where in the queue somebody is: told exactly as far as it is counted, and beyond that as no more than it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matching.models import CandidatePair
from review.console.access import Seat
from review.console.filters import Filters
from review.queue import COUNTED

# A part of the queue is counted so far: of each record its evidence may have to be read, to know whether it belongs.
COUNTED_OF_A_PART = 200


@dataclass(frozen=True, slots=True)
class Place:
    """From the `first` to the `last` of `total` records; each counted up to `most` + 1, which means more."""

    first: int
    last: int
    total: int
    most: int = COUNTED

    @property
    def words(self) -> str:
        if self.first > self.most:
            return f"after the first {self.most:,}"
        here = f"{self.first:,}" if self.first == self.last else f"{self.first:,} to {self.last:,}"
        return f"{here} of {f'more than {self.most:,}' if self.total > self.most else f'{self.total:,}'}"


def place_of(seat: Seat, asked: Filters, pair: CandidatePair) -> Place | None:
    """The place of the record that this candidate leads; None where it is not in the part of the queue asked for."""
    up_to, most = asked.pairs(seat).up_to(pair, asked.order).in_order(asked.order), _most(asked)
    passed = list(up_to.values_list("pk", flat=True)[: most + 1])
    if len(passed) <= most and passed[-1:] != [pair.pk]:
        return None
    return Place(len(passed), len(passed), max(_counted(seat, asked), len(passed)), most)


def place_of_page(seat: Seat, asked: Filters, shown: Sequence[CandidatePair], *, first_page: bool) -> Place | None:
    """The place of some that follow one another; None where there are none."""
    if not shown:
        return None
    most = _most(asked)
    first = 1 if first_page else asked.pairs(seat).up_to(shown[0], asked.order).counted(asked.order, most)
    last = first + len(shown) - 1
    return Place(first, last, max(_counted(seat, asked), last), most)


def _most(asked: Filters) -> int:
    return COUNTED_OF_A_PART if asked.narrowing else COUNTED


def _counted(seat: Seat, asked: Filters) -> int:
    if not (asked.narrowing or asked.view):
        return seat.counted
    return asked.pairs(seat).counted(asked.order, _most(asked))

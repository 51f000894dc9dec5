"""The evidence as a waterfall: every field moves the sum of bits, from its start to the total. Pure, and draws nothing.

One axis serves all rows: from the lowest sum that these fields allow to the highest. On it the total's place is the
normalised score itself, so that the two thresholds can be drawn as lines through all rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from matching.evidence import Evidence

THINNEST = 0.6


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of the axis, in percent of its length; `kind` is for, against, neutral or sum."""

    x: float
    width: float
    kind: str


@dataclass(frozen=True, slots=True)
class Axis:
    """`low` and `high` are bits."""

    low: float
    high: float

    def place(self, bits: float) -> float:
        """In percent."""
        return round(100 * (bits - self.low) / (self.high - self.low), 2) if self.high > self.low else 0.0

    def bar(self, start: float, end: float, kind: str) -> Bar:
        left, right = sorted((self.place(start), self.place(end)))
        return Bar(min(left, 100 - THINNEST), max(round(right - left, 2), THINNEST), kind)


@dataclass(frozen=True, slots=True)
class Waterfall:
    """`bars` in the order of the evidence's fields; thresholds in percent of the axis."""

    bars: tuple[Bar, ...]
    start: Bar
    total: Bar
    review: float
    match: float


def waterfall(evidence: Evidence) -> Waterfall:
    axis = Axis(evidence.minimum, evidence.maximum)
    return Waterfall(
        bars=tuple(_falls(evidence, axis)),
        start=axis.bar(0, 0, "neutral"),
        total=axis.bar(evidence.minimum, evidence.total, "sum"),
        review=round(100 * evidence.review_threshold, 2),
        match=round(100 * evidence.match_threshold, 2),
    )


def _falls(evidence: Evidence, axis: Axis) -> Iterator[Bar]:
    at = 0.0
    for field in evidence.fields:
        weight = field.weight or 0.0
        kind = "neutral" if field.weight is None else "for" if weight > 0 else "against"
        yield axis.bar(at, at + weight, kind)
        at += weight

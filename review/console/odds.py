"""The evidence on the scale of odds: from the odds before anything was compared to those after. Pure, draws nothing.

A match weight is log2 of how many times likelier the comparison comes out so for one person than for two (Fellegi &
Sunter 1969). Before anything is compared, a record and a customer picked at random are one person about once in as many
times as there are customers. Weights add up, and the sum is the odds, in bits: 0 is even, +1 two to one, -1 one to two.
What one side lacks says nothing here; on the normalised scale, by which a model decides, it counts as disagreement.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import log2

from matching.evidence import AGREES, DISAGREES, Evidence
from review.console.labels import field_label
from review.console.waterfall import Axis, Bar

# Odds beyond this many times are told as "more than": nobody believes a model to the last digit.
MOST_TIMES = 1_000_000


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was compared: its bits, the sum after it, and its stretch of the axis."""

    label: str
    bits: float
    sum: float
    bar: Bar


@dataclass(frozen=True, slots=True)
class Odds:
    """`prior` and `total` in bits; `even` is the place of even odds on the axis, in percent."""

    customers: int
    prior: Step
    steps: tuple[Step, ...]
    total: Step
    even: float

    @property
    def probability(self) -> float:
        """That both are one person, 0 to 1."""
        return 1 / (1 + 2.0**-self.total.sum)

    @property
    def words(self) -> str:
        beyond = abs(self.total.sum) > log2(MOST_TIMES)
        times = MOST_TIMES if beyond else 2.0 ** abs(self.total.sum)
        if times < 1.5:
            return "about as likely one person as two"
        told = f"{'more than ' if beyond else ''}{times:,.0f}"
        return f"{told} times likelier {'one person than two' if self.total.sum > 0 else 'two people than one'}"


def odds(evidence: Evidence, *, customers: int) -> Odds:
    """`customers`: how many there are to take the record for, about."""
    prior = -log2(max(customers, 2))
    weights = [
        (field_label(field.field), field.weight if field.level in (AGREES, DISAGREES) and field.weight else 0.0)
        for field in evidence.fields
    ]
    sums = [prior, *_sums(prior, [weight for _, weight in weights])]
    axis = Axis(min(0.0, *sums), max(0.0, *sums))
    steps = tuple(
        Step(label, weight, after, axis.bar(before, after, _kind(weight)))
        for (label, weight), before, after in zip(weights, sums, sums[1:], strict=False)
    )
    return Odds(
        customers=customers,
        prior=Step("Before anything is compared", prior, prior, axis.bar(0, prior, "sum")),
        steps=steps,
        total=Step("Total", sums[-1] - prior, sums[-1], axis.bar(0, sums[-1], "sum")),
        even=axis.place(0),
    )


def _sums(start: float, weights: list[float]) -> Iterator[float]:
    for weight in weights:
        start += weight
        yield start


def _kind(weight: float) -> str:
    return "for" if weight > 0 else "against" if weight < 0 else "neutral"

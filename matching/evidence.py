"""Why a pair scored what it scored: kept with every link and candidate, shown to people. Pure: no Django."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

AGREES = "agrees"
DISAGREES = "disagrees"
ONE_MISSING = "one side missing"
BOTH_MISSING = "both missing"


class FieldEvidence(NamedTuple):
    """One field of a pair: the two values as stored, their similarity in 0..1, and the bits it put on the scale.

    `similarity` is None where a side is missing, `weight` where both are. `identifying` says that both sides had a
    value and that it can tell people apart.
    """

    field: str
    label: str
    incoming: str
    existing: str
    similarity: float | None
    level: str
    weight: float | None
    identifying: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """The evidence of a whole pair. `total`, `minimum` and `maximum` are sums of weights in bits; `score` is 0..1.

    Self-contained: it carries the thresholds of the model it was weighed under, so that it can be read years later.
    """

    fields: tuple[FieldEvidence, ...]
    total: float
    minimum: float
    maximum: float
    score: float
    scale: str
    match_threshold: float
    review_threshold: float

    def to_dict(self) -> dict[str, Any]:
        # By hand: dataclasses.asdict copies deeply, which takes longer than the comparison itself.
        told = {name: getattr(self, name) for name in self.__slots__}
        told["fields"] = [field._asdict() for field in self.fields]
        return told

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Evidence:
        return cls(**{**stored, "fields": tuple(FieldEvidence(**field) for field in stored["fields"])})

    def sentence(self) -> str:
        """The evidence in words, for a steward."""
        return f"{_compared(self.fields)}. {self._standing()}"

    def _standing(self) -> str:
        digits = max(2, _decimals(self.match_threshold), _decimals(self.review_threshold))
        scored = f"Scores {_truncated(self.score, digits)}:"
        match, review = (f"{t:.{max(2, _decimals(t))}f}" for t in (self.match_threshold, self.review_threshold))
        if self.score >= self.match_threshold:
            return f"{scored} at or above {match}, enough for an automatic link."
        if self.score >= self.review_threshold:
            return f"{scored} above the review threshold {review}, below {match} for an automatic link."
        return f"{scored} below the review threshold {review}."


def _compared(fields: Sequence[FieldEvidence]) -> str:
    same = [field.label for field in fields if field.level == AGREES and field.similarity == 1.0]
    similar = [field.label for field in fields if field.level == AGREES and field.similarity != 1.0]
    differing = [field.label for field in fields if field.level == DISAGREES]
    lacking = [field.label for field in fields if field.level == ONE_MISSING]
    clauses = [
        f"same {_listed(same)}" if same else "",
        f"similar {_listed(similar)}" if similar else "",
        f"the {_listed(differing)} {'differs' if len(differing) == 1 else 'differ'}" if differing else "",
        f"only one side has {_listed(lacking, article=True)}" if lacking else "",
    ]
    told = "; ".join(clause for clause in clauses if clause) or "nothing to compare"
    return told[0].upper() + told[1:]


def _listed(labels: Sequence[str], *, article: bool = False) -> str:
    named = [f"{'an' if label[0] in 'aeiou' else 'a'} {label}" for label in labels] if article else list(labels)
    return " and ".join(part for part in (", ".join(named[:-1]), named[-1]) if part)


def _decimals(figure: float) -> int:
    return len(f"{figure:g}".partition(".")[2])


def _truncated(figure: float, digits: int) -> str:
    """Cut, not rounded: 0.9499 must not read 0.95 beside a threshold of 0.95 that it missed."""
    scale = 10**digits
    return f"{math.floor(round(figure * scale, 6)) / scale:.{digits}f}"

"""Comparing two sets of facts under a model: the score alone, fast, or the score with its evidence. Pure: no Django.

Fellegi & Sunter (1969) on the normalised scale: a field missing on both sides is skipped, a field missing on one side
counts as disagreement, and the score is (total - minimum) / (maximum - minimum), where the minimum is the sum of all
disagreement weights and the maximum the sum of all agreement weights of the fields that count. Nothing to compare
scores 0. Upper and lower case are the same.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from contacts.normalisation.similarity import jaro_winkler
from contacts.record import Facts
from matching.evidence import AGREES, BOTH_MISSING, DISAGREES, ONE_MISSING, Evidence, FieldEvidence
from matching.model_definition import ADDRESS, Comparison, ModelDefinition, value_reader

# Against the rounding of sums of weights: a pair exactly at the floor must not be lost.
_ROUNDING = 1e-9


class _Compiled(NamedTuple):
    """A comparison with everything looked up that does not depend on the pair. `bit` stands for it among others."""

    comparison: Comparison
    read: Callable[[Facts], str]
    exact: bool
    threshold: float
    agreement: float
    disagreement: float
    bit: int


@lru_cache(maxsize=64)
def _compiled(model: ModelDefinition) -> tuple[_Compiled, ...]:
    return tuple(
        _Compiled(c, value_reader(c.field), c.exact, c.threshold, c.agreement_weight, c.disagreement_weight, 1 << place)
        for place, c in enumerate(model.comparisons)
    )


@lru_cache(maxsize=64)
def _quickest_first(model: ModelDefinition) -> tuple[_Compiled, ...]:
    """Equality is told in a moment, a similarity is not; and what weighs most may tell that the rest is of no use."""
    return tuple(sorted(_compiled(model), key=lambda each: (not each.exact, each.disagreement - each.agreement)))


def score(model: ModelDefinition, incoming: Facts, existing: Facts) -> float:
    """The number `compare` would give, to the last bit, without the evidence. Symmetric; 0..1."""
    return scorer(model, incoming)(existing)


def scorer(model: ModelDefinition, incoming: Facts, *, floor: float = 0.0) -> Callable[[Facts], float]:
    """`score` of one record with many: what it says is read once. Of those who stay below `floor` it tells 0."""
    said = [
        (left, left.casefold(), each.read, each.exact, each.threshold, each.agreement - each.disagreement, each.bit)
        for each in _quickest_first(model)
        for left in [each.read(incoming)]
    ]
    # In bits: what a pair may lose of all that there is, and still come to the floor.
    share = 1 - floor
    most = share * sum(span for *_, span, _ in said) + _ROUNDING

    def scored(existing: Facts) -> float:
        agreeing = either = 0
        left_to_lose = most
        for left, folded, read, exact, threshold, span, bit in said:
            right = read(existing)
            if left == right:
                if left:
                    agreeing |= bit
                    either |= bit
                else:
                    left_to_lose -= share * span
                continue
            either |= bit
            if left and right:
                other = right.casefold()
                if folded == other or (not exact and jaro_winkler(folded, other) >= threshold):
                    agreeing |= bit
                    continue
            left_to_lose -= span
            if left_to_lose < 0:
                return 0.0
        return _score_of(model, agreeing, either)

    return scored


@lru_cache(maxsize=4096)
def _score_of(model: ModelDefinition, agreeing: int, either: int) -> float:
    """Of a pair of which so many fields agree, and so many are there on either side: sets of bits."""
    total = minimum = maximum = 0.0
    for each in _compiled(model):
        if each.bit & either:
            maximum += each.agreement
            minimum += each.disagreement
            total += each.agreement if each.bit & agreeing else each.disagreement
    return _normalised(total, minimum, maximum)


def compare(model: ModelDefinition, incoming: Facts, existing: Facts) -> Evidence:
    """The score of a pair and, field by field, why."""
    fields = tuple(_field_evidence(compiled, incoming, existing) for compiled in _compiled(model))
    total = minimum = maximum = 0.0
    for compiled, field in zip(_compiled(model), fields, strict=True):
        if field.weight is not None:
            maximum += compiled.agreement
            minimum += compiled.disagreement
            total += field.weight
    return Evidence(
        fields=fields,
        total=total,
        minimum=minimum,
        maximum=maximum,
        score=_normalised(total, minimum, maximum),
        scale=model.scale,
        match_threshold=model.match_threshold,
        review_threshold=model.review_threshold,
    )


def identified(evidence: Evidence) -> bool:
    """Whether a value that can tell people apart (e-mail, phone, street address, unique attribute) was on both sides.

    A name alone identifies nobody: a pair for which this is false is never linked by a machine.
    """
    return any(field.identifying for field in evidence.fields)


def _normalised(total: float, minimum: float, maximum: float) -> float:
    return (total - minimum) / (maximum - minimum) if maximum > minimum else 0.0


def _similarity(exact: bool, left: str, right: str) -> float:
    if left == right:
        return 1.0
    left, right = left.casefold(), right.casefold()
    if left == right:
        return 1.0
    return 0.0 if exact else jaro_winkler(left, right)


def _field_evidence(compiled: _Compiled, incoming: Facts, existing: Facts) -> FieldEvidence:
    left, right = compiled.read(incoming), compiled.read(existing)
    similarity = _similarity(compiled.exact, left, right) if left and right else None
    level, weight = _judged(compiled, similarity, either=bool(left or right))
    identifying = similarity is not None and _identifying(compiled.comparison, incoming, existing)
    asked = compiled.comparison
    return FieldEvidence(asked.field, asked.label, left, right, similarity, level, weight, identifying)


def _judged(compiled: _Compiled, similarity: float | None, *, either: bool) -> tuple[str, float | None]:
    if similarity is None:
        return (ONE_MISSING, compiled.disagreement) if either else (BOTH_MISSING, None)
    if similarity >= compiled.threshold:
        return AGREES, compiled.agreement
    return DISAGREES, compiled.disagreement


def _identifying(comparison: Comparison, incoming: Facts, existing: Facts) -> bool:
    if comparison.field == ADDRESS:
        # A town or a state is shared by thousands: an address identifies only from the street on.
        return bool(incoming.street and existing.street)
    return comparison.identifying

"""A match model in Splink's words. Pure: no Django.

Splink sums match weights, log2(m / u) for each comparison, and starts from the prior odds that two records match; with
a prior of one half that start is 0 and its sum is the `total` of matching.comparison, in bits. The registry's score
puts the total on a scale from 0 to 1 by the fields that either side has, which is plain arithmetic on what Splink
answers (`score_sql`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from matching.model_definition import ADDRESS, Comparison, ModelDefinition
from matching.whole_registry.statements import compared_column

# The name of jaro_winkler (contacts.normalisation.similarity) in an engine's SQL.
SIMILARITY = "registry_jaro_winkler"
# Against the rounding of sums: a pair exactly at a threshold must not be lost to the last bit of a double.
ROUNDING = 1e-9
_EVEN_ODDS = 0.5

# SQL for whether two columns can reach a similarity (matching.whole_registry.engine.Engine.similar).
Similar = Callable[[str, str, float], str]

# Of the score, by which a pair is given a chance: more than all of its sums can be rounded by.
_SLACK = 1e-6


def splink_settings(model: ModelDefinition) -> dict[str, Any]:
    """Settings for splink.Linker; the pairs to score are registered with it, so it has no blocking rules of its own."""
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "statement",
        "probability_two_random_records_match": _EVEN_ODDS,
        "blocking_rules_to_generate_predictions": [],
        "comparisons": [_comparison(position, each) for position, each in enumerate(model.comparisons)],
        "retain_intermediate_calculation_columns": True,
        "retain_matching_columns": False,
    }


def _comparison(position: int, comparison: Comparison) -> dict[str, Any]:
    column = compared_column(position)
    return {
        "output_column_name": column,
        "comparison_description": comparison.label,
        "comparison_levels": [
            {
                "sql_condition": f"{column}_l IS NULL AND {column}_r IS NULL",
                "label_for_charts": "both missing",
                "is_null_level": True,
            },
            {
                "sql_condition": _agrees(column, comparison),
                "label_for_charts": "agrees",
                "m_probability": comparison.m,
                "u_probability": comparison.u,
            },
            {
                "sql_condition": "ELSE",
                "label_for_charts": "disagrees or one side missing",
                "m_probability": 1 - comparison.m,
                "u_probability": 1 - comparison.u,
            },
        ],
    }


def _agrees(column: str, comparison: Comparison) -> str:
    same = f"{column}_l = {column}_r"
    if comparison.exact:
        return same
    return f"{same} OR {SIMILARITY}({column}_l, {column}_r) >= {double(comparison.threshold)}"


def double(value: float) -> str:
    """A number in SQL, to the last bit: engines take bare ones for decimals."""
    return f"CAST('{value!r}' AS DOUBLE)"


def least_weight(model: ModelDefinition) -> float:
    """The fewest bits with which a pair, whatever fields it has, can reach the review threshold.

    A pair with the fields S needs the sum over S of (disagreement + threshold x span), which is least for the fields
    whose share is negative, or else for the one whose share is smallest.
    """
    shares = [each.disagreement_weight + model.review_threshold * each.span for each in model.comparisons]
    negative = [share for share in shares if share < 0]
    return (sum(negative) if negative else min(shares)) - ROUNDING


def score_sql(model: ModelDefinition) -> str:
    """The registry's score, 0 to 1, of a row that Splink answered."""
    minimum = [_if_either(position, each.disagreement_weight) for position, each in enumerate(model.comparisons)]
    span = [_if_either(position, each.span) for position, each in enumerate(model.comparisons)]
    return f"(match_weight - ({' + '.join(minimum)})) / ({' + '.join(span)})"


def _if_either(position: int, bits: float) -> str:
    # Agreement weighs more than 0 bits and disagreement less: 0 is Splink's weight of the null level.
    return f"CASE WHEN mw_{compared_column(position)} = 0 THEN {double(0.0)} ELSE {double(bits)} END"


def promising_sql(model: ModelDefinition, similar: Similar) -> str:
    """Whether the score of l and r can reach the review threshold, as far as `similar` can tell.

    On the scale from 0 to 1 a score is the spans of the fields that agree, over those of the fields that either has.
    Before that is summed up each similar field is asked for alone, and only if the others cannot do without it: most
    pairs fail at the first.
    """
    fields = [_Spans.of(position, each, similar) for position, each in enumerate(model.comparisons)]
    needed = f"{double(model.review_threshold - _SLACK)} * ({' + '.join(each.either for each in fields)})"
    conditions = [
        f"(({' + '.join(other.most for other in fields if other is not each)}) >= {needed} OR {each.agrees})"
        for each in fields
        if each.most != each.agreed and len(fields) > 1
    ]
    return " AND ".join([*conditions, f"{' + '.join(each.agreed for each in fields)} >= {needed}"])


class _Spans(NamedTuple):
    """Of a comparison, in SQL: whether l and r agree, what that is worth, at most worth, and can be worth to others."""

    agrees: str
    agreed: str
    most: str
    either: str

    @classmethod
    def of(cls, position: int, comparison: Comparison, similar: Similar) -> _Spans:
        left, right = (f"{side}.{compared_column(position)}" for side in ("l", "r"))
        same, span, none = f"{left} = {right}", double(comparison.span), double(0.0)
        alike = f"{same} OR {similar(left, right, comparison.threshold - ROUNDING)}"
        agrees = f"({same if comparison.exact else alike})"
        agreed = f"CASE WHEN {agrees} THEN {span} ELSE {none} END"
        on_both = f"CASE WHEN {left} IS NULL OR {right} IS NULL THEN {none} ELSE {span} END"
        either = f"CASE WHEN {left} IS NULL AND {right} IS NULL THEN {none} ELSE {span} END"
        return cls(agrees, agreed, agreed if comparison.exact else on_both, either)


def identified_sql(model: ModelDefinition) -> str:
    """Whether a value that can tell people apart is on both sides of l and r (matching.comparison.identified)."""
    columns = [
        "street" if each.field == ADDRESS else compared_column(position)
        for position, each in enumerate(model.comparisons)
        if each.identifying
    ]
    told = [f"(nullif(l.{column}, '') IS NOT NULL AND nullif(r.{column}, '') IS NOT NULL)" for column in columns]
    return " OR ".join(told) or "false"

"""Weighing a pair of facts: the score, its evidence, the sentence, and what counts as identified."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.record import Facts
from matching.comparison import compare, identified, score, scorer
from matching.evidence import Evidence
from matching.model_definition import SEED_MODEL, Comparison, InvalidModelError, ModelDefinition

ANN = Facts(
    first_name="Ann",
    last_name="Archer",
    email="ann@example.com",
    phone="+12145550100",
    street="12 Main ST",
    city="Springfield",
    state="IL",
    zip="62701",
)

_values = st.sampled_from(["", "ann", "Ann", "anne", "archer", "12 Main ST", "12 main st", "zoë"])
_facts = st.builds(Facts, **dict.fromkeys(("first_name", "last_name", "email", "phone", "street", "zip"), _values))


def test_it_scores_identical_complete_records_one() -> None:
    assert score(SEED_MODEL, ANN, ANN) == 1.0


def test_it_scores_zero_where_there_is_nothing_to_compare() -> None:
    assert score(SEED_MODEL, Facts(), Facts()) == 0.0
    assert score(SEED_MODEL, ANN, Facts()) == 0.0


def test_it_skips_a_field_that_both_lack_and_counts_one_that_one_lacks_as_disagreement() -> None:
    without = ANN._replace(phone="")
    assert score(SEED_MODEL, without, without) == 1.0
    assert score(SEED_MODEL, ANN, without) == score(SEED_MODEL, ANN, ANN._replace(phone="+12145550199"))


def test_it_weighs_a_differing_phone_as_the_formula_says() -> None:
    spans = {c.field: math.log2(c.m / c.u) - math.log2((1 - c.m) / (1 - c.u)) for c in SEED_MODEL.comparisons}
    expected = 1 - spans["phone"] / sum(spans.values())
    assert score(SEED_MODEL, ANN, ANN._replace(phone="+12145550199")) == pytest.approx(expected, abs=1e-12)


def test_it_ignores_case_and_the_country() -> None:
    shouted = ANN._replace(first_name="ANN", street="12 MAIN ST", country="US")
    assert score(SEED_MODEL, ANN, shouted) == 1.0


@given(_facts, _facts)
def test_the_fast_score_is_the_explained_score_to_the_last_bit(incoming: Facts, existing: Facts) -> None:
    assert score(SEED_MODEL, incoming, existing) == compare(SEED_MODEL, incoming, existing).score


@given(_facts, _facts, st.sampled_from([0.3, 0.5, 0.7, 0.9, 1.0]))
def test_a_floor_changes_nothing_of_a_score_that_reaches_it(incoming: Facts, existing: Facts, floor: float) -> None:
    full = score(SEED_MODEL, incoming, existing)
    told = scorer(SEED_MODEL, incoming, floor=floor)(existing)
    assert told == full if full >= floor else told < floor


@given(_facts, _facts)
def test_a_score_that_is_the_floor_reaches_it(incoming: Facts, existing: Facts) -> None:
    full = score(SEED_MODEL, incoming, existing)
    assert scorer(SEED_MODEL, incoming, floor=full)(existing) == full


@given(_facts, _facts)
def test_the_order_of_a_pair_does_not_matter(incoming: Facts, existing: Facts) -> None:
    assert score(SEED_MODEL, incoming, existing) == score(SEED_MODEL, existing, incoming)


@given(_facts, _facts)
def test_evidence_survives_being_stored_as_json(incoming: Facts, existing: Facts) -> None:
    evidence = compare(SEED_MODEL, incoming, existing)
    assert Evidence.from_dict(json.loads(json.dumps(evidence.to_dict()))) == evidence


def test_it_tells_level_similarity_and_weight_of_each_field() -> None:
    evidence = compare(SEED_MODEL, ANN._replace(last_name="Arhcer", email="", street=""), ANN._replace(email=""))
    fields = {field.field: field for field in evidence.fields}
    assert fields["first_name"].level == "agrees"
    assert fields["first_name"].similarity == 1.0
    assert fields["last_name"].level == "agrees"
    assert 0.85 <= (fields["last_name"].similarity or 0) < 1
    assert (fields["email"].level, fields["email"].weight) == ("both missing", None)
    assert fields["address_composite"].incoming == "Springfield IL 62701"
    assert sum(field.weight or 0 for field in evidence.fields) == pytest.approx(evidence.total)


@pytest.mark.parametrize(
    ("existing", "sentence"),
    [
        (
            ANN._replace(phone="+12145550199", last_name="Archr"),
            "Same first name, e-mail and address; similar last name; the phone differs. "
            "Scores 0.79: above the review threshold 0.70, below 0.95 for an automatic link.",
        ),
        (
            ANN,
            "Same first name, last name, e-mail, phone and address. "
            "Scores 1.00: at or above 0.95, enough for an automatic link.",
        ),
        (
            Facts(first_name="Ann"),
            "Same first name; only one side has a last name, an e-mail, a phone and an address. "
            "Scores 0.18: below the review threshold 0.70.",
        ),
    ],
)
def test_it_says_why_in_a_sentence(existing: Facts, sentence: str) -> None:
    assert compare(SEED_MODEL, ANN, existing).sentence() == sentence


def test_a_score_just_below_a_threshold_does_not_read_as_the_threshold() -> None:
    evidence = replace(compare(SEED_MODEL, ANN, ANN), score=0.9499)
    assert "Scores 0.94:" in evidence.sentence()


def test_a_name_alone_identifies_nobody() -> None:
    name = Facts(first_name="John", last_name="Smith")
    assert not identified(compare(SEED_MODEL, name, name))
    assert not identified(compare(SEED_MODEL, name._replace(email="a@example.com"), name))
    town = name._replace(city="Springfield", state="IL")
    assert not identified(compare(SEED_MODEL, town, town))
    assert identified(compare(SEED_MODEL, town._replace(street="1 Elm ST"), town._replace(street="9 Oak AVE")))


def test_a_unique_attribute_identifies_and_another_does_not() -> None:
    def model(*, unique: bool) -> ModelDefinition:
        return ModelDefinition((Comparison("attributes.loyalty_number", "exact", m=0.9, u=0.001, unique=unique),))

    member = Facts(attributes={"loyalty_number": "L-1"})
    assert identified(compare(model(unique=True), member, member))
    assert not identified(compare(model(unique=False), member, member))
    assert compare(model(unique=True), member, member).sentence().startswith("Same loyalty number.")


def test_a_model_survives_being_stored_as_json() -> None:
    assert ModelDefinition.from_dict(json.loads(json.dumps(SEED_MODEL.to_dict()))) == SEED_MODEL


def test_it_lists_everything_that_is_wrong_with_a_model() -> None:
    definition = {
        "scale": "guess",
        "match_threshold": 0.6,
        "comparisons": [
            {"field": "shoe_size", "comparator": "exact", "m": 0.9, "u": 0.1},
            {"field": "email", "comparator": "telepathy", "m": 1.0, "u": 0.0},
            {"field": "phone", "comparator": "exact", "m": 0.1, "u": 0.2, "threshold": 2},
            {"field": "phone", "comparator": "exact", "m": True, "u": "0.2"},
        ],
    }
    with pytest.raises(InvalidModelError) as refused:
        ModelDefinition.from_dict(definition)
    assert refused.value.errors == [
        "scale must be one of normalised",
        "shoe_size: not a field that can be compared",
        "email: comparator must be one of exact, jaro_winkler",
        "email: m must lie between 0 and 1",
        "email: u must lie between 0 and 1",
        "phone: m must be greater than u",
        "phone: threshold must lie above 0 and not above 1",
        "phone: m must lie between 0 and 1",
        "phone: u must lie between 0 and 1",
        "phone: compared twice",
        "thresholds must satisfy 0 < review_threshold <= match_threshold <= 1",
    ]


@pytest.mark.parametrize("stored", [None, [], {}, {"comparisons": 3}, {"comparisons": [3]}, {"comparisons": [{}]}])
def test_it_refuses_what_has_not_the_shape_of_a_model(stored: object) -> None:
    with pytest.raises(InvalidModelError):
        ModelDefinition.from_dict(stored)  # type: ignore[arg-type]


@pytest.mark.parametrize("field", [3, ["email"], None, "attributes.", ""])
def test_it_refuses_a_field_that_is_none(field: object) -> None:
    row = {"field": field, "comparator": "exact", "m": 0.9, "u": 0.1, "unique": 3, "threshold": None}
    with pytest.raises(InvalidModelError):
        ModelDefinition.from_dict({"comparisons": [row]})

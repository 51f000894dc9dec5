"""Survivorship: later values win field by field, sources of truth last, whatever order the statements come in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from contacts.record import FIELDS, Facts
from contacts.survivorship import Pin, Pins, resolve


@dataclass(frozen=True)
class Said:
    id: int
    facts: Facts
    source_of_truth: bool = False
    effective_date: datetime | None = None
    added_at: datetime = datetime(2024, 1, 1, tzinfo=UTC)
    pins: Pins | None = None


def day(number: int) -> datetime:
    return datetime(2024, 1, number, tzinfo=UTC)


VALUES = st.sampled_from(["", "a", "b", "c"])
FACTS = st.builds(
    lambda values, attributes: Facts(**values, attributes=attributes),
    st.fixed_dictionaries(dict.fromkeys(FIELDS, VALUES)),
    st.dictionaries(st.sampled_from(["tier", "born"]), VALUES),
)
PINS = st.dictionaries(
    st.sampled_from([*FIELDS, "attributes.tier"]),
    st.builds(
        lambda value, number: Pin(value=value, by="steward", at=day(number).isoformat(), reason="seen"),
        st.sampled_from(["a", "b", "pinned"]),
        st.integers(1, 9),
    ),
    max_size=3,
)
STATEMENTS = st.lists(
    st.builds(
        Said,
        id=st.integers(1, 99),
        facts=FACTS,
        source_of_truth=st.booleans(),
        effective_date=st.none() | st.integers(1, 9).map(day),
        added_at=st.integers(1, 9).map(day),
        pins=st.none() | PINS,
    ),
    max_size=5,
    unique_by=lambda said: said.id,
)


def test_a_later_value_wins_and_an_empty_one_does_not() -> None:
    golden = resolve(
        [
            Said(1, Facts("Ann", "Lee", street="1 Oak ST", city="Rome"), effective_date=day(2)),
            Said(2, Facts("Anna", "", city="Troy"), effective_date=day(3)),
        ]
    )
    assert golden.facts == Facts("Anna", "Lee", street="1 Oak ST", city="Troy")
    assert golden.provenance == {"first_name": 2, "last_name": 1, "street": 1, "city": 2}
    assert golden.effective_date == day(3)


def test_a_source_of_truth_outranks_later_ones() -> None:
    truth = Said(1, Facts("Ann"), source_of_truth=True, effective_date=day(1))
    assert resolve([truth, Said(2, Facts("Eve"), effective_date=day(9))]).facts.first_name == "Ann"


def test_what_has_no_effective_date_counts_from_its_arrival_and_ties_go_to_the_newer_row() -> None:
    older, newer = Said(1, Facts("Ann"), effective_date=day(5)), Said(2, Facts("Eve"), added_at=day(4))
    assert resolve([older, newer]).facts.first_name == "Ann"
    assert resolve([Said(7, Facts("Ann")), Said(8, Facts("Eve"))]).facts.first_name == "Eve"


def test_attributes_survive_one_by_one() -> None:
    said = [
        Said(1, Facts(attributes={"tier": "gold", "born": "1990-01-01"})),
        Said(2, Facts(attributes={"tier": "tin"})),
    ]
    golden = resolve(said)
    assert golden.facts.attributes == {"tier": "tin", "born": "1990-01-01"}
    assert golden.provenance == {"attributes.tier": 2, "attributes.born": 1}


def test_nothing_said_is_nothing_known() -> None:
    assert resolve([]).facts == Facts()


def pinned(value: str, number: int) -> Pin:
    return Pin(value=value, by="steward", at=day(number).isoformat(), reason="seen the passport")


def test_a_pinned_value_outranks_even_a_source_of_truth_and_names_the_record_it_was_taken_from() -> None:
    truth = Said(1, Facts("Ann"), source_of_truth=True, effective_date=day(9))
    golden = resolve([truth, Said(2, Facts("Eve", "Lee"), pins={"first_name": pinned("Eve", 3)})])
    assert golden.facts == Facts("Eve", "Lee")
    assert golden.provenance["first_name"] == 2
    assert golden.pins == {"first_name": pinned("Eve", 3)}


def test_a_pinned_value_stays_when_its_record_says_another_or_none() -> None:
    corrected = Said(2, Facts("Eva", attributes={"tier": ""}), pins={"attributes.tier": pinned("gold", 2)})
    golden = resolve([corrected, Said(3, Facts(attributes={"tier": "tin"}), effective_date=day(9))])
    assert golden.facts.attributes == {"tier": "gold"}


def test_of_two_pins_on_a_field_the_later_stands() -> None:
    first = Said(8, Facts(email="a@example.org"), pins={"email": pinned("a@example.org", 1)})
    last = Said(2, Facts(email="b@example.org"), pins={"email": pinned("b@example.org", 2)})
    assert resolve([first, last]).facts.email == resolve([last, first]).facts.email == "b@example.org"


@given(STATEMENTS, st.randoms(use_true_random=False))
def test_the_order_of_the_statements_does_not_matter(said: list[Said], random: Any) -> None:
    shuffled = list(said)
    random.shuffle(shuffled)
    assert resolve(shuffled) == resolve(said)


@given(STATEMENTS)
def test_every_value_comes_from_the_statement_it_names(said: list[Said]) -> None:
    golden, by_id = resolve(said), {one.id: one for one in said}
    for name, source in golden.provenance.items():
        statement = by_id[source]
        pinned = (statement.pins or {})[name]["value"] if name in golden.pins else None
        assert golden.facts.value(name) == (pinned or statement.facts.value(name))
    known = {name for name in FIELDS if getattr(golden.facts, name)} | {
        f"attributes.{name}" for name in golden.facts.attributes
    }
    assert set(golden.provenance) == known


@given(STATEMENTS)
def test_resolving_what_was_resolved_changes_nothing(said: list[Said]) -> None:
    said = [replace(one, pins=None) for one in said]
    facts = resolve(said).facts
    assert resolve([Said(1, facts)]).facts == facts
    assert resolve([*said, Said(100, facts, source_of_truth=True, effective_date=day(30))]).facts == facts

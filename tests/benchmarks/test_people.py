"""The benchmark's people: what the filling writes must be what the registry would have made of the same body."""

from __future__ import annotations

from collections import Counter

from benchmarks import people
from contacts.intake import read_submission


def test_it_normalises_a_body_to_the_facts_that_are_filled_in() -> None:
    for number in range(1, 3000, 7):
        body = {**people.body_of(number), "source_system": "CRM", "source_key": f"K{number}"}
        assert read_submission(body, required_fields=[]).facts == people.facts_of(number)


def test_it_makes_everybody_once() -> None:
    numbers = range(1, 20_000)
    assert len({people.phone_of(number) for number in numbers}) == len(numbers)
    assert len({people.email_of(number) for number in numbers}) == len(numbers)


def test_names_are_spread_as_unevenly_as_in_life() -> None:
    surnames = Counter(people.body_of(number)["last_name"] for number in range(20_000))
    assert 0.003 < surnames.most_common(1)[0][1] / 20_000 < 0.012
    assert len(surnames) > 4_000

"""Of many namesakes those are read that share most with a record, and the answer tells that others were left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from contacts.intake import read_submission
from contacts.record import Facts
from matching.deciding import Question, read_and_decide
from matching.identify import identify
from matching.model_definition import SEED_MODEL, Comparison, ModelDefinition
from matching.nearest import ALWAYS, DEPTH, LEAST, NEAREST, WEIGHT, Reached, least, weight
from matching.outcomes import Neighbourhood, Revise
from matching.plan import Plan
from tests.registry import ATTRIBUTES, default_tenant, source


def customer(number: int) -> UUID:
    return UUID(int=number)


def reached(keys: Sequence[tuple[str, Sequence[int]]], *, most: int = DEPTH) -> Reached[UUID]:
    made = Reached[UUID](LEAST)
    for label, numbers in keys:
        found = [customer(number) for number in numbers]
        made.add(found, label, most=most, weighing=weight(len(found), sure=False))
    return made


def test_who_shares_most_keys_is_read() -> None:
    everybody = range(1, 101)
    read, _ = reached([("a", everybody), ("b", range(76, 101)), ("c", (7, 100))]).nearest()
    assert set(read) == {customer(number) for number in (7, 100, *range(76, 99))}
    assert read[customer(100)] == ["a", "b", "c"]


def test_of_equals_those_of_the_lowest_ids_are_read() -> None:
    read, _ = reached([("a", range(1, 101)), ("b", range(1, 101))]).nearest()
    assert set(read) == {customer(number) for number in range(1, NEAREST + 1)}


def test_who_shares_but_one_key_is_read_where_it_is_rare() -> None:
    few, many = range(1, 8), range(11, 19)
    read, capped = reached([("few", few), ("many", many)]).nearest()
    assert set(read) == {customer(number) for number in few}
    assert capped == {"many"}
    assert (weight(len(few), sure=False), weight(len(many), sure=False)) == (LEAST, LEAST - 1)


def test_of_a_frequent_key_those_are_read_who_share_another_one() -> None:
    read, capped = reached([("a", range(1, 19)), ("b", range(17, 36))]).nearest()
    assert set(read) == {customer(17), customer(18)}
    assert capped == {"a", "b"}


def test_a_rare_key_outweighs_a_frequent_one() -> None:
    read, _ = reached([("frequent", range(1, 101)), ("rare", [500])]).nearest()
    assert customer(500) in read


def test_who_shares_an_e_mail_is_always_read_and_takes_nobodys_place() -> None:
    found = reached([("a", range(1, 101)), ("b", range(1, 101))])
    found.add([customer(90), customer(1000)], "em:", most=100, weighing=ALWAYS)
    found.keep(customer(2000))
    read, _ = found.nearest()
    assert {customer(90), customer(1000), customer(2000)} <= set(read)
    assert len(read) == NEAREST + 3


def test_a_key_that_suffices_by_itself_outweighs_any_number_of_others() -> None:
    found = reached([(f"name {number}", range(1, 41)) for number in range(100)])
    found.add([customer(77)], "card", most=100, weighing=weight(1, sure=True))
    assert customer(77) in found.nearest()[0]


def test_keys_that_lead_to_others_than_those_read_are_told() -> None:
    _, capped = reached([("a", range(1, 31)), ("b", range(1, 3)), ("c", (40, 41, 42))], most=2).nearest()
    assert capped == {"a", "c"}
    assert reached([("a", range(1, NEAREST + 1)), ("b", range(1, NEAREST + 1))]).nearest()[1] == set()


def test_only_one_exact_value_that_is_rare_suffices_by_itself() -> None:
    card = Comparison("attributes.card", "exact", m=0.95, u=0.00001, unique=True)
    plan = Plan.from_model(ModelDefinition((*SEED_MODEL.comparisons, card)))
    member, nobody = Facts("Joan", "Smith", attributes={"card": "C-1"}), Facts("Joan", "Smith")
    assert {key.sure for key in plan.lookup_keys(member).hashed} == {True}
    assert {key.sure for key in plan.lookup_keys(nobody).hashed} == {False}


def test_who_shares_the_only_key_of_its_kind_that_a_record_has_is_read_however_many_do() -> None:
    names, born = [("name:a", False), ("name:b", False)], ("born+zip:1970+75201", False)
    assert least(names) == LEAST
    assert least([*names, names[0]]) == LEAST
    assert least([*names, ("card:C-1", True)]) == LEAST
    assert least([*names, born]) == least([born, born]) == 0


@pytest.mark.django_db
def test_postgresql_weighs_as_python_does() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT customers, sure, {WEIGHT} FROM generate_series(1, 1025) AS customers, "
            "unnest(ARRAY[true, false]) AS sure"
        )
        rows = cursor.fetchall()
    assert len(rows) == 2050
    assert [row for row in rows if row[2] != weight(row[0], sure=row[1])] == []


NAMESAKE: dict[str, Any] = {"first_name": "Joan", "last_name": "Smith"}
SETTLED = {**NAMESAKE, "address": {"street": "12 Oak Avenue", "city": "Dallas", "state": "TX", "zip": "75201"}}


def question(said: dict[str, Any], key: str, *, to: str = "CRM") -> Question:
    named = {**said, "source_system": to, "source_key": key}
    record = read_submission(named, required_fields=(), attribute_types=ATTRIBUTES)
    return Question(record, source(to), default_tenant())


def brought(said: dict[str, Any], key: str) -> UUID:
    asked = question(said, key)
    return identify(asked.record, source=asked.source, tenant=asked.tenant, by="tester").customer_id


def read(said: dict[str, Any]) -> Neighbourhood:
    return read_and_decide(question(said, "new", to="ERP"), under_locks=False).known


@pytest.fixture
def namesakes(db: None) -> int:
    """More customers of one name, without anything else, than are read."""
    for number in range(NEAREST + 5):
        brought(NAMESAKE, f"K{number}")
    return NEAREST + 5


def test_the_namesake_at_the_same_address_is_read_however_late_it_came(namesakes: int) -> None:
    late = brought(SETTLED, "late")
    known = read(SETTLED)
    assert len(known.neighbours) == NEAREST
    assert late in known.neighbours
    assert {label.partition(":")[0] for label in known.capped} == {"first_name+last_name"}


def test_who_holds_the_key_of_the_source_takes_no_namesakes_place(namesakes: int) -> None:
    decision = read_and_decide(question(NAMESAKE, f"K{namesakes - 1}"), under_locks=True)
    assert len(decision.known.neighbours) == NEAREST + 1
    assert isinstance(decision.outcome, Revise)


@pytest.mark.django_db
def test_where_nobody_is_read_it_is_told_who_was_left_out() -> None:
    for number, first_name in enumerate(("Joan", "Jean", "Jim", "Jack", "Josh", "June", "Judy", "Jill")):
        brought({"first_name": first_name, "last_name": "Smithson"}, f"K{number}")
    known = read({"first_name": "Jvar", "last_name": "Smith"})
    assert known.neighbours == {}
    assert known.capped == ("first_name+last_name:j…+smi…",)


@pytest.mark.django_db
def test_nothing_is_told_where_nobody_was_left_out() -> None:
    for number in range(NEAREST):
        brought(NAMESAKE, f"K{number}")
    known = read(NAMESAKE)
    assert len(known.neighbours) == NEAREST
    assert known.capped == ()

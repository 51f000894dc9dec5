"""Whatever a value holds, the database reads back the same value; plain ones are sent as psycopg sends them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from hypothesis import example, given
from hypothesis import strategies as some
from psycopg import adapt, adapters
from psycopg.abc import Transformer
from psycopg.adapt import PyFormat
from psycopg.types.json import Jsonb

from sources.parameters import literal, written
from sources.round_trips import Prepared, Statement, run

pytestmark = pytest.mark.django_db(transaction=True)

SOME_ID = UUID("01890000-0000-7000-8000-000000000001")
MOMENT = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
# What a text column holds, quotes and backslashes more often than chance has it.
TEXTS = some.text(
    some.one_of(some.sampled_from("'\"\\{},;-$% E"), some.characters(exclude_characters="\0", codec="utf-8"))
)
NUMBERS = some.integers(-(2**63), 2**63 - 1)
ZONES = some.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
# None that is in the year before or after in UTC.
INSTANTS = some.datetimes(timezones=ZONES).filter(lambda instant: 1 < instant.year < 9999)
VALUES = some.one_of(
    some.tuples(some.just("text"), TEXTS),
    some.tuples(some.just("bigint"), NUMBERS),
    some.tuples(some.just("uuid"), some.uuids()),
    some.tuples(some.just("boolean"), some.booleans()),
    some.tuples(some.just("text[]"), some.lists(TEXTS)),
    some.tuples(some.just("bigint[]"), some.lists(NUMBERS)),
    some.tuples(some.just("uuid[]"), some.lists(some.uuids())),
    some.tuples(some.just("boolean[]"), some.lists(some.booleans())),
    some.tuples(some.just("timestamptz"), INSTANTS),
    some.tuples(some.just("timestamp"), some.datetimes()),
)


@pytest.mark.parametrize("kind", [Statement, Prepared])
@given(value=VALUES)
@example(value=("bigint", -(2**63)))
def test_it_comes_back_as_it_was(kind: type[Statement], value: tuple[str, Any]) -> None:
    cast, sent = value
    asked = kind(f"SELECT %(value)s::{cast}", {"value": sent})
    run(asked)
    assert asked.rows == [(sent,)]


@pytest.mark.parametrize("kind", [Statement, Prepared])
@given(documents=some.lists(some.dictionaries(TEXTS, some.one_of(TEXTS, NUMBERS)), min_size=1))
def test_documents_come_back_as_they_were(kind: type[Statement], documents: list[dict[str, Any]]) -> None:
    one = kind("SELECT %(value)s::jsonb::text", {"value": Jsonb(documents)})
    many = kind("SELECT array_to_json(%(value)s::jsonb[])::text", {"value": [Jsonb(each) for each in documents]})
    run(one, many)
    assert json.loads(one.rows[0][0]) == json.loads(many.rows[0][0]) == documents


@given(value=VALUES)
def test_plain_values_are_sent_as_psycopg_sends_them(value: tuple[str, Any]) -> None:
    """Arrays of texts apart, in which it leaves out quotes that are not needed."""
    _, sent = value
    if isinstance(sent, list):
        return
    write = of_this_connection()
    said = sent_as(sent, write)[1]
    assert said == write.get_dumper(sent, PyFormat.TEXT).dump(sent)


@given(value=some.one_of(NUMBERS, some.text(some.characters(codec="ascii", exclude_characters="\0"))))
def test_what_needs_no_type_is_written_as_psycopg_writes_it(value: int | str) -> None:
    write = of_this_connection()
    assert literal(value, write).strip(b"( )") == write.as_literal(value).strip()


def test_lists_of_several_kinds_are_left_to_psycopg() -> None:
    write = of_this_connection()
    numbers = [None, 1]
    assert sent_as(numbers, write) == (adapters.types["int2"].array_oid, b"{NULL,1}")


@pytest.mark.parametrize(
    ("value", "cast"),
    [(1, "int8"), (SOME_ID, "uuid"), (Jsonb({}), "jsonb"), (MOMENT, "timestamptz"), (True, "bool"), (1.5, "float8")],
)
def test_the_types_declared_are_those_of_the_database(value: Any, cast: str) -> None:
    write, known = of_this_connection(), adapters.types[cast]
    assert sent_as(value, write)[0] == known.oid
    if type(value) is not datetime:
        assert sent_as([value], write)[0] == known.array_oid


def sent_as(value: Any, write: Transformer) -> tuple[int, Any]:
    """Its type and its text."""
    (oid,), (text,) = written([value], write)
    return oid, text


def of_this_connection() -> Transformer:
    connection.ensure_connection()
    return adapt.Transformer.from_context(connection.connection)

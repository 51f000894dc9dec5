"""Statements that travel together: values stay values, plans are kept, and a failure is survived."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import DataError, IntegrityError, NotSupportedError, OperationalError, connection, transaction

from sources.round_trips import Opening, Prepared, Statement, run, send_ahead, sending_ahead

pytestmark = pytest.mark.django_db(transaction=True)

KINDS = pytest.mark.parametrize("kind", [Statement, Prepared])
SOME_ID = UUID("01890000-0000-7000-8000-000000000001")


def prepared() -> int:
    """How many statements this connection keeps."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'kept%%'")
        return int(cursor.fetchone()[0])


@KINDS
@pytest.mark.parametrize(
    ("cast", "value"),
    [
        ("text", "O'Brien \\'; DROP TABLE sources_tenant; -- %s %(value)s $1"),
        ("text", ""),
        ("text", "Zoë \u2028 'ł'"),
        ("text", "a\\"),
        ("bigint", -5),
        ("text[]", ["null", "", "a", '{"b": "\\\\"}', "Zoë"]),
        ("bigint", 2**62),
        ("bigint", 1),
        ("bigint[]", [1, 2**40]),
        ("bigint[]", []),
        ("text[]", ["a'b", 'c"d', "{e}", "f,g", "\\"]),
        ("uuid", SOME_ID),
        ("uuid[]", [SOME_ID]),
        ("boolean", True),
        ("timestamptz", datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)),
        ("text", None),
    ],
)
def test_it_hands_values_over_as_they_are(kind: type[Statement], cast: str, value: Any) -> None:
    asked = kind(f"SELECT %(value)s::{cast} AS told, 100 %% 30", {"value": value})
    run(asked)
    assert asked.rows == [(value, 10)]
    assert asked.columns == ["told", "?column?"]


def test_a_statement_sees_what_those_before_it_did() -> None:
    with transaction.atomic():
        one = Statement("CREATE TEMPORARY TABLE told (number bigint) ON COMMIT DROP")
        two = Statement("INSERT INTO told SELECT * FROM unnest(%(numbers)s::bigint[])", {"numbers": [4, 5]})
        three = Statement("SELECT sum(number)::bigint FROM told")
        run(one, two, three)
    assert three.rows == [(9,)]


def test_a_plan_is_made_once_for_all_values_of_a_type() -> None:
    statement = "SELECT %(number)s::bigint + 20260101"
    run(Prepared(statement, {"number": 1}))
    kept = prepared()
    run(Prepared(statement, {"number": 2**40}))
    assert prepared() == kept


def test_a_plan_is_not_made_anew_for_short_lists() -> None:
    """PostgreSQL takes a list that it does not know for ten long."""
    for _ in range(10):
        run(Prepared("SELECT 20260107 FROM contacts_customer WHERE id = ANY(%(ids)s)", {"ids": [SOME_ID]}))
    plans = Statement("SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement ~ '20260107'")
    run(plans)
    assert plans.rows == [(10, 0)]


def test_no_plan_is_kept_where_a_pooler_forbids_it(monkeypatch: pytest.MonkeyPatch) -> None:
    connection.ensure_connection()
    monkeypatch.setattr(connection.connection, "prepare_threshold", None)
    before = prepared()
    asked = Prepared("SELECT %(number)s::bigint + 20260102", {"number": 1})
    run(asked)
    assert asked.rows == [(20260103,)]
    assert prepared() == before


def test_a_failure_undoes_all_of_the_trip_and_is_survived() -> None:
    run(Statement("CREATE TEMPORARY TABLE survived (number bigint)"))
    insert = Prepared("INSERT INTO survived VALUES (%(number)s)", {"number": 1})
    divide = Prepared("SELECT 1 / %(number)s::bigint", {"number": 0})
    with pytest.raises(DataError), transaction.atomic():
        run(insert, divide, commit=True)
    asked = Prepared("SELECT count(*) FROM survived")
    run(asked)
    assert asked.rows == [(0,)]
    run(insert, asked)
    assert asked.rows == [(1,)]


@KINDS
def test_nobody_waits_for_the_other_where_both_send_much(kind: type[Statement]) -> None:
    """More than either side takes in before somebody reads."""
    much = "x" * 20_000_000
    several = [kind(f"SELECT %(much)s::text || {number}", {"much": much}) for number in range(3)]
    run(*several)
    assert [each.rows == [(f"{much}{number}",)] for number, each in enumerate(several)] == [True] * 3


def test_what_cannot_be_committed_is_told_and_undone() -> None:
    run(Statement("CREATE TEMPORARY TABLE deferred (number bigint UNIQUE DEFERRABLE INITIALLY DEFERRED)"))
    with pytest.raises(IntegrityError), transaction.atomic():
        run(Prepared("INSERT INTO deferred VALUES (1), (1)"), commit=True)
    asked = Prepared("SELECT count(*) FROM deferred")
    run(asked)
    assert asked.rows == [(0,)]


def test_a_connection_that_the_server_ends_on_the_way_is_told_and_replaced() -> None:
    ending = Prepared("SELECT pg_terminate_backend(pg_backend_pid())")
    with pytest.raises(OperationalError, match="administrator"), transaction.atomic():
        run(Prepared("SELECT 1"), ending, Prepared("SELECT 2"), commit=True)
    connection.close()
    asked = Prepared("SELECT 1")
    run(asked)
    assert asked.rows == [(1,)]


def test_a_connection_that_was_gone_before_is_told() -> None:
    connection.ensure_connection()
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": psycopg.Cursor}) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.connection.info.backend_pid])
    with pytest.raises(OperationalError):
        run(Prepared("SELECT 1"))
    assert connection.connection.closed
    connection.close()


def test_failures_leave_no_plans_behind() -> None:
    divide = "SELECT 20260103 / %(number)s::bigint"
    run(Prepared(divide, {"number": 1}))
    kept = prepared()
    for _ in range(5):
        with pytest.raises(DataError):
            run(Prepared(divide, {"number": 0}), Prepared("SELECT 20260104"))
    assert prepared() == kept
    run(Prepared(divide, {"number": 1}), Prepared("SELECT 20260104"))
    assert prepared() == kept + 1


def test_a_value_that_cannot_be_written_is_no_plan_made() -> None:
    good = Prepared("SELECT 20260105")
    with pytest.raises(DataError):
        run(good, Prepared("SELECT %(word)s::text || '20260106'", {"word": "\0"}))
    run(good)
    assert good.rows == [(20260105,)]


def test_a_changed_table_costs_one_request_and_not_all_after_it() -> None:
    run(Statement("CREATE TEMPORARY TABLE changing (number bigint)"))
    asked = Prepared("SELECT * FROM changing")
    run(asked)
    run(Statement("ALTER TABLE changing ADD COLUMN name text"))
    with pytest.raises(NotSupportedError, match="cached plan"):
        run(asked)
    run(asked)
    assert asked.columns == ["number", "name"]


def test_the_commit_travels_with_the_last_statement() -> None:
    with transaction.atomic():
        run(Statement("CREATE TEMPORARY TABLE committed (number bigint)"), commit=True)
        assert connection.connection.info.transaction_status.name == "IDLE"
    run(Statement("INSERT INTO committed VALUES (1)"))


def test_what_goes_ahead_of_an_opening_is_one_statement_with_it() -> None:
    question, opening = Prepared("SELECT %(one)s::bigint", {"one": 1}), Opening("SELECT %(two)s::bigint, 3", {"two": 2})
    before, other, told = prepared(), Prepared("SELECT 4"), list[Any]()
    with sending_ahead():
        send_ahead(question, lambda asked: told.append((asked.rows, opening.rows)))
        run(opening, other)
    assert told == [([(1,)], [(2, 3)])]
    assert other.rows == [(4,)]
    assert prepared() == before + 2

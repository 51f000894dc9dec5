"""The pool lends connections that work, and asks nothing over those that do; what is asked often is planned once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from select import select
from typing import Any

import psycopg
import pytest
from django.db import DEFAULT_DB_ALIAS, NotSupportedError, connection, connections

from identity.database import base
from sources import rows
from sources.models import Tenant

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _pool_of_one(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    connection.close()
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "pool", {"min_size": 1, "max_size": 1})
    connection.close_pool()  # type: ignore[attr-defined]  # which the stubs do not know
    yield
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]  # which the stubs do not know


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was sent over the connections themselves, as the pool's question is."""
    said: list[str] = []
    execute = psycopg.Connection.execute

    def listening(self: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
        said.append(query)
        return execute(self, query, *args, **kwargs)

    monkeypatch.setattr(psycopg.Connection, "execute", listening)
    return said


def backend() -> int:
    """The server's process behind this thread's connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def lent_again() -> None:
    connection.close()
    connection.ensure_connection()


def end(pid: int) -> None:
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": psycopg.Cursor}) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def test_it_replaces_a_connection_that_the_server_ended() -> None:
    before = backend()
    connection.close()
    end(before)
    assert backend() != before


def test_it_lends_the_connection_that_came_back_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "pool", {"min_size": 2, "max_size": 2})
    connection.ensure_connection()
    pool = connection.pool  # type: ignore[attr-defined]  # which the stubs do not know
    other = pool.getconn()
    connection.close()
    pool.putconn(other)
    connection.ensure_connection()
    assert connection.connection is other


def test_it_closes_the_connection_that_rested_longest_where_fewer_are_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "pool", {"min_size": 1, "max_size": 2})
    connection.ensure_connection()
    pool, last = connection.pool, connection.connection  # type: ignore[attr-defined]  # which the stubs do not know
    longest = pool.getconn()
    pool.putconn(longest)
    connection.close()
    for _ in range(2):  # as it does every now and then: the first looks how many were needed since
        pool._shrink_pool()
    assert longest.closed
    assert not last.closed


def test_it_asks_nothing_over_a_connection_just_used(asked: list[str]) -> None:
    before = backend()
    asked.clear()
    lent_again()
    assert asked == []
    assert backend() == before


def test_it_asks_over_a_connection_that_rested_long(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    before = backend()
    monkeypatch.setattr(base, "ASK_AFTER", 0)
    asked.clear()
    lent_again()
    assert asked == [""]
    assert backend() == before


def test_it_asks_over_a_connection_that_something_has_come_over(asked: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("LISTEN somebody")
    before, waiting = backend(), connection.connection
    connection.close()
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": psycopg.Cursor}) as other:
        other.execute("NOTIFY somebody")
    assert select([waiting], [], [], 5)[0]
    asked.clear()
    connection.ensure_connection()
    assert asked == [""]
    assert backend() == before


@pytest.mark.parametrize(("threshold", "kept"), [(0, 1), (None, 0)])
def test_it_plans_a_row_asked_for_often_once_unless_told_not_to(threshold: int | None, kept: int) -> None:
    tenant = Tenant.objects.create(name="north")
    connection.connection.prepare_threshold = threshold
    for _ in range(2):
        assert rows.one(Tenant, name=tenant.name, region=tenant.region) == tenant
    with connection.cursor() as cursor:
        cursor.execute("""SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%%"region" = $2%%'""", [])
        assert cursor.fetchone()[0] == kept


def test_the_end_of_a_request_that_asked_nothing_makes_no_pool() -> None:
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]  # which the stubs do not know
    connection.close_if_unusable_or_obsolete()
    assert connection.alias not in connection._connection_pools  # type: ignore[attr-defined]


def test_an_older_server_is_refused_whoever_connects(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections[DEFAULT_DB_ALIAS], "get_database_version", lambda: (14, 12))
    with pytest.raises(NotSupportedError, match="PostgreSQL 15 or later is required"):
        connection.check_database_version_supported()


@pytest.fixture
def _odd_defaults() -> Iterator[None]:
    """What a server's owner may have chosen for all that connect to this database."""
    name = connection.ops.quote_name(connection.settings_dict["NAME"])
    chosen = {
        "datestyle": "'German, DMY'",
        "default_transaction_isolation": "'serializable'",
        "timezone": "'Asia/Kathmandu'",
    }
    with connection.cursor() as cursor:
        for setting, value in chosen.items():
            cursor.execute(f"ALTER DATABASE {name} SET {setting} TO {value}")
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]  # which the stubs do not know
    yield
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER DATABASE {name} RESET ALL")


@pytest.mark.usefixtures("_odd_defaults")
def test_whatever_the_server_s_defaults_are_dates_can_be_read_and_statements_see_what_is_committed() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('datestyle'), current_setting('transaction_isolation'), now()")
        style, isolation, now = cursor.fetchone()
    assert (style.split(",")[0], isolation) == ("ISO", "read committed")
    assert (now.tzinfo, abs(now - datetime.now(UTC)) < timedelta(hours=1)) == (UTC, True)

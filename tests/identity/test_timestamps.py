"""Timestamps come from the database as datetimes in UTC, or are refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import DataError, connection

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("session", ["UTC", "Asia/Kolkata", "America/St_Johns"])
@pytest.mark.parametrize(
    "said",
    [
        datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(1899, 6, 1, 4, 5, 6, 700, tzinfo=UTC),  # offsets of those days had seconds
        datetime(1, 1, 2, 0, 0, 0, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 12, tzinfo=UTC),
    ],
)
def test_timestamps_are_read_in_utc_whatever_the_session_writes(said: datetime, session: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL timezone = %s", [session])
        cursor.execute("SELECT %s::timestamptz", [said])
        (read,) = cursor.fetchone()
    assert read == said
    assert read.tzinfo is UTC


@pytest.mark.parametrize("said", ["infinity", "0044-03-15 12:00+00 BC", "12026-01-01 00:00+00"])
def test_a_timestamp_without_a_datetime_is_refused(said: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL timezone = 'UTC'")
        cursor.execute("SELECT %s::timestamptz", [said])
        with pytest.raises(DataError):
            cursor.fetchone()

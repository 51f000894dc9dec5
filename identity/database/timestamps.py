"""Timestamps as they come from the database, read by Python's own parser.

psycopg takes a timestamp apart by a regular expression, which takes some ten times as long; whoever is read with all
that is known of many people waits for little else.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

from django.db.backends.postgresql.psycopg_any import BaseTzLoader
from psycopg.abc import Buffer
from psycopg.adapt import AdaptersMap


class TimestampLoader(BaseTzLoader):
    """An aware datetime in UTC. What Python has no datetime for raises psycopg.DataError, as it does there."""

    timezone = UTC

    def load(self, data: Buffer) -> datetime:
        try:
            read = datetime.fromisoformat(bytes(data).decode())
        except ValueError:
            return super().load(data)
        return read if read.tzinfo is UTC else read.astimezone(UTC)


@lru_cache(maxsize=4)
def with_quick_timestamps(adapters: AdaptersMap) -> AdaptersMap:
    """These adapters, which stay as they are, but for timestamps."""
    ours = AdaptersMap(adapters)
    ours.register_loader("timestamptz", TimestampLoader)
    return ours

"""A tenant's table, streamed: one statement, one snapshot, and never more than a batch of it in memory."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from math import inf
from time import monotonic

from django.db import connections, transaction

from contacts.exports.formats import Format, Rows
from contacts.exports.tables import Table
from contacts.replica import alias_to_read
from sources.models import Tenant


class TookTooLong(RuntimeError):
    """Whoever reads the export is so slow that its snapshot would hold up the database's own cleaning."""


def _nobody_waits(rows: int) -> None:
    pass


def export(
    table: Table,
    *,
    tenant: Tenant,
    form: Format,
    seconds: float | None = None,
    told: Callable[[int], None] = _nobody_waits,
) -> Generator[bytes, None, None]:
    """The pieces of the file, the first once there are rows to go with it. `told` hears how many rows a batch has.

    All rows are of the moment the first was read: they come from one cursor of the server's, which is one statement.
    The session's statement timeout holds for each batch, its idle timeout for each pause of the reader, `seconds` for
    the whole. Raises TookTooLong.
    """
    sql, parameters = table.rows(tenant).query.sql_with_params()
    # Not the ORM's iterator: behind a connection pooler that is told to read everything at once.
    source = alias_to_read()
    with transaction.atomic(using=source), connections[source].chunked_cursor() as cursor:
        cursor.execute(sql, parameters)
        first = cursor.fetchmany(form.rows_at_once)
        batches = _within(seconds, _read(first, lambda: cursor.fetchmany(form.rows_at_once), told))
        yield from form.write(table.columns, batches)


def _read(rows: Rows, fetch: Callable[[], Rows], told: Callable[[int], None]) -> Iterator[Rows]:
    while rows:
        told(len(rows))
        yield rows
        rows = fetch()


def _within(seconds: float | None, batches: Iterator[Rows]) -> Iterator[Rows]:
    end = inf if seconds is None else monotonic() + seconds
    for place, rows in enumerate(batches):
        if place and monotonic() > end:
            raise TookTooLong
        yield rows

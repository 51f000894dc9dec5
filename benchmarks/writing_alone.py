"""The rows that an import left, copied once more into an empty registry: the least that leaving them can take.

The same PostgreSQL takes them by COPY, a transaction for each chunk of the import, with every index and constraint in
place, and is asked nothing. The rows are as the import left them in the end: what it wrote and changed later is written
once. They are laid out in files beforehand, which is not counted.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import psutil
import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

COPY = "writing_alone"
# What tells of each table's rows when they came, and the order in which an importer would best write them.
TABLES: Mapping[str, tuple[str, str]] = {
    "contacts_customer": ("written.created_at", "id"),
    "contacts_contact": ("written.added_at", "id"),
    "contacts_change": ("written.changed_at", "id"),
    "contacts_event": ("written.at", "id"),
    "matching_candidatepair": ("(SELECT added_at FROM contacts_contact WHERE id = written.contact_id)", "id"),
    "matching_matchkey": ("(SELECT created_at FROM contacts_customer WHERE id = written.customer_id)", "key"),
    "imports_openedpair": (
        "(SELECT added_at FROM contacts_contact JOIN matching_candidatepair AS pair ON contact_id = contacts_contact.id"
        " WHERE pair.id = written.pair_id)",
        "id",
    ),
}
FOREIGN_KEYS, COMMITS = "foreign keys", "commits"
# All that a chunk leaves bears one time, and there is no chunk without an event.
_CHUNKS = "CREATE TEMP TABLE chunk AS SELECT at, row_number() OVER (ORDER BY at) FROM contacts_event GROUP BY at"
_ROWS = """
COPY (SELECT chunk.row_number, written.* FROM {table} AS written JOIN chunk ON chunk.at = {came}
      ORDER BY chunk.row_number, written.{order}) TO STDOUT
"""


@dataclass(slots=True)
class Laid:
    """The rows of a table, as COPY reads them: a file, and where in it those of each chunk begin and end."""

    table: str
    path: Path
    parts: dict[int, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Written:
    """`seconds` on the clock, and PostgreSQL's processor time of each table's rows, of the constraints and commits."""

    seconds: float
    processor: Mapping[str, float]


@contextmanager
def emptied(url: str) -> Iterator[str]:
    """A copy of a registry as it is now, before its import; nobody may be connected with it meanwhile."""
    name = sql.Identifier(COPY)
    with psycopg.connect(make_conninfo(url, dbname="postgres"), autocommit=True) as connection:
        template = sql.Identifier(str(conninfo_to_dict(url)["dbname"]))
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(name, template))
        try:
            yield make_conninfo(url, dbname=COPY)
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def write_again(url: str, *, into: str, folder: Path) -> Written:
    """The rows of the registry at `url`, all of which one import left, written into the empty one."""
    with psycopg.connect(url) as connection:
        connection.execute(_CHUNKS)
        laid = [_laid(connection, table, folder) for table in TABLES]
        begun = b"".join(_lines(connection, "COPY imports_import TO STDOUT"))
    with psycopg.connect(into, autocommit=True) as connection:
        _copy(connection, "imports_import", begun)
        connection.execute("CHECKPOINT")
    with psycopg.connect(into) as connection:
        written = _written(connection, laid)
    if (there := _counts(into)) != (wanted := _counts(url)):
        raise SystemExit(f"Not the rows that the import left: {there} instead of {wanted}")
    return written


def _laid(connection: psycopg.Connection, table: str, folder: Path) -> Laid:
    came, order = TABLES[table]
    laid, begun = Laid(table, folder / table), dict[int, int]()
    with laid.path.open("wb") as file:
        place = 0
        for line in _lines(connection, _ROWS.format(table=table, came=came, order=order)):
            chunk, _, row = line.partition(b"\t")
            begun.setdefault(int(chunk), place)
            place += file.write(row)
    ends = [*begun.values(), place]
    laid.parts.update(zip(begun, pairwise(ends), strict=True))
    return laid


def _lines(connection: psycopg.Connection, statement: str) -> Iterator[bytes]:
    with connection.cursor().copy(statement.encode()) as copy:
        yield from map(bytes, copy)


def _written(connection: psycopg.Connection, laid: Sequence[Laid]) -> Written:
    spent = defaultdict[str, float](float)
    backend = psutil.Process(connection.info.backend_pid)
    begun, before = time.monotonic(), _processor(backend)
    for chunk in sorted(set[int]().union(*(each.parts for each in laid))):
        for name in _steps(connection, laid, chunk):
            now = _processor(backend)
            spent[name] += now - before
            before = now
    return Written(time.monotonic() - begun, spent)


def _steps(connection: psycopg.Connection, laid: Sequence[Laid], chunk: int) -> Iterator[str]:
    """Write a chunk, step by step: the name of each when it is done."""
    for each in laid:
        if chunk in each.parts:
            start, end = each.parts[chunk]
            with each.path.open("rb") as file:
                file.seek(start)
                _copy(connection, each.table, file.read(end - start))
            yield each.table
    connection.execute("SET CONSTRAINTS ALL IMMEDIATE")  # as the commit would have them checked
    yield FOREIGN_KEYS
    connection.commit()
    yield COMMITS


def _copy(connection: psycopg.Connection, table: str, rows: bytes) -> None:
    with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))) as copy:
        copy.write(rows)


def _processor(backend: psutil.Process) -> float:
    spent = backend.cpu_times()
    return float(spent.user + spent.system)


def _counts(url: str) -> list[tuple[object, ...]]:
    """How many rows each of the tables has."""
    counting = " UNION ALL ".join(f"SELECT '{table}', count(*) FROM {table}" for table in TABLES) + " ORDER BY 1"
    with psycopg.connect(url) as connection:
        return connection.execute(counting).fetchall()

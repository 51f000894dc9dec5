"""COPY in parallel processes into tables without their indexes, which are made again afterwards."""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import psycopg
from psycopg import sql

from benchmarks.filling.rows import COLUMNS, SECONDS_APART, Place, block
from matching.model_definition import ModelDefinition

BLOCK = 20_000
PEOPLE, ALSO, SHOPPERS = "CRM", "ERP", "storefront"
SECONDS_BETWEEN_LINES = 10.0

_INDEXES = """
SELECT pg_get_indexdef(index.indexrelid), index.indexrelid::regclass::text
FROM pg_index AS index
LEFT JOIN pg_constraint AS made ON made.conindid = index.indexrelid AND made.contype IN ('p', 'u', 'f')
WHERE index.indrelid = ANY(%s::regclass[]) AND made.oid IS NULL
"""
_KEYS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid = 'matching_matchkey'::regclass AND contype IN ('p', 'u')
"""


def fill(url: str, size: int) -> None:
    """Put `size` customers into an empty registry; the sources CRM and ERP are registered.

    Needs a role that may switch off triggers (session_replication_role): the rows are known to fit together.
    """
    with psycopg.connect(url, autocommit=True) as connection:
        place = _place(connection, size)
        with _without_indexes(connection):
            _copy_all(url, place, size)
            connection.execute("SELECT setval('contacts_contact_id_seq', %s)", [place.first_contact + 2 * size + 2])
        for table in COLUMNS:
            connection.execute(sql.SQL("VACUUM ANALYZE {}").format(sql.Identifier(table)))


def _place(connection: psycopg.Connection, size: int) -> Place:
    row = connection.execute(
        """SELECT shop.tenant_id, shop.id, model.definition FROM sources_sourcesystem AS shop
           JOIN matching_matchmodel AS model ON model.tenant_id = shop.tenant_id AND model.active
           WHERE shop.name = %s ORDER BY shop.tenant_id LIMIT 1""",
        [SHOPPERS],
    ).fetchone()
    if row is None:
        raise SystemExit("This database holds no registry: migrate it first.")
    tenant, shop, definition = row
    model = ModelDefinition.from_dict(definition)
    epoch = datetime.now(UTC) - timedelta(seconds=SECONDS_APART * (size + 1))
    crm, erp = register(connection, tenant, PEOPLE), register(connection, tenant, ALSO)
    return Place(tenant, crm, erp, shop, model, 1, epoch)


def register(connection: psycopg.Connection, tenant: int, name: str) -> int:
    """A source that requires nothing in particular; its id."""
    row = connection.execute(
        """INSERT INTO sources_sourcesystem (tenant_id, name, required_fields, built_in, created_by, created_at)
           VALUES (%s, %s, '{}', false, 'benchmark', now()) RETURNING id""",
        [tenant, name],
    ).fetchone()
    return int(row[0]) if row else 0


@contextmanager
def _without_indexes(connection: psycopg.Connection) -> Iterator[None]:
    indexes = connection.execute(_INDEXES, [list(COLUMNS)]).fetchall()
    keys = connection.execute(_KEYS).fetchall()
    for table, name, _ in keys:
        connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    for _, name in indexes:
        connection.execute(f"DROP INDEX {name}")
    yield
    connection.execute("SET maintenance_work_mem = '1GB'")
    for table, name, definition in keys:
        _told(f"key of {table}")
        connection.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
    for definition, name in indexes:
        _told(f"index {name}")
        connection.execute(definition)


def _copy_all(url: str, place: Place, size: int) -> None:
    blocks = [(url, place, first, min(first + BLOCK, size + 1)) for first in range(1, size + 1, BLOCK)]
    begun = last = time.monotonic()
    # Spawned: a fork would share the parent's connection.
    with multiprocessing.get_context("spawn").Pool(os.cpu_count()) as pool:
        for done, _ in enumerate(pool.imap_unordered(_copy, blocks), start=1):
            if time.monotonic() - last >= SECONDS_BETWEEN_LINES:
                last = time.monotonic()
                rate = done * BLOCK / (last - begun)
                _told(f"{done * BLOCK:,} of {size:,} customers, {rate:,.0f} a second")


def _copy(asked: tuple[str, Place, int, int]) -> None:
    url, place, first, end = asked
    lines = block(place, range(first, end))
    with psycopg.connect(url) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET synchronous_commit = off")
        for table, rows in lines.items():
            with connection.cursor().copy(f"COPY {table} ({COLUMNS[table]}) FROM STDIN") as copy:
                copy.write("\n".join(rows) + "\n" if rows else "")


def _told(line: str) -> None:
    print(line, file=sys.stderr, flush=True)

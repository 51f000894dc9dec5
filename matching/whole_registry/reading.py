"""The registry's statements, as they come out of PostgreSQL: in ranges of customers, all of them of one snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import psycopg
from django.db import connections

from contacts.replica import alias_to_read
from matching.whole_registry.ranges import BEGINNING, END, Bounds, RangeElsewhere, statements_of
from matching.whole_registry.statements import Statement
from sources.models import Tenant

# Customers in a range: some seconds of work, which is what is lost when a run is broken off.
CUSTOMERS = 50_000

_CUTS = """
SELECT id::text FROM (
    SELECT id, row_number() OVER (ORDER BY id) AS place FROM contacts_customer WHERE tenant_id = %s
) AS ordered WHERE place %% %s = 0 ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class RegistryMaterial:
    """What PostgreSQL holds of a tenant, for matching.whole_registry.preparing."""

    tenant: Tenant
    name: str = "registry"

    def cuts(self) -> list[str]:
        """The last customer of each range. Whoever comes later belongs to the last range."""
        with connections[alias_to_read()].cursor() as cursor:
            cursor.execute(_CUTS, [self.tenant.pk, CUSTOMERS])
            return [*(last for (last,) in cursor.fetchall()), END]

    @contextmanager
    def opened(self, cuts: Sequence[str]) -> Iterator[Sequence[Iterable[Statement]]]:
        bounds = [Bounds(self.tenant.pk, after, until) for after, until in pairwise([BEGINNING, *cuts])]
        if len(bounds) == 1:
            yield [_RangeHere(bounds[0])]
            return
        parameters = _parameters()
        with psycopg.connect(**parameters) as keeper:
            snapshot = _exported(keeper)
            yield [RangeElsewhere(each, parameters, snapshot) for each in bounds]


@dataclass(frozen=True, slots=True)
class _RangeHere:
    """Read on the command's own connection: one statement needs no snapshot."""

    bounds: Bounds

    def __iter__(self) -> Iterator[Statement]:
        with connections[alias_to_read()].cursor() as cursor:
            yield from statements_of(cursor, self.bounds)


def _parameters() -> dict[str, Any]:
    """Of the command's own connection, for another one."""
    with connections[alias_to_read()].cursor() as cursor:
        told = cursor.connection.info
        return {**told.get_parameters(), "password": told.password or None}


def _exported(keeper: psycopg.Connection) -> str:
    """A snapshot that other sessions can read by as long as this transaction lasts, in which nothing else is done."""
    keeper.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    keeper.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
    row = keeper.execute("SELECT pg_export_snapshot()").fetchone()
    return str(row[0]) if row else ""

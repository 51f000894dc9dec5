"""A range of the registry's customers, read by COPY in whatever process has to. Pure: no Django.

A range is every customer whose id is above `after` and not above `until`: a customer and all of its contacts are in one
range, however many there are, so a range costs what its own customers cost and no more.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql

from contacts.record import FIELDS, Facts
from matching.whole_registry.statements import Statement

# Before every UUID that a customer can have, and after.
BEGINNING, END = "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"

_CONTACT = ", ".join(f"contact.{name}" for name in (*FIELDS, "attributes"))
_SAID = ", ".join((*FIELDS, "attributes"))
_GOLDEN = ", ".join(f"customer.{name}" for name in (*FIELDS, "attributes"))

# PostgreSQL cannot guess how many customers a range has: it takes them for one, or for far too many. OFFSET 0 has it
# look golden records up one by one, whatever it takes them for.
_READ = f"""
COPY (
    WITH live AS (
        SELECT contact.id, contact.customer_id, {_CONTACT},
            min(contact.id) OVER whole AS owner, count(*) OVER whole AS held
        FROM contacts_contact AS contact
        WHERE contact.tenant_id = %(tenant)s AND contact.deleted_at IS NULL
            AND contact.customer_id > %(after)s AND contact.customer_id <= %(until)s
        WINDOW whole AS (PARTITION BY contact.customer_id)
    )
    SELECT live.id, live.owner, live.customer_id, {_SAID} FROM live
    UNION ALL
    SELECT -live.owner, live.owner, customer.id, {_GOLDEN}
    FROM live CROSS JOIN LATERAL (SELECT * FROM contacts_customer WHERE id = live.customer_id OFFSET 0) AS customer
    WHERE live.id = live.owner AND live.held > 1
) TO STDOUT
"""


@dataclass(frozen=True, slots=True)
class Bounds:
    tenant: int
    after: str
    until: str


@dataclass(frozen=True, slots=True)
class RangeElsewhere:
    """Read on a connection of its own, as the registry was when `snapshot` was exported."""

    bounds: Bounds
    parameters: Mapping[str, Any] = field(repr=False)  # a password among them
    snapshot: str

    def __iter__(self) -> Iterator[Statement]:
        with psycopg.connect(**self.parameters) as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            connection.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(sql.Literal(self.snapshot)))
            with connection.cursor() as cursor:
                yield from statements_of(cursor, self.bounds)


def statements_of(cursor: Any, bounds: Bounds) -> Iterator[Statement]:
    """Every live contact, and the golden record of each customer that has several; `cursor` is one of psycopg."""
    asked = {"tenant": bounds.tenant, "after": bounds.after, "until": bounds.until}
    with cursor.copy(_READ, asked) as copy:
        for number, owner, customer, *said, attributes in copy.rows():
            known = {} if attributes == "{}" else json.loads(attributes)
            yield Statement(int(number), int(owner), customer, Facts._make((*said, known)))

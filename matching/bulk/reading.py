"""Reading for many records at once: whom their values reach, and those customers. Nobody is locked for it.

One statement reads all of it, so that it is of one moment: whoever is found by a value is read as he was then.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from contacts.models import Contact
from contacts.quick_rows import rows_of
from matching import nearest
from matching.bulk.known import COLUMNS, WIDTH, Known, known_of
from matching.bulk.shelf import Id
from matching.search import CAP, ROWS
from sources.models import Tenant
from sources.round_trips import Statement, run

# Look-ups one by one within the statement (LATERAL with a limit): its cost must not depend on the registry's size.
_BY_COLUMN = """
by_{column} AS MATERIALIZED (
    SELECT value, customer_id, contacts FROM (
        SELECT asked.value, found.customer_id, count(*) AS contacts,
               row_number() OVER (PARTITION BY asked.value ORDER BY found.customer_id) AS place
        FROM unnest(%({column}s)s::text[]) AS asked (value)
        CROSS JOIN LATERAL (
            SELECT customer_id FROM contacts_contact
            WHERE tenant_id = %(tenant)s AND {column} = asked.value AND deleted_at IS NULL AND NOT ({column} = '')
            LIMIT {rows}) AS found
        GROUP BY asked.value, found.customer_id) AS placed
    WHERE place <= {most})
"""
_BY_SOURCE_KEY = """
by_source_key AS MATERIALIZED (
    SELECT asked.source, asked.value, found.customer_id, found.id
    FROM unnest(%(sources)s::bigint[], %(source_keys)s::text[]) AS asked (source, value)
    CROSS JOIN LATERAL (
        SELECT customer_id, id FROM contacts_contact
        WHERE source_id = asked.source AND source_key = asked.value AND source_key IS NOT NULL AND deleted_at IS NULL
        LIMIT 1) AS found)
"""
# Whom each key leads to, by id: as an array for what follows, and packed for us.
_BY_KEY = """
by_key AS MATERIALIZED (
    SELECT asked.value, found.ids, found.packed
    FROM unnest(%(keys)s::bigint[]) AS asked (value)
    CROSS JOIN LATERAL (
        SELECT array_agg(customer_id) AS ids, string_agg(uuid_send(customer_id), '') AS packed FROM (
            SELECT customer_id FROM matching_matchkey WHERE matching_matchkey.key = asked.value
            ORDER BY customer_id LIMIT {depth} + 1) AS first) AS found
    WHERE found.ids IS NOT NULL),
weighing AS MATERIALIZED (
    SELECT value, ids, {weight} AS weight FROM (
        SELECT value, ids, cardinality(ids) AS customers, cardinality(ids) <= {few} AS sure FROM by_key) AS counted)
"""
# Of those whom keys alone lead to, the ones that share most with one of the records. (OFFSET 0: joined before the ids
# are taken apart.) All in the order of their ids: neighbours in the tables are looked up one after the other.
_NEAREST = """
weighed AS (
    SELECT record, customer_id, sum(weight) AS weight
    FROM (SELECT record, ids, weight FROM unnest(%(records)s::int[], %(wanted)s::bigint[]) AS wanted (record, value)
          JOIN weighing USING (value) OFFSET 0) AS led, unnest(led.ids) AS customer_id
    GROUP BY record, customer_id),
placed AS (
    SELECT customer_id, row_number() OVER (PARTITION BY record ORDER BY weight DESC, customer_id) AS place
    FROM weighed),
wanted AS MATERIALIZED (
    SELECT customer_id FROM by_email UNION SELECT customer_id FROM by_phone UNION SELECT customer_id FROM by_source_key
    UNION SELECT customer_id FROM placed WHERE place <= {places}
    ORDER BY customer_id)
"""
_LISTED = "wanted AS MATERIALIZED (SELECT unnest(%(customers)s::uuid[]) AS customer_id)"
# By ids alone (OFFSET 0 keeps the other conditions out): of a table that grows too fast for its statistics, PostgreSQL
# thinks that a tenant has as few customers as an id.
_CUSTOMERS = f"""
SELECT {COLUMNS} FROM wanted
CROSS JOIN LATERAL (SELECT * FROM contacts_customer WHERE id = wanted.customer_id OFFSET 0) AS customer
CROSS JOIN LATERAL (SELECT * FROM contacts_contact WHERE customer_id = wanted.customer_id OFFSET 0) AS contact
WHERE customer.tenant_id = %(tenant)s AND customer.deleted_at IS NULL AND contact.deleted_at IS NULL
"""
# The customers first, as their columns say of what type the others' empty ones are.
_ALL = """
WITH {by_email}, {by_phone}, {by_source_key}, {by_key}, {nearest}
SELECT read.*, NULL AS kind, NULL AS value, NULL::bigint AS number, NULL::bytea AS found, NULL::bigint AS contact
FROM ({customers}) AS read
UNION ALL SELECT {none}, 'email', value, contacts, uuid_send(customer_id), NULL FROM by_email
UNION ALL SELECT {none}, 'phone', value, contacts, uuid_send(customer_id), NULL FROM by_phone
UNION ALL SELECT {none}, 'source', value, source, uuid_send(customer_id), id FROM by_source_key
UNION ALL SELECT {none}, 'key', NULL, value, packed, NULL FROM by_key
"""
_KEYS = "SELECT customer_id, key FROM matching_matchkey WHERE customer_id = ANY(%(customers)s::uuid[])"
_WHOLE = "SELECT * FROM contacts_contact WHERE id = ANY(%(contacts)s::bigint[])"

# Of the nearest customers so many more are read: a record does not count those among them that it reaches otherwise.
_SPARE = 5
# A key that leads to no more may be one that suffices by itself: its customers are read before all others.
_FEW = 2
_ID_BYTES = 16

SourceKey = tuple[int, str]


@dataclass(slots=True)
class Asked:
    """The values that some records are looked up by, each once; and the match keys of each record."""

    emails: Collection[str]
    phones: Collection[str]
    keys: Collection[int]
    source_keys: Collection[SourceKey]
    keys_of_records: Sequence[Sequence[int]]


@dataclass(slots=True)
class Reach:
    """The customers that each value leads to, with the number of contacts that carry it; who has each source key.

    `customers` are those that one of the records would read, all of one moment.
    """

    emails: dict[str, dict[Id, int]] = field(default_factory=lambda: defaultdict(dict))
    phones: dict[str, dict[Id, int]] = field(default_factory=lambda: defaultdict(dict))
    keys: dict[int, dict[Id, int]] = field(default_factory=dict)
    owners: dict[SourceKey, tuple[Id, int]] = field(default_factory=dict)
    customers: dict[Id, Known] = field(default_factory=dict)


def array(values: Iterable[int | str | UUID]) -> str:
    """An array of numbers or ids as PostgreSQL writes one: thousands of values, without adapting each."""
    return f"{{{','.join(map(str, values))}}}"


def _texts(values: Iterable[str]) -> str:
    """The same of texts."""
    quoted = (value.replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return "{" + ",".join(f'"{value}"' for value in quoted) + "}"


def reach(asked: Asked, *, tenant: Tenant) -> Reach:
    """Whom these values lead to, and those customers, as they are now."""
    reading = Statement(
        _all(),
        {
            "tenant": tenant.pk,
            # In order: what stands side by side in an index is looked up one after the other.
            "emails": _texts(sorted(asked.emails)),
            "phones": _texts(sorted(asked.phones)),
            "keys": array(sorted(asked.keys)),
            "records": array(place for place, keys in enumerate(asked.keys_of_records) for _ in keys),
            "wanted": array(key for keys in asked.keys_of_records for key in keys),
            "sources": array(source for source, _ in asked.source_keys),
            "source_keys": _texts(key for _, key in asked.source_keys),
        },
    )
    run(reading)
    return _reached(reading.rows, tenant)


def _all() -> str:
    return _ALL.format(
        by_email=_BY_COLUMN.format(column="email", rows=ROWS, most=CAP + 1),
        by_phone=_BY_COLUMN.format(column="phone", rows=ROWS, most=CAP + 1),
        by_source_key=_BY_SOURCE_KEY,
        by_key=_BY_KEY.format(depth=nearest.DEPTH, weight=nearest.WEIGHT, few=_FEW),
        nearest=_NEAREST.format(places=nearest.NEAREST + _SPARE),
        customers=_CUSTOMERS,
        none=", ".join(["NULL"] * WIDTH),
    )


def _reached(rows: Sequence[Sequence[Any]], tenant: Tenant) -> Reach:
    customers = [row for row in rows if row[WIDTH] is None]  # they come first
    reach = Reach(customers=known_of(customers, tenant))
    for row in rows[len(customers) :]:
        kind, value, number, found, contact = row[WIDTH:]
        match kind:
            case "email":
                reach.emails[value][found] = number
            case "phone":
                reach.phones[value][found] = number
            case "source":
                reach.owners[number, value] = found, contact
            case "key":
                reach.keys[number] = dict.fromkeys(_unpacked(found), 1)
    return reach


def _unpacked(ids: bytes) -> list[Id]:
    return [ids[start : start + _ID_BYTES] for start in range(0, len(ids), _ID_BYTES)]


def customers(ids: Collection[UUID], *, tenant: Tenant) -> dict[Id, Known]:
    """These customers, those that are live, as they are now."""
    if not ids:
        return {}
    reading = Statement(f"WITH {_LISTED} {_CUSTOMERS}", {"tenant": tenant.pk, "customers": array(ids)})
    run(reading)
    return known_of(reading.rows, tenant)


def keys_of(ids: Collection[UUID]) -> list[tuple[UUID, int]]:
    """The match keys that these customers are stored under."""
    reading = Statement(_KEYS, {"customers": array(ids)})
    run(reading)
    return [(customer, key) for customer, key in reading.rows]


def whole_contacts(ids: Collection[int]) -> dict[int, Contact]:
    """These contacts with everything that is stored of them."""
    if not ids:
        return {}
    reading = Statement(_WHOLE, {"contacts": array(ids)})
    run(reading)
    return {contact.id: contact for contact in rows_of(reading, Contact)}

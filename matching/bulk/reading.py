"""Reading for many records at once: whom their keys reach, and those customers, held from before the reading."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from contacts.models import Contact, Customer
from contacts.quick_rows import rows_of
from contacts.record import FIELDS, Facts
from contacts.transactions import ATTEMPTS, Restart
from matching import nearest
from matching.outcomes import Held
from matching.search import CAP, ROWS
from sources.models import Tenant
from sources.round_trips import Statement, run

# Look-ups one by one within the statement (LATERAL with a limit): its cost must not depend on the registry's size.
_VERSION = """
CROSS JOIN LATERAL (
    SELECT version FROM contacts_customer WHERE id = found.customer_id AND deleted_at IS NULL LIMIT 1) AS customer
"""
_BY_COLUMN = """
SELECT asked.value, found.customer_id, found.contacts, customer.version
FROM unnest(%({column}s)s::text[]) AS asked (value)
CROSS JOIN LATERAL (
    SELECT customer_id, count(*) AS contacts FROM (
        SELECT customer_id FROM contacts_contact
        WHERE tenant_id = %(tenant)s AND {column} = asked.value AND deleted_at IS NULL AND NOT ({column} = '')
        LIMIT {rows}) AS rows GROUP BY customer_id ORDER BY customer_id LIMIT {most}) AS found
{version}
"""
# Whom the keys lead to, and the versions of those whom one of the records reads: not of every namesake.
_BY_KEY = """
WITH entry AS MATERIALIZED (
    SELECT asked.value, found.customer_id, found.customers
    FROM unnest(%(keys)s::bigint[]) AS asked (value)
    CROSS JOIN LATERAL (
        SELECT customer_id, count(*) OVER () AS customers FROM (
            SELECT customer_id FROM matching_matchkey WHERE matching_matchkey.key = asked.value
            ORDER BY customer_id LIMIT {depth} + 1) AS first) AS found),
weighed AS (
    SELECT wanted.record, customer_id, sum({weight}) AS weight
    FROM unnest(%(records)s::int[], %(wanted)s::bigint[]) AS wanted (record, value) JOIN entry USING (value),
         LATERAL (SELECT customers <= {few} AS sure) AS rare
    GROUP BY wanted.record, customer_id),
placed AS (
    SELECT customer_id, row_number() OVER (PARTITION BY record ORDER BY weight DESC, customer_id) AS place
    FROM weighed),
nearest AS MATERIALIZED (
    SELECT found.customer_id, customer.version
    FROM (SELECT DISTINCT customer_id FROM placed WHERE place <= {places}) AS found
    {version})
SELECT entry.value, entry.customer_id, 1, nearest.version FROM entry LEFT JOIN nearest USING (customer_id)
"""
_BY_SOURCE_KEY = """
SELECT asked.source, asked.value, found.customer_id, customer.version, found.id
FROM unnest(%(sources)s::bigint[], %(source_keys)s::text[]) AS asked (source, value)
CROSS JOIN LATERAL (
    SELECT customer_id, id FROM contacts_contact
    WHERE source_id = asked.source AND source_key = asked.value AND source_key IS NOT NULL AND deleted_at IS NULL
    LIMIT 1) AS found
{version}
"""
_HOLD = """
SELECT * FROM contacts_customer WHERE id = ANY(%(customers)s::uuid[]) AND tenant_id = %(tenant)s AND deleted_at IS NULL
ORDER BY id FOR NO KEY UPDATE
"""
_CONTACTS = f"""
SELECT customer_id, id, source_of_truth, effective_date, added_at, source_id, source_key, pins,
       {", ".join(FIELDS)}, attributes
FROM contacts_contact WHERE customer_id = ANY(%(customers)s::uuid[]) AND deleted_at IS NULL ORDER BY id
"""
_KEYS = "SELECT customer_id, key FROM matching_matchkey WHERE customer_id = ANY(%(customers)s::uuid[])"
_WHOLE = "SELECT * FROM contacts_contact WHERE id = ANY(%(contacts)s::bigint[])"
_PINS_AT = 7
_FACTS_AT = _PINS_AT + 1
_ATTRIBUTES_AT = _FACTS_AT + len(FIELDS)

# Of the nearest customers so many more are held: a record does not count those among them that it reaches otherwise.
_SPARE = 5
# A key that leads to no more may be one that suffices by itself: its customers are held before all others.
_FEW = 2

Reached = dict[UUID, int]
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

    `versions` are of those that one of the records would read.
    """

    emails: dict[str, Reached] = field(default_factory=lambda: defaultdict(dict))
    phones: dict[str, Reached] = field(default_factory=lambda: defaultdict(dict))
    keys: dict[int, Reached] = field(default_factory=lambda: defaultdict(dict))
    owners: dict[SourceKey, tuple[UUID, int]] = field(default_factory=dict)
    versions: dict[UUID, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Holding:
    """A customer that this transaction holds: its row, and its contacts in the order of their ids."""

    customer: Customer
    contacts: tuple[Held, ...]


def array(values: Iterable[int | UUID]) -> str:
    """An array of numbers or ids as PostgreSQL writes one: thousands of values, without adapting each."""
    return f"{{{','.join(map(str, values))}}}"


def reach_and_hold(asked: Asked, *, tenant: Tenant) -> tuple[Reach, dict[UUID, Customer]]:
    """Whom these values lead to, and the rows of those customers, locked in the order of their ids.

    Where somebody changed one of them between the two, it is read again: what is locked by then cannot change.
    """
    for _ in range(ATTEMPTS):
        reach = _reach(asked, tenant=tenant)
        locked = hold(reach.versions, tenant=tenant)
        if {pk: customer.version for pk, customer in locked.items()} == reach.versions:
            return reach, locked
    raise Restart


def _reach(asked: Asked, *, tenant: Tenant) -> Reach:
    emails, phones = (_by_column(column) for column in ("email", "phone"))
    keys, owners = (
        Statement(_by_key()),
        Statement(_BY_SOURCE_KEY.format(version=_VERSION)),
    )
    emails.parameters = {
        "tenant": tenant.pk,
        "emails": list(asked.emails),
        "phones": list(asked.phones),
        "keys": array(asked.keys),
        "records": array(place for place, keys in enumerate(asked.keys_of_records) for _ in keys),
        "wanted": array(key for keys in asked.keys_of_records for key in keys),
        "sources": array(source for source, _ in asked.source_keys),
        "source_keys": [key for _, key in asked.source_keys],
    }
    run(emails, phones, keys, owners)
    reach = Reach()
    for statement, found in ((emails, reach.emails), (phones, reach.phones), (keys, reach.keys)):
        _take(statement.rows, found, reach.versions)
    for source, value, customer, version, contact in owners.rows:
        reach.owners[source, value] = customer, contact
        reach.versions[customer] = version
    return reach


def _by_column(column: str) -> Statement:
    return Statement(_BY_COLUMN.format(column=column, rows=ROWS, most=CAP + 1, version=_VERSION))


def _by_key() -> str:
    places = nearest.NEAREST + _SPARE
    return _BY_KEY.format(depth=nearest.DEPTH, weight=nearest.WEIGHT, few=_FEW, places=places, version=_VERSION)


def _take(rows: Iterable[tuple[Any, ...]], found: dict[Any, Reached], versions: dict[UUID, int]) -> None:
    for value, customer, contacts, version in rows:
        found[value][customer] = contacts
        if version is not None:
            versions[customer] = version


def hold(ids: Collection[UUID], *, tenant: Tenant) -> dict[UUID, Customer]:
    """Lock these customers, those that are live, in the order of their ids."""
    if not ids:
        return {}
    holding = Statement(_HOLD, {"customers": array(ids), "tenant": tenant.pk})
    run(holding)
    return {customer.pk: customer for customer in rows_of(holding, Customer)}


def contacts_of(ids: Collection[UUID]) -> dict[UUID, tuple[Held, ...]]:
    """The live contacts of these customers, in the order of their ids."""
    if not ids:
        return {}
    reading = Statement(_CONTACTS, {"customers": array(ids)})
    run(reading)
    held: dict[UUID, list[Held]] = defaultdict(list)
    for row in reading.rows:
        held[row[0]].append(_held(row))
    return {customer: tuple(contacts) for customer, contacts in held.items()}


def _held(row: Sequence[Any]) -> Held:
    values = dict(zip(FIELDS, row[_FACTS_AT:_ATTRIBUTES_AT], strict=True))
    facts = Facts(**values, attributes=json.loads(row[_ATTRIBUTES_AT]))
    pins = row[_PINS_AT] and json.loads(row[_PINS_AT])
    return Held(row[1], facts, row[2], row[3], row[4], row[5], row[6], pins)


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

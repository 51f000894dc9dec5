"""Reading for many records at once: whom their values reach, and those customers. Nobody is locked for it.

All of it is of one moment, so that whoever is found by a value is read as he was then. It takes two statements, as who
is read is weighed in between, here: in a large registry a chunk's match keys lead to more than a hundred thousand
customers, whom PostgreSQL took four times as long to weigh as to look up. The second statement tells the look-ups once
more if anybody has committed anything since the first.
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
from matching.nearest import NEAREST, Reached, weight
from matching.plan import BothKeys
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
# A range of one, in the order of its index: as in matching.search.
_BY_KEY = """
by_key AS MATERIALIZED (
    SELECT asked.value, found.ids
    FROM unnest(%(keys)s::bigint[]) AS asked (value)
    CROSS JOIN LATERAL (
        SELECT string_agg(uuid_send(customer_id), '') AS ids FROM (
            SELECT customer_id FROM matching_matchkey AS stored
            WHERE stored.key >= asked.value AND stored.key <= asked.value
            ORDER BY stored.key, customer_id LIMIT {depth} + 1) AS first) AS found
    WHERE found.ids IS NOT NULL)
"""
_LOOK_UPS = ",".join(
    [
        _BY_COLUMN.format(column="email", rows=ROWS, most=CAP + 1),
        _BY_COLUMN.format(column="phone", rows=ROWS, most=CAP + 1),
        _BY_SOURCE_KEY,
        _BY_KEY.format(depth=nearest.DEPTH),
    ]
)
_LOOKED_UP = """
SELECT 'email' AS kind, value, contacts AS number, uuid_send(customer_id) AS found, NULL::bigint AS contact
FROM by_email
UNION ALL SELECT 'phone', value, contacts, uuid_send(customer_id), NULL FROM by_phone
UNION ALL SELECT 'source', value, source, uuid_send(customer_id), id FROM by_source_key
UNION ALL SELECT 'key', NULL, value, ids, NULL FROM by_key
"""
# A moment is which transactions can be seen. It is the same until one is committed.
_MOMENT = "pg_current_snapshot()::text"
_FIRST = f"""
WITH {_LOOK_UPS}
SELECT 'moment' AS kind, {_MOMENT} AS value, NULL::bigint AS number, NULL::bytea AS found, NULL::bigint AS contact
UNION ALL ({_LOOKED_UP})
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
_NONE = ", ".join(["NULL"] * WIDTH)
# The customers first, as their columns say of what type the others' empty ones are. What comes after them is not even
# looked up unless the moment is another.
_THEN = f"""
WITH {_LISTED}, {_LOOK_UPS}
SELECT read.*, NULL AS kind, NULL AS value, NULL::bigint AS number, NULL::bytea AS found, NULL::bigint AS contact
FROM ({_CUSTOMERS}) AS read
UNION ALL SELECT {_NONE}, 'moment', NULL, NULL, NULL, NULL WHERE {_MOMENT} <> %(moment)s
UNION ALL SELECT {_NONE}, again.* FROM ({_LOOKED_UP}) AS again WHERE {_MOMENT} <> %(moment)s
"""
_KEYS = "SELECT customer_id, key FROM matching_matchkey WHERE customer_id = ANY(%(customers)s::uuid[])"
_WHOLE = "SELECT * FROM contacts_contact WHERE id = ANY(%(contacts)s::bigint[])"

# Of the nearest customers so many more are read: a record does not count those among them that it reaches otherwise.
_SPARE = 5
_ID_BYTES = 16

SourceKey = tuple[int, str]


@dataclass(slots=True)
class Asked:
    """The values that some records are looked up by, each once; and the match keys of each record that has some."""

    emails: Collection[str]
    phones: Collection[str]
    keys: Collection[int]
    source_keys: Collection[SourceKey]
    keys_of_records: Sequence[BothKeys]


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
    values = {
        "tenant": tenant.pk,
        # In order: what stands side by side in an index is looked up one after the other.
        "emails": _texts(sorted(asked.emails)),
        "phones": _texts(sorted(asked.phones)),
        "keys": array(sorted(asked.keys)),
        "sources": array(source for source, _ in asked.source_keys),
        "source_keys": _texts(key for _, key in asked.source_keys),
    }
    first = Statement(_FIRST, values)
    run(first)
    (_, moment, *_), *looked_up = first.rows
    reach = _reached(looked_up)
    # In the order of their ids: neighbours in the tables are read one after the other.
    wanted = sorted(_wanted(reach, asked))
    if not wanted:
        return reach
    then = Statement(_THEN, {**values, "customers": array(map(bytes.hex, wanted)), "moment": moment})
    run(then)
    read = [row for row in then.rows if row[WIDTH] is None]  # they come first
    if len(read) < len(then.rows):
        reach = _reached([row[WIDTH:] for row in then.rows[len(read) + 1 :]])
    reach.customers = known_of(read, tenant)
    return reach


def _wanted(reach: Reach, asked: Asked) -> set[Id]:
    """Who holds a source key or shares an e-mail or a phone, and of the others those nearest to one of the records."""
    wanted = {customer for customer, _ in reach.owners.values()}
    wanted.update(*reach.emails.values(), *reach.phones.values())
    for keys in asked.keys_of_records:
        wanted |= _led_to(keys, reach).chosen(NEAREST + _SPARE)
    return wanted


def _led_to(keys: BothKeys, reach: Reach) -> Reached[Id]:
    """Whom a record's match keys lead to."""
    led_to: Reached[Id] = Reached(nearest.least(keys.known_as))
    for value, (label, sure) in zip(keys.asked, keys.known_as, strict=True):
        if found := reach.keys.get(value):
            led_to.add(found, label, most=nearest.DEPTH, weighing=weight(len(found), sure=sure))
    return led_to


def _reached(rows: Iterable[Sequence[Any]]) -> Reach:
    """What was looked up; the customers are yet to be read."""
    reach = Reach()
    for kind, value, number, found, contact in rows:
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

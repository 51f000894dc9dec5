"""Reading the neighbourhood of a record: the few customers that share most planned keys with it, in one statement.

Customers of strong keys may be locked before they are read. The others are not; whoever decides on one locks it at the
version read here (matching.locks.lock_as_read_late, still_as_read).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from contacts.metrics import CAPPED, kinds_of
from contacts.record import FIELDS, Facts
from contacts.transactions import Restart
from matching import nearest
from matching.active import ACTIVE_IN_ONE, ActiveModel, learnt_in_one
from matching.locks import TAKE, held, holding_those, run_or_restart, together
from matching.lookup_index import KEYED_IN_ONE, learnt
from matching.nearest import ALWAYS
from matching.outcomes import STAMPS, Held, Neighbour, Neighbourhood
from matching.plan import MatchKeys, Plan
from sources.models import Tenant
from sources.round_trips import Opening, Prepared, Statement, run

# An e-mail or a phone shared by more customers than this is read no further, and the answer says so.
CAP = 100
# Contacts read of one such value before giving up on finding more customers behind it.
ROWS = 10 * CAP
# Customers of one such value that are locked before it is known whom it will be decided on.
FEW = 3

# Whom a value leads to, in the order of their ids.
_OF_COLUMN = """
    SELECT customer_id FROM (
        SELECT customer_id FROM contacts_contact
        WHERE tenant_id = %(tenant)s AND {column} = %({column})s AND deleted_at IS NULL AND NOT ({column} = '')
        LIMIT {rows}) AS rows GROUP BY customer_id ORDER BY customer_id LIMIT {cap} + 1
"""
_OF_SOURCE_KEY = """
    SELECT customer_id FROM contacts_contact
    WHERE source_id = %(source)s AND source_key = %(source_key)s AND deleted_at IS NULL
"""
# Where no match keys are asked: a row for each value and customer, with the value's place among them as one bit.
_LEAD = "(SELECT {bits}::varbit AS bits, customer_id FROM ({of}) AS led_to)"
# Else what leads on: one row for each value, with all its customers and what it adds to the weight of each.
_WEIGHTY = "(SELECT {bits}::varbit AS bits, {always} AS weight, ARRAY({of}) AS whom)"
# Of a key the customers of the lowest ids: the order in which its index has them. The OFFSET keeps the planner from
# reading them again for each mention. A limit that it does not know keeps it from reading all of them and sorting them,
# as it would where statistics do not tell how many there are; and that the key is looked for as a range of one, ordered
# by both columns, from going through all customers in the order of their ids, until enough of them have it.
_BY_KEY = """
(SELECT asked.bits, {weight} AS weight, found.whom
 FROM unnest(%(keys)s::bigint[], %(sure)s::boolean[], %(bits)s::varbit[]) AS asked (key, sure, bits)
 CROSS JOIN LATERAL (
    SELECT whom, cardinality(whom) AS customers FROM (
        SELECT ARRAY(SELECT customer_id FROM matching_matchkey AS stored
                     WHERE stored.key >= asked.key AND stored.key <= asked.key
                     ORDER BY stored.key, customer_id LIMIT (SELECT {depth} + 1)) AS whom OFFSET 0) AS first) AS found)
"""
_NOBODY = "(SELECT ''::varbit AS bits, NULL::uuid AS customer_id WHERE false)"
_BY_CUSTOMER = "(SELECT ''::varbit AS bits, customer_id FROM unnest(%(customers)s::uuid[]) AS customer_id)"

_CONTACT_FIELDS = ", ".join(f"contact.{name}" for name in (*FIELDS, "attributes"))
_CUSTOMER_FIELDS = ", ".join(f"customer.{name}" for name in (*FIELDS, "attributes"))

_EVERYBODY = """
found AS MATERIALIZED (
    SELECT customer_id, bit_or(bits) AS bits FROM ({branches}) AS leads GROUP BY customer_id)
"""
# Of those that match keys alone lead to, the ones that share most: matching.nearest has the reasons. Whoever weighs too
# little is dropped before anybody is put in order: most share one frequent key.
_NEAREST = """
leads AS MATERIALIZED ({branches}),
weighed AS MATERIALIZED (
    SELECT customer_id, bit_or(bits) AS bits, sum(weight) AS weight
    FROM leads, unnest(whom) AS customer_id GROUP BY customer_id HAVING sum(weight) >= %(least)s::int),
found AS MATERIALIZED (
    (SELECT customer_id, bits FROM weighed WHERE weight >= {always})
    UNION ALL
    (SELECT customer_id, bits FROM weighed WHERE weight < {always}
     ORDER BY weight DESC, customer_id LIMIT {nearest}))
"""
# To how many customers each value leads, in the order of their bits, where some of them may not be read. They are told
# in a row of nobody where none of them is.
_NUMBERS = "(SELECT array_agg(cardinality(whom) ORDER BY bits DESC)::text FROM leads)"

# By ids alone, the other conditions kept out by OFFSET 0: of a table that grows too fast for its statistics, PostgreSQL
# thinks that a tenant has as few customers as an id, and reads them all.
_READ = """
WITH {found}
SELECT customer.id, customer.version, found.bits, {numbers},
       contact.id, contact.source_of_truth, contact.effective_date, contact.added_at,
       contact.source_id, contact.source_key, {contact_fields}, {customer_fields}, contact.pins {more}
FROM {whoever} (
    found
    CROSS JOIN LATERAL (SELECT * FROM contacts_customer WHERE id = found.customer_id OFFSET 0) AS customer
    CROSS JOIN LATERAL (SELECT * FROM contacts_contact WHERE customer_id = found.customer_id OFFSET 0) AS contact)
{where} customer.tenant_id = %(tenant)s AND customer.deleted_at IS NULL AND contact.deleted_at IS NULL
ORDER BY customer.id, contact.id
"""

_NONE = "{}"  # most have no attributes
_CONTACT_AT = 10
_CUSTOMER_AT = _CONTACT_AT + len(FIELDS) + 1
_PINS_AT = _CUSTOMER_AT + len(FIELDS) + 1
_MORE_AT = _PINS_AT + 1
_CUSTOMER_ID = itemgetter(0)

# A contact's e-mail and phone as first received, by the names that each door's bodies use.
_AS_SENT = """,
       coalesce(nullif(contact.original_payload->>'email', ''), contact.original_payload->>'EmailAddress',
                contact.email),
       coalesce(nullif(contact.original_payload->>'phoneNumber', ''), nullif(contact.original_payload->>'phone', ''),
                contact.original_payload->>'PhoneNumber', contact.phone)
"""

_AS_STORED = "".join(f", customer.{name}" for name in STAMPS)
_PAYLOAD = """,
       CASE WHEN contact.source_id = %(source)s AND contact.source_key = %(source_key)s
       THEN contact.original_payload END
"""

# One statement that reads nothing the locks are about: the next one sees what their earlier holders committed. The id
# is drawn behind the locks, or it would be lower than theirs.
_BEGIN = f"SELECT ({TAKE}), nextval('contacts_contact_id_seq'), {KEYED_IN_ONE}"
_DRAW_PAIR = ", nextval('matching_candidatepair_id_seq')"
# By whether an id of a candidate is drawn as well, and whether the model in force is told.
_BEGINNINGS = {
    (drawing, checking): f"{_BEGIN}{_DRAW_PAIR * drawing}{f', {ACTIVE_IN_ONE}' * checking}"
    for drawing in (False, True)
    for checking in (False, True)
}
_HELD = "id IN (WITH {found} SELECT customer_id FROM found)"


def neighbourhood(
    *,
    tenant: Tenant,
    keys: MatchKeys,
    source_id: int | None = None,
    source_key: str | None = None,
    locks: Iterable[int] = (),
    hold: bool = False,
    unheld: bool = False,
    late: bool = False,
    as_sent: bool = False,
    in_force: ActiveModel | None = None,
    besides: Sequence[Statement] = (),
) -> Neighbourhood:
    """The live customers that hold the record's source key or share its e-mail or phone, and of others the nearest.

    With `locks`, or a model `in_force`, these advisory locks are taken first, a contact id is reserved, and the lookups
    with keys are read, in the same round trip; the reading statement comes after them and so sees what their earlier
    holders committed. In between the customers are locked on whom it will most likely be decided: a few of each that
    e-mail, phone and source key lead to, whom the advisory locks keep others from as well; with `hold`, all of them;
    `unheld`, none: then they come with their stamps, and the contact of the source key with what was received, to be
    locked when they are written. A verb that holds customers
    already comes `late`: where somebody else holds one of these, Restart is raised; and so it is where another model
    than `in_force` is by then. With `as_sent`, e-mails and phones are read as they were received, too. `besides` are
    others that travel with it under the locks.
    """
    strong = _Values(bool(keys.email), bool(keys.phone), source_key is not None, hashed=False)
    found = _found(strong._replace(hashed=bool(keys.hashed)), CAP, nearest.DEPTH, nearest.NEAREST)
    asked = set(locks)
    locking = bool(asked) or in_force is not None
    parameters = {**_asked(tenant, keys, source_id, source_key), **(together(tenant, asked) if locking else {})}
    more = (_AS_SENT if as_sent else "") + (f"{_AS_STORED}{_PAYLOAD}" if unheld else "")
    reading = Prepared(_statement(found, more), parameters)
    if not locking:
        run(reading, *besides)
        return _told(reading.rows, keys, sent=as_sent, stamped=unheld)
    beginning = Opening(_BEGINNINGS[unheld, in_force is not None], parameters)
    holding = []
    if hold or (any(strong) and not unheld):
        which = _HELD.format(found=found if hold else _found(strong, FEW))
        holding.append(holding_those(which, parameters, late=late))
    statements = [beginning, *holding, reading, *besides]
    if late:
        run_or_restart(statements)
    else:
        run(*statements)
    _, reserved_contact_id, lookups, *more_told = beginning.rows[0]
    if in_force is not None and learnt_in_one(tenant, more_told[-1]) is not in_force:
        raise Restart
    return replace(
        _told(reading.rows, keys, sent=as_sent, stamped=unheld),
        reserved_contact_id=reserved_contact_id,
        reserved_pair_id=more_told[0] if unheld else None,
        locked=held(holding[0]) if holding else {},
        lookups=learnt(tenant, lookups),
    )


class _Values(NamedTuple):
    """What a record has that leads to customers: an e-mail, a phone, a source key, match keys."""

    email: bool
    phone: bool
    source_key: bool
    hashed: bool


@lru_cache(maxsize=128)
def _found(values: _Values, most: int, depth: int = 0, nearest_read: int = 0) -> str:
    """Whom they lead to: `most` of an e-mail or phone; of each match key `depth`, of whom `nearest_read` are taken."""
    columns = [column for column in ("email", "phone") if getattr(values, column)]
    led_to = [(f"%({column}_bit)s", _OF_COLUMN.format(column=column, rows=ROWS, cap=most)) for column in columns]
    if values.source_key:
        led_to.append(("%(no_bit)s", _OF_SOURCE_KEY))
    lead = _WEIGHTY if values.hashed else _LEAD
    branches = [lead.format(bits=bits, of=of, always=ALWAYS) for bits, of in led_to]
    if not values.hashed:
        return _EVERYBODY.format(branches=" UNION ALL ".join(branches) or _NOBODY)
    branches.append(_BY_KEY.format(depth=depth, weight=nearest.WEIGHT))
    return _NEAREST.format(branches=" UNION ALL ".join(branches), always=ALWAYS, nearest=nearest_read)


def _asked(tenant: Tenant, keys: MatchKeys, source_id: int | None, source_key: str | None) -> dict[str, Any]:
    bits = _bits(len(_leads(keys)))
    first_of_keys = bool(keys.email) + bool(keys.phone)
    return {
        "tenant": tenant.pk,
        "email": keys.email,
        "email_bit": bits[0],
        "phone": keys.phone,
        "phone_bit": bits[bool(keys.email)],
        "keys": [key.value for key in keys.hashed],
        "sure": [key.sure for key in keys.hashed],
        "bits": list(bits[first_of_keys:-1]),
        "least": nearest.least((key.label, key.sure) for key in keys.hashed),
        "source": source_id,
        "source_key": source_key,
        "no_bit": bits[-1],
    }


def _leads(keys: MatchKeys) -> list[tuple[str, int]]:
    """What people are told of each value that leads to customers, and to how many; in the order of their bits."""
    email = [(f"em:{keys.email}", CAP)] if keys.email else []
    phone = [(f"ph:{keys.phone}", CAP)] if keys.phone else []
    return [*email, *phone, *((key.label, nearest.DEPTH) for key in keys.hashed)]


@lru_cache(maxsize=128)
def _bits(number: int) -> tuple[str, ...]:
    """For each of so many values a text of as many bits, its own one set, in falling order; last one without any."""
    return (*("0" * place + "1" + "0" * (number - place - 1) for place in range(number)), "0" * number)


def read_customers(tenant: Tenant, ids: Iterable[UUID]) -> dict[UUID, Neighbour]:
    """These live customers with their contacts, as a neighbourhood holds them."""
    listed = _EVERYBODY.format(branches=_BY_CUSTOMER)
    reading = Prepared(_statement(listed), {"tenant": tenant.pk, "customers": list(ids)})
    run(reading)
    return dict(_told(reading.rows, MatchKeys("", "", ())).neighbours)


def lookup_keys(plan: Plan, facts: Facts, *, tenant: Tenant) -> MatchKeys:
    """The keys to read for a record with these facts."""
    return plan.lookup_keys(facts, scope=tenant.pk)


@lru_cache(maxsize=128)
def _statement(found: str, more: str = "") -> str:
    weighed = "leads AS" in found
    return _READ.format(
        found=found,
        numbers=_NUMBERS if weighed else "NULL",
        whoever="(SELECT) AS whoever LEFT JOIN" if weighed else "",
        where="ON" if weighed else "WHERE",
        contact_fields=_CONTACT_FIELDS,
        customer_fields=_CUSTOMER_FIELDS,
        more=more,
    )


def _told(
    rows: Sequence[tuple[Any, ...]], keys: MatchKeys, *, sent: bool = False, stamped: bool = False
) -> Neighbourhood:
    if not rows:
        return Neighbourhood({})
    labels = [label for label, _ in _leads(keys)]
    stamps = slice(_MORE_AT + 2 * sent, _MORE_AT + 2 * sent + len(STAMPS) * stamped)
    neighbours, bits = {}, []
    nobody = rows[0][0] is None  # but their numbers: see _NUMBERS
    for pk, of_one in groupby(() if nobody else rows, key=_CUSTOMER_ID):
        head, *others = of_one
        contacts = tuple([_held(row, sent=sent, stamped=stamped) for row in (head, *others)])
        neighbours[pk] = _neighbour(head, contacts, labels, stamps)
        bits.append(head[2])
    capped = _capped(keys, rows[0][3], bits)
    for kind in kinds_of(capped) if capped else ():
        CAPPED.labels(kind).inc()
    return Neighbourhood(neighbours, tuple(sorted(capped)))


def _capped(keys: MatchKeys, numbers: str | None, read: Sequence[str]) -> set[str]:
    """Labels of what leads to customers who were not read: bits of those read, `numbers` of all as an array's text.

    Without match keys all are read up to one more than is told.
    """
    if numbers is None and len(read) <= CAP:
        return set()
    leads = _leads(keys)
    here = [bits.count("1") for bits in zip(*read, strict=True)] if read else [0] * len(leads)
    led_to = zip(leads, map(int, numbers[1:-1].split(",")) if numbers else here, here, strict=False)
    return {label for (label, most), number, known in led_to if number > most or number > known}


def _held(row: tuple[Any, ...], *, sent: bool, stamped: bool) -> Held:
    pins = row[_PINS_AT] and json.loads(row[_PINS_AT])
    as_sent = row[_MORE_AT : _MORE_AT + 2] if sent else ()
    held = Held(row[4], _facts(row, _CONTACT_AT), *row[5:_CONTACT_AT], *(pins, *as_sent))
    return held._replace(payload=json.loads(row[-1])) if stamped and row[-1] else held


def _neighbour(row: tuple[Any, ...], contacts: tuple[Held, ...], labels: Sequence[str], stamps: slice) -> Neighbour:
    shared = {label for label, bit in zip(labels, row[2], strict=True) if bit == "1"}
    return Neighbour(row[0], row[1], _facts(row, _CUSTOMER_AT), contacts, tuple(sorted(shared)), row[stamps])


def _facts(row: tuple[Any, ...], start: int) -> Facts:
    end = start + len(FIELDS)
    said = (*row[start:end], {} if row[end] == _NONE else json.loads(row[end]))
    return tuple.__new__(Facts, said)  # what Facts(*said) does, without a function of Python's

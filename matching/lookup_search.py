"""Trying lookups in order, in one statement: one that comes later is not executed where an earlier one has found.

Customers have the attributes of all their contacts. A lookup reaches them by its leading attribute and keeps those that
have the further attributes given, with one exception: a customer without any name is known by its contact details
alone, so a name does not narrow it out, and comes after those that bear the name.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any
from uuid import UUID

from contacts.record import FIELDS, Facts
from matching.lookup_keys import FIELD_OF, NAMES, LookupRule, head_key, value_of, whole_key
from matching.policies.lookups import Finding, FoundCustomer, Inquiry
from sources.models import Tenant
from sources.round_trips import Prepared, Statement

# Rows read by the leading attribute, and customers answered with. More than these share a value for no good reason, or
# are everybody by the name of John; the answer then says that there are more.
MOST_ROWS = 10_000
MOST_CUSTOMERS = 1_000

_REACHED = """
reached_{place} AS MATERIALIZED (
    SELECT customer_id FROM ({rows}) AS rows {unless} LIMIT {most_rows}),
found_{place} AS MATERIALIZED (
    SELECT DISTINCT reached.customer_id FROM reached_{place} AS reached
    JOIN contacts_customer AS customer ON customer.id = reached.customer_id
    WHERE customer.deleted_at IS NULL AND customer.tenant_id = %(tenant)s {narrowed} LIMIT {most})
"""
_ALL = """
SELECT {place} AS place, customer_id, {named} AS named,
       (SELECT count(*) FROM reached_{place}) = {most_rows} AS cut FROM found_{place}
"""
_TELL = """
WITH {lookups}
(SELECT found.place, found.customer_id, found.cut, {fields}
FROM ({all}) AS found
JOIN contacts_customer AS customer ON customer.id = found.customer_id
CROSS JOIN LATERAL (
    SELECT added_at, id FROM contacts_contact WHERE customer_id = customer.id AND deleted_at IS NULL
    ORDER BY added_at, id LIMIT 1) AS oldest
ORDER BY found.place, found.named AND customer.first_name = '' AND customer.last_name = '', oldest.added_at, oldest.id)
UNION ALL
SELECT {nobody}, NULL, {reached}, {nothing} WHERE {unfound}
"""
_NAMELESS = "customer.first_name = '' AND customer.last_name = ''"
_SAYS = """
EXISTS (SELECT 1 FROM contacts_contact AS said
        WHERE said.customer_id = customer.id AND said.deleted_at IS NULL AND {test})
"""
_BY_COLUMN = """
SELECT customer_id FROM contacts_contact
WHERE tenant_id = %(tenant)s AND {column} = {value} AND deleted_at IS NULL AND NOT ({column} = '')
"""
_BY_NAME = """
SELECT id AS customer_id FROM contacts_customer
WHERE tenant_id = %(tenant)s AND lower({column}) = lower({value}) AND deleted_at IS NULL AND NOT ({column} = '')
"""
_FIELDS = ", ".join(f"customer.{name}" for name in (*FIELDS, "attributes"))
_NOTHING = ", ".join(["NULL"] * (len(FIELDS) + 1))
_FACTS_AT = 3
# The place of the row that tells, where no lookup found anybody, whether one has reached somebody.
NOBODY = -1


# A value of a statement, by the inquiry that is asked.
Value = Callable[[Inquiry], Any]


class _Parameters:
    """The parameters of one statement: custom attributes have names of any sort, so each gets a number."""

    def __init__(self, kind: str) -> None:
        self.values: dict[str, Value] = {}
        self._kind = kind

    def hold(self, value: Value) -> str:
        name = f"{self._kind}_{len(self.values)}"
        self.values[name] = value
        return f"%({name})s"

    def of(self, inquiry: Inquiry, tenant: Tenant) -> dict[str, Any]:
        return {"tenant": tenant.pk, **{name: value(inquiry) for name, value in self.values.items()}}


@dataclass(frozen=True, slots=True)
class _Shape:
    """What the text of a search depends on: `given` are attributes, `subtenant` the column that it is named by."""

    taking_part: tuple[LookupRule, ...]
    given: frozenset[str]
    subtenant: str | None
    thorough: bool


def searching(inquiry: Inquiry, *, tenant: Tenant, thorough: bool = False) -> Statement:
    """The statement that finds; `thorough`: every lookup is tried, whatever those before it found."""
    taking_part = tuple(inquiry.taking_part)
    concerned = {attribute for lookup in taking_part for attribute in lookup.attributes}
    given = frozenset(filter(inquiry.given, concerned))
    column = None if inquiry.subtenant is None else _named_by(inquiry.subtenant)
    sql, parameters = _worded(_Shape(taking_part, given, column, thorough))
    return Prepared(sql, parameters.of(inquiry, tenant))


@lru_cache(maxsize=512)
def _worded(shape: _Shape) -> tuple[str, _Parameters]:
    hold = _Parameters("asked")
    parts = []
    for place, lookup in enumerate(shape.taking_part):
        earlier = [] if shape.thorough else [f"NOT EXISTS (SELECT 1 FROM found_{before})" for before in range(place)]
        narrowed = [*_narrowing(lookup, shape, hold), *_restricting(shape, hold)]
        parts.append(
            _REACHED.format(
                place=place,
                rows=_rows(lookup, shape, hold),
                unless=f"WHERE {' AND '.join(earlier)}" if earlier else "",
                narrowed="".join(f" AND {test}" for test in narrowed),
                most_rows=_most_rows(lookup, shape),
                most=MOST_CUSTOMERS + 1,
            )
        )
    places = range(len(shape.taking_part))
    everything = " UNION ALL ".join(
        _ALL.format(place=place, named=_narrowed_by_name(lookup, shape), most_rows=_most_rows(lookup, shape))
        for place, lookup in enumerate(shape.taking_part)
    )
    told = _TELL.format(
        lookups=",".join(parts),
        fields=_FIELDS,
        all=everything,
        nobody=NOBODY,
        nothing=_NOTHING,
        reached=" OR ".join(f"EXISTS (SELECT 1 FROM reached_{place})" for place in places),
        unfound=" AND ".join(f"NOT EXISTS (SELECT 1 FROM found_{place})" for place in places),
    )
    return told, hold


def _most_rows(lookup: LookupRule, shape: _Shape) -> int:
    """Of a name each row is another customer: where nothing narrows, no more are needed than are answered."""
    narrowed = shape.subtenant is not None or _further(lookup, shape)
    return MOST_CUSTOMERS + 1 if lookup.leading in NAMES and not narrowed else MOST_ROWS


def _rows(lookup: LookupRule, shape: _Shape, hold: _Parameters) -> str:
    """Whom the leading attribute reaches."""
    if lookup.keyed:
        return _keyed_rows(lookup, shape, hold)
    column = FIELD_OF[lookup.leading]
    value = hold.hold(_said(lookup.leading))
    if lookup.leading not in NAMES:
        return _BY_COLUMN.format(column=column, value=value)
    rows = _BY_NAME.format(column=column, value=value)
    also = [name for name in lookup.attributes[1:] if name in NAMES and name in shape.given]
    # In the same index, and before the rows are cut off: Smith reaches many, Zebulon Smith few.
    return rows + "".join(f" AND lower({FIELD_OF[name]}) = lower({hold.hold(_said(name))})" for name in also)


def _said(attribute: str) -> Value:
    return lambda inquiry: value_of(inquiry.facts, attribute)


def _keyed_rows(lookup: LookupRule, shape: _Shape, hold: _Parameters) -> str:
    rows = f"SELECT customer_id FROM matching_lookupkey WHERE lookup_id = {hold.hold(_constant(lookup.id))}"
    if _whole(lookup, shape):
        return f"{rows} AND key = {hold.hold(partial(_whole_key_of, lookup))} AND held"
    return f"{rows} AND head = {hold.hold(lambda inquiry: head_key(lookup, value_of(inquiry.facts, lookup.leading)))}"


def _whole_key_of(lookup: LookupRule, inquiry: Inquiry) -> UUID:
    return whole_key(lookup, [value_of(inquiry.facts, attribute) for attribute in lookup.attributes])


def _whole(lookup: LookupRule, shape: _Shape) -> bool:
    """Whether the request has the whole key of a unique lookup."""
    return lookup.unique and shape.given.issuperset(lookup.attributes)


def _further(lookup: LookupRule, shape: _Shape) -> list[str]:
    """The attributes given that are left to narrow by."""
    if _whole(lookup, shape):
        return []
    settled = NAMES if not lookup.keyed and lookup.leading in NAMES else ()
    return [name for name in lookup.attributes[1:] if name not in settled and name in shape.given]


def _narrowed_by_name(lookup: LookupRule, shape: _Shape) -> bool:
    return any(name in NAMES for name in _further(lookup, shape))


def _narrowing(lookup: LookupRule, shape: _Shape, hold: _Parameters) -> Iterator[str]:
    for name in _further(lookup, shape):
        value = hold.hold(_said(name))
        if field := FIELD_OF.get(name):
            test = _SAYS.format(test=f"lower(said.{field}) = lower({value})")
        else:
            test = _SAYS.format(test=f"lower(said.attributes->>{hold.hold(_constant(name))}) = lower({value})")
        yield f"({test} OR {_NAMELESS})" if name in NAMES else test


def _constant(value: object) -> Value:
    return lambda _: value


def _restricting(shape: _Shape, hold: _Parameters) -> Iterator[str]:
    if shape.subtenant is not None:
        part = _subtenant(shape.subtenant, hold.hold(lambda inquiry: inquiry.subtenant))
        yield _SAYS.format(test=f"said.subtenant_id = ({part})")


def subtenant_named(reference: int | str, *, tenant: Tenant) -> Statement:
    """Reads the id of a subtenant by id or name."""
    return Prepared(_subtenant(_named_by(reference), "%(part)s"), {"tenant": tenant.pk, "part": reference})


def _named_by(reference: int | str) -> str:
    return "id" if isinstance(reference, int) else "name"


def _subtenant(column: str, value: str) -> str:
    return f"SELECT id FROM sources_subtenant WHERE tenant_id = %(tenant)s AND {column} = {value}"


def reached(statement: Statement) -> bool:
    """Whether a lookup that found nobody has reached somebody by its leading attribute, once the statement has run."""
    return any(row[0] == NOBODY and row[2] for row in statement.rows)


def findings(statement: Statement, inquiry: Inquiry) -> list[Finding]:
    """What each lookup that took part found, once the statement has run."""
    told = []
    for place, lookup in enumerate(inquiry.taking_part):
        rows = [row for row in statement.rows if row[0] == place]
        customers = [FoundCustomer(row[1], _facts(row)) for row in rows[:MOST_CUSTOMERS]]
        told.append(Finding(lookup, customers, more=len(rows) > MOST_CUSTOMERS or any(row[2] for row in rows[:1])))
    return told


def _facts(row: Sequence[Any]) -> Facts:
    end = _FACTS_AT + len(FIELDS)
    return Facts(**dict(zip(FIELDS, row[_FACTS_AT:end], strict=True)), attributes=json.loads(row[end]))

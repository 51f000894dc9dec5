"""What a verb did, as the one statement that writes it: nearly always of one row a table, sometimes of many.

The values of a single row are parameters. Several rows travel as JSON, and are read back by the table's own row type:
that statement is the same for any number, but takes the database a fifth longer. The foreign keys are deferred to the
commit, so that a customer, its contact and what is told of both go in together.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Model

from contacts.events import ANNOUNCE, Happening
from contacts.models import Contact, Customer
from contacts.record import FIELDS
from contacts.rows import as_json, assignment, insertion_of_one, parameters_of, update_of_one
from sources.documents import document
from sources.round_trips import Prepared, Statement

_FACTS = frozenset((*FIELDS, "attributes"))

_INSERT_MANY = "INSERT INTO {table} SELECT * FROM jsonb_populate_recordset(NULL::{table}, %({rows})s)"
_UPDATE_MANY = """
UPDATE {table} AS row SET ({columns}) = ({values}) FROM jsonb_populate_recordset(NULL::{table}, %({rows})s) AS now
WHERE row.id = now.id
"""
_CHANGE = """
INSERT INTO contacts_change (customer_id, changed_by, changed_at, delta) VALUES (%(changed)s, %(by)s, %(at)s, %(delta)s)
"""
_CHANGES = """
INSERT INTO contacts_change (customer_id, changed_by, changed_at, delta)
SELECT entry.customer_id, %(by)s, %(at)s, entry.delta
FROM unnest(%(changed)s::uuid[], %(delta)s::jsonb[]) WITH ORDINALITY AS entry (customer_id, delta, place)
ORDER BY entry.place
"""
_EVENT = f"""
WITH announced AS MATERIALIZED ({ANNOUNCE})
INSERT INTO contacts_event (tenant_id, kind, customer_id, "by", at, body)
SELECT %(tenant)s, %(kind)s, %(concerned)s, %(by)s, %(at)s, %(body)s FROM announced
"""
_EVENTS = f"""
WITH announced AS MATERIALIZED ({ANNOUNCE})
INSERT INTO contacts_event (tenant_id, kind, customer_id, "by", at, body)
SELECT %(tenant)s, said.kind, said.customer_id, %(by)s, %(at)s, said.body
FROM announced, unnest(%(kind)s::text[], %(concerned)s::uuid[], %(body)s::jsonb[])
    WITH ORDINALITY AS said (kind, customer_id, body, place)
ORDER BY said.place
"""


class _Part(NamedTuple):
    """A part of the statement: its text, or what that is made of.

    `name` is that of the parameters, or begins those of a single row's `columns`; `facts`: whose parameters have its
    facts; `saved`: it is there already.
    """

    text: str
    model: type[Model] | None = None
    name: str = ""
    columns: tuple[str, ...] = ()
    facts: str = ""
    saved: bool = False


@dataclass(slots=True)
class Writing:
    """The parts of the statement, in no order: none of them reads what another one writes."""

    parameters: dict[str, Any]
    parts: list[_Part] = field(default_factory=list)

    def new(self, customers: Collection[Customer], contacts: Collection[Contact]) -> None:
        self._insert(customers, "new_customer")
        facts = ""
        if len(customers) == len(contacts) == 1:
            (customer,), (contact,) = customers, contacts
            facts = "new_customer" if customer.facts == contact.facts else ""
        self._insert(contacts, "new_contact", facts=facts)

    def saved(self, customers: Collection[Customer], contacts: Collection[Contact]) -> None:
        self._update(customers, "saved_customer")
        self._update(contacts, "saved_contact")

    def changed(self, entries: Sequence[tuple[UUID, dict[str, Any]]]) -> None:
        if len(entries) == 1:
            ((customer, delta),) = entries
            self._add(_Part(_CHANGE), changed=customer, delta=document(delta))
        elif entries:
            deltas = [document(delta) for _, delta in entries]
            self._add(_Part(_CHANGES), changed=[customer for customer, _ in entries], delta=deltas)

    def happened(self, news: Sequence[Happening]) -> None:
        if len(news) == 1:
            (said,) = news
            self._add(_Part(_EVENT), kind=str(said.kind), concerned=said.customer_id, body=document(said.body))
        elif news:
            self._add(
                _Part(_EVENTS),
                kind=[str(said.kind) for said in news],
                concerned=[said.customer_id for said in news],
                body=[document(said.body) for said in news],
            )

    @property
    def statements(self) -> list[Statement]:
        """The one statement; none where there is nothing to write."""
        return [Prepared(_statement(tuple(self.parts)), self.parameters)] if self.parts else []

    def _insert(self, rows: Collection[Model], name: str, *, facts: str = "") -> None:
        if len(rows) == 1:
            (row,) = rows
            said = {column: value for column, value in parameters_of(row).items() if value is not None}
            self.parts.append(_Part("", type(row), name, tuple(said), facts))
            left_out = _FACTS if facts else ()
            self.parameters |= {f"{name}_{column}": said[column] for column in said if column not in left_out}
        elif rows:
            self._add_many(_INSERT_MANY, rows, name)

    def _update(self, rows: Collection[Model], name: str) -> None:
        if len(rows) == 1:
            (row,) = rows
            said = parameters_of(row)
            self.parts.append(_Part("", type(row), name, tuple(said), saved=True))
            self.parameters |= {f"{name}_{column}": value for column, value in said.items()}
        elif rows:
            self._add_many(_UPDATE_MANY, rows, name)

    def _add_many(self, text: str, rows: Collection[Model], name: str) -> None:
        self._add(_Part(text, type(next(iter(rows))), name), **{name: as_json(rows)})

    def _add(self, part: _Part, **parameters: Any) -> None:
        self.parts.append(part)
        self.parameters |= parameters


@lru_cache(maxsize=512)
def _statement(parts: tuple[_Part, ...]) -> str:
    told = ", ".join(f"part_{place} AS ({_text(part)})" for place, part in enumerate(parts))
    return f"WITH {told} SELECT"


def _text(part: _Part) -> str:
    if part.model is None:
        return part.text
    table, name = part.model._meta.db_table, part.name
    if part.text:
        columns, values = assignment(part.model)
        return part.text.format(table=table, columns=columns, values=values, rows=name)
    if part.saved:
        return update_of_one(part.model, part.columns, name)
    owners = ((column, part.facts if part.facts and column in _FACTS else name) for column in part.columns)
    return insertion_of_one(part.model, {column: f"{owner}_{column}" for column, owner in owners})

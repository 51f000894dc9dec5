"""Append-only history and the event feed, written together at the end of a verb in one statement."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Model
from psycopg.types.json import Jsonb

from contacts import clock
from contacts.events import ANNOUNCE, News
from contacts.models import Contact, Customer
from contacts.record import ADDRESS_FIELDS, FIELDS, Facts
from contacts.round_trips import Statement, run
from sources.models import Tenant

Delta = dict[str, Any]

RESERVE_CONTACT_ID = "SELECT nextval('contacts_contact_id_seq')"

# Rows travel as JSON and are read back by the table's own row type. The foreign keys are deferred to the commit, so
# that a customer, its contact and what is told of both go in together.
_WRITE = f"""
WITH announced AS MATERIALIZED ({ANNOUNCE}),
customers AS (
    INSERT INTO contacts_customer SELECT * FROM jsonb_populate_recordset(NULL::contacts_customer, %(new_customers)s)
),
saved AS (
    UPDATE contacts_customer AS customer SET ({{columns}}) = ({{values}})
    FROM jsonb_populate_recordset(NULL::contacts_customer, %(saved_customers)s) AS now WHERE customer.id = now.id
),
saved_contacts AS (
    UPDATE contacts_contact AS contact SET ({{contact_columns}}) = ({{contact_values}})
    FROM jsonb_populate_recordset(NULL::contacts_contact, %(saved_contacts)s) AS now WHERE contact.id = now.id
),
contacts AS (
    INSERT INTO contacts_contact SELECT * FROM jsonb_populate_recordset(NULL::contacts_contact, %(new_contacts)s)
),
changed AS (
    INSERT INTO contacts_change (customer_id, changed_by, changed_at, delta)
    SELECT entry.customer_id, %(by)s, %(at)s, entry.delta
    FROM unnest(%(changed)s::uuid[], %(deltas)s::jsonb[]) WITH ORDINALITY AS entry (customer_id, delta, place)
    ORDER BY entry.place
)
INSERT INTO contacts_event (tenant_id, kind, customer_id, "by", at, body)
SELECT %(tenant)s, said.kind, said.customer_id, %(by)s, %(at)s, said.body
FROM announced, unnest(%(kinds)s::text[], %(customers)s::uuid[], %(bodies)s::jsonb[])
    WITH ORDINALITY AS said (kind, customer_id, body, place)
ORDER BY said.place
"""


@cache
def _statement() -> str:
    columns, values = _assignment(Customer)
    contact_columns, contact_values = _assignment(Contact)
    return _WRITE.format(columns=columns, values=values, contact_columns=contact_columns, contact_values=contact_values)


def _assignment(model: type[Model]) -> tuple[str, str]:
    """What an UPDATE sets, and to what: every column but the key."""
    names = [field.column for field in model._meta.concrete_fields if not field.primary_key]
    return ", ".join(f'"{name}"' for name in names), ", ".join(f'now."{name}"' for name in names)


def _row(model: Model) -> dict[str, Any]:
    return {str(field.column): getattr(model, field.attname) for field in model._meta.concrete_fields}


def _rows(models: Iterable[Model]) -> str:
    return json.dumps([_row(model) for model in models], default=_json)


def _json(value: datetime | UUID) -> str:
    """Times to the microsecond, which Django's own encoder cuts."""
    return value.isoformat() if isinstance(value, datetime) else str(value)


def difference(before: Facts, after: Facts) -> Delta:
    """The fields that differ, `{"from", "to"}` each; address parts and attributes dotted; unknown is null."""
    delta = {
        _audit_name(name): {"from": getattr(before, name) or None, "to": getattr(after, name) or None}
        for name in FIELDS
        if getattr(before, name) != getattr(after, name)
    }
    for name in sorted({*before.attributes, *after.attributes}):
        old, new = before.attributes.get(name), after.attributes.get(name)
        if old != new:
            delta[f"attributes.{name}"] = {"from": old, "to": new}
    return delta


def _audit_name(name: str) -> str:
    return f"address.{name}" if name in ADDRESS_FIELDS else name


@dataclass(slots=True)
class Chronicle:
    """What one verb did: who acted (`by`), when (`at`), new and saved rows, history entries and events, in order.

    All of it is written by one statement at the end of the verb (`write`), when every lock is held; `beside` are
    others that go with it, before it. A contact id reserved with the locks saves asking for one.
    """

    tenant: Tenant
    by: str
    at: datetime = field(default_factory=clock.now)
    reserved_contact_id: int | None = None
    new_customers: dict[UUID, Customer] = field(default_factory=dict)
    saved_customers: dict[UUID, Customer] = field(default_factory=dict)
    new_contacts: dict[int, Contact] = field(default_factory=dict)
    saved_contacts: dict[int, Contact] = field(default_factory=dict)
    entries: list[tuple[UUID, Delta]] = field(default_factory=list)
    news: list[News] = field(default_factory=list)
    beside: list[Statement] = field(default_factory=list)

    def contact_id(self) -> int:
        """The id of a contact to come. Ids are given out in order, and one that is not used leaves a gap."""
        if self.reserved_contact_id is not None:
            reserved, self.reserved_contact_id = self.reserved_contact_id, None
            return reserved
        with connection.cursor() as cursor:
            cursor.execute(RESERVE_CONTACT_ID)
            return int(cursor.fetchone()[0])

    def found(self, customer: Customer) -> None:
        """Have the row of a new customer written."""
        self.new_customers[customer.pk] = customer

    def heard(self, contact: Contact) -> None:
        """Have the row of a new contact written."""
        self.new_contacts[contact.pk] = contact

    def save(self, customer: Customer) -> None:
        """Have a changed customer's row written: in place of the one that is there, if it is."""
        rows = self.new_customers if customer.pk in self.new_customers else self.saved_customers
        rows[customer.pk] = customer

    def save_contact(self, contact: Contact) -> None:
        """Have a changed contact's row written: in place of the one that is there, if it is."""
        rows = self.new_contacts if contact.pk in self.new_contacts else self.saved_contacts
        rows[contact.pk] = contact

    def changed(self, customer_id: UUID, delta: Delta) -> None:
        self.entries.append((customer_id, delta))

    def happened(self, kind: str, customer_id: UUID, **body: Any) -> None:
        self.news.append(News(kind, customer_id, body))

    def write(self) -> None:
        """Write everything so far in the transaction under way; nothing to write is no statement."""
        run(*self.beside, *self._writing())
        for row in (*self.new_customers.values(), *self.new_contacts.values()):
            row._state.adding = False
        written: tuple[list[Any] | dict[Any, Any], ...] = (
            self.new_customers,
            self.saved_customers,
            self.new_contacts,
            self.saved_contacts,
            self.entries,
            self.news,
            self.beside,
        )
        for group in written:
            group.clear()

    def _writing(self) -> list[Statement]:
        if not (self.new_customers or self.saved_customers or self.new_contacts or self.entries or self.news):
            return []
        parameters = {
            "tenant": self.tenant.pk,
            "by": self.by,
            "at": self.at,
            "new_customers": _rows(self.new_customers.values()),
            "saved_customers": _rows(self.saved_customers.values()),
            "new_contacts": _rows(self.new_contacts.values()),
            "saved_contacts": _rows(self.saved_contacts.values()),
            "changed": [customer for customer, _ in self.entries],
            "deltas": [Jsonb(delta) for _, delta in self.entries],
            "kinds": [news.kind for news in self.news],
            "customers": [news.customer_id for news in self.news],
            "bodies": [Jsonb(news.body) for news in self.news],
        }
        return [Statement(_statement(), parameters)]

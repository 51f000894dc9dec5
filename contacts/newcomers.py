"""Customers whom nobody knew, by the thousand: written as text, and made into rows only where somebody asks for them.

Of a file's records most are such, and a row of a model costs several times what its text does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import uuid_utils

from contacts import customers
from contacts.events import membership
from contacts.models import Contact, Customer, Event
from contacts.plain_records import PlainRecord, as_json
from contacts.record import FIELDS, Record
from sources.models import SourceSystem, Tenant

# What is written of a newcomer, in the order of its lines; whatever else the tables have is null.
CUSTOMER_COLUMNS = (*FIELDS, "attributes", "id", "tenant_id", "version", "created_by", "created_at")
CONTACT_COLUMNS = (
    *(*FIELDS, "attributes", "id", "customer_id", "source_id", "source_key", "original_payload", "source_of_truth"),
    *("effective_date", "subtenant_id", "tenant_id", "added_by", "added_at"),
)
_NULL = "\\N"
_SPECIAL = re.compile(r"[\\\t\n\r]")
_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}


@dataclass(frozen=True, slots=True)
class Arrival:
    """To whom, by whom and when a chunk of records comes."""

    tenant: Tenant
    by: str
    at: datetime


class Newcomer:
    """A customer with its first and only contact; also the news of it (contacts.events.Happening).

    It has an id, drawn here as `contacts.models.new_customer_id` draws one: `pk` in bytes, and `name` as text, which is
    written three times.
    """

    __slots__ = ("_arrival", "_record", "_rows", "contact_id", "name", "pk", "plain", "source")

    kind = str(Event.Kind.CREATED)

    def __init__(
        self,
        plain: PlainRecord,
        *,
        contact_id: int,
        source: SourceSystem,
        arrival: Arrival,
        record: Record | None = None,
    ) -> None:
        self.plain = plain
        drawn = uuid_utils.uuid7()
        self.pk, self.name = drawn.bytes, str(drawn)
        self.contact_id = contact_id
        self.source = source
        self._arrival = arrival
        self._record = record
        self._rows: tuple[Customer, Contact] | None = None

    @property
    def customer_id(self) -> UUID:
        """Made where it is asked for: it takes ten times as long as to draw one."""
        return UUID(bytes=self.pk)

    @property
    def record(self) -> Record:
        if self._record is None:
            self._record = self.plain.whole
        return self._record

    @property
    def rows(self) -> tuple[Customer, Contact]:
        """The rows as they are inserted."""
        if self._rows is None:
            self._rows = customers.made(
                self.record,
                source=self.source,
                tenant=self._arrival.tenant,
                by=self._arrival.by,
                at=self._arrival.at,
                customer_id=self.customer_id,
                contact_id=self.contact_id,
            )
        return self._rows

    @property
    def body(self) -> dict[str, Any]:
        return {"contact": self.contact_id, **membership({}, {self.customer_id: [self.contact_id]})}


def lines(newcomers: Iterable[Newcomer], arrival: Arrival) -> tuple[list[str], list[str]]:
    """Of the customers and of their contacts, each as COPY reads it."""
    tenant, by, at = arrival.tenant.pk, text(arrival.by), arrival.at.isoformat()
    of_customer, of_contact = f"{tenant}\t1\t{by}\t{at}\n", f"{tenant}\t{by}\t{at}\n"
    of_customers, of_contacts = [], []
    for newcomer in newcomers:
        plain, customer = newcomer.plain, newcomer.name
        said = _said(plain)
        key = _NULL if plain.source_key is None else text(plain.source_key)
        truth = "t" if plain.source_of_truth else "f"
        since = plain.effective_date.isoformat() if plain.effective_date else _NULL
        part = _NULL if plain.subtenant_id is None else plain.subtenant_id
        of_customers.append(f"{said}\t{customer}\t{of_customer}")
        of_contacts.append(
            f"{said}\t{newcomer.contact_id}\t{customer}\t{newcomer.source.id}\t{key}\t{text(plain.payload)}"
            f"\t{truth}\t{since}\t{part}\t{of_contact}"
        )
    return of_customers, of_contacts


def _said(plain: PlainRecord) -> str:
    *values, attributes = plain.said
    told = "\t".join(values)
    if told.count("\t") >= len(values) or "\\" in told or "\n" in told or "\r" in told:
        told = "\t".join(map(text, values))
    return f"{told}\t{text(as_json(attributes)) if attributes else '{}'}"


def news_body(newcomer: Newcomer) -> str:
    """`body` as JSON."""
    contact = newcomer.contact_id
    return f'{{"contact":{contact},"before":{{}},"after":{{"{newcomer.name}":[{contact}]}}}}'


def text(value: str) -> str:
    """A value as COPY reads it."""
    return _SPECIAL.sub(lambda found: _ESCAPES[found.group()], value) if _SPECIAL.search(value) else value

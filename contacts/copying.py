"""A chronicle of thousands of rows, written by COPY, which costs PostgreSQL and us a fraction of what INSERT does."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any

from django.db import connection
from django.db.models import Field, ForeignKey, Model
from psycopg import Copy

from contacts.events import ANNOUNCE, Happening
from contacts.history import Chronicle
from contacts.models import Change, Contact, Customer, Event
from contacts.newcomers import CONTACT_COLUMNS, CUSTOMER_COLUMNS, Arrival, Newcomer, lines, news_body, text
from contacts.plain_records import as_json

# Fewer events than this are written in one statement, which is one round trip.
MANY = 50

Column = Callable[[Any], Any]


@dataclass(slots=True)
class CopiedChronicle(Chronicle):
    """New rows, entries and events go by COPY; rows that are there already, and are saved, as in any chronicle.

    `newcomers` are written without having been rows, unless they are saved once more before that.
    """

    newcomers: dict[bytes, Newcomer] = field(default_factory=dict)

    def came(self, newcomer: Newcomer) -> None:
        """Have a customer, its only contact and the news of it written."""
        self.newcomers[newcomer.pk] = newcomer
        self.news.append(newcomer)

    def save(self, customer: Customer) -> None:
        self._unpack(customer.id.bytes)
        Chronicle.save(self, customer)  # not super(): with slots, the class is another than the one written here

    def save_contact(self, contact: Contact) -> None:
        self._unpack(contact.customer_id.bytes)
        Chronicle.save_contact(self, contact)

    def _unpack(self, customer: bytes) -> None:
        newcomer = self.newcomers.pop(customer, None)
        if newcomer is not None:
            found, heard = newcomer.rows
            self.found(found)
            self.heard(heard)

    def send(self, *, with_commit: bool) -> None:
        if len(self.news) >= MANY:
            self._copy()
        for newcomer in list(self.newcomers):
            self._unpack(newcomer)
        Chronicle.send(self, with_commit=with_commit)

    def _copy(self) -> None:
        # Before any id of an event is given out: see contacts.events.
        with connection.cursor() as cursor:
            cursor.execute(ANNOUNCE)
        copy_rows(Customer, self.new_customers.values())
        copy_rows(Contact, self.new_contacts.values())
        arrival = Arrival(self.tenant, self.by, self.at)
        customers, contacts = lines(self.newcomers.values(), arrival)
        copy_lines(Customer, CUSTOMER_COLUMNS, customers)
        copy_lines(Contact, CONTACT_COLUMNS, contacts)
        at, by, tenant = _time(self.at), text(self.by), self.tenant.pk
        changes = [f"{customer}\t{by}\t{at}\t{text(as_json(delta))}\n" for customer, delta in self.entries]
        copy_lines(Change, ("customer_id", "changed_by", "changed_at", "delta"), changes)
        events = [f"{_told(news)}\t{by}\t{at}\t{tenant}\n" for news in self.news]
        copy_lines(Event, ("customer_id", "kind", "body", "by", "at", "tenant_id"), events)
        for group in (self.new_customers, self.new_contacts, self.entries, self.news, self.newcomers):
            group.clear()


def _told(news: Happening) -> str:
    """The first columns of an event."""
    if isinstance(news, Newcomer):
        return f"{news.name}\t{news.kind}\t{news_body(news)}"
    return f"{news.customer_id}\t{news.kind}\t{text(as_json(news.body))}"


def copy_rows(model: type[Model], rows: Collection[Model]) -> None:
    """Insert these rows, which have their ids."""
    names, read, converting = _columns(model)
    if rows:
        with _copying(model, names) as copy:
            for row in _converted(rows, read, converting):
                copy.write_row(row)


def copy_lines(model: type[Model], columns: Sequence[str], lines: Sequence[str]) -> None:
    """Insert rows that are written already as COPY reads them: values as `contacts.newcomers.text` has them."""
    if lines:
        with _copying(model, columns) as copy:
            copy.write("".join(lines))


def _converted(
    rows: Iterable[Model], read: Callable[[Any], tuple[Any, ...]], converting: Sequence[tuple[int, Column]]
) -> Iterator[list[Any]]:
    for row in rows:
        values = list(read(row.__dict__))
        for place, convert in converting:
            if values[place] is not None:
                values[place] = convert(values[place])
        yield values


@contextmanager
def _copying(model: type[Model], names: Sequence[str]) -> Iterator[Copy]:
    columns = ", ".join(f'"{name}"' for name in names)
    into = f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN'
    # Whoever begins a verb again, or waits for the database, looks for Django's errors, and COPY is none of its calls.
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(into) as copy:
        yield copy


@lru_cache(maxsize=16)
def _columns(
    model: type[Model],
) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]], tuple[tuple[int, Column], ...]]:
    """A table's columns; how to read them of a row; and those, by place, that do not travel as they are."""
    fields = model._meta.concrete_fields
    converting = tuple((place, convert) for place, field in enumerate(fields) if (convert := _conversion(field)))
    return tuple(str(field.column) for field in fields), itemgetter(*(field.attname for field in fields)), converting


def _conversion(field: Field[Any, Any]) -> Column | None:
    kind = (field.target_field if isinstance(field, ForeignKey) else field).get_internal_type()
    return _CONVERSIONS.get(kind)


@lru_cache(maxsize=256)
def _time(moment: datetime) -> str:
    return moment.isoformat()


_CONVERSIONS: Mapping[str, Column] = {"JSONField": as_json, "UUIDField": str, "DateTimeField": _time}

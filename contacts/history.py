"""Append-only history and the event feed, written together at the end of a verb in one statement."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from contacts import clock
from contacts.events import Happening, News
from contacts.models import Contact, Customer
from contacts.record import ADDRESS_FIELDS, FIELDS, Facts
from contacts.rows import reserving
from contacts.transactions import finally_run
from contacts.writing import Writing
from sources.models import Tenant
from sources.round_trips import Statement, run

Delta = dict[str, Any]


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
    others that go with it, before it. A contact id reserved with the locks saves asking for one. A `closing` one ends
    its verb, which reads nothing after the last writing: that goes with the commit.
    """

    tenant: Tenant
    by: str
    at: datetime = field(default_factory=clock.now)
    reserved_contact_id: int | None = None
    closing: bool = False
    new_customers: dict[UUID, Customer] = field(default_factory=dict)
    saved_customers: dict[UUID, Customer] = field(default_factory=dict)
    new_contacts: dict[int, Contact] = field(default_factory=dict)
    saved_contacts: dict[int, Contact] = field(default_factory=dict)
    entries: list[tuple[UUID, Delta]] = field(default_factory=list)
    news: list[Happening] = field(default_factory=list)
    beside: list[Statement] = field(default_factory=list)

    def contact_id(self) -> int:
        """The id of a contact to come. Ids are given out in order, and one that is not used leaves a gap."""
        if self.reserved_contact_id is not None:
            reserved, self.reserved_contact_id = self.reserved_contact_id, None
            return reserved
        reserving_one = reserving(Contact, 1)
        run(reserving_one)
        return int(reserving_one.rows[0][0])

    def found(self, customer: Customer) -> None:
        """Have the row of a new customer written."""
        self.new_customers[customer.id] = customer

    def heard(self, contact: Contact) -> None:
        """Have the row of a new contact written."""
        self.new_contacts[contact.id] = contact

    def save(self, customer: Customer) -> None:
        """Have a changed customer's row written: in place of the one that is there, if it is."""
        rows = self.new_customers if customer.id in self.new_customers else self.saved_customers
        rows[customer.id] = customer

    def save_contact(self, contact: Contact) -> None:
        """Have a changed contact's row written: in place of the one that is there, if it is."""
        rows = self.new_contacts if contact.id in self.new_contacts else self.saved_contacts
        rows[contact.id] = contact

    def changed(self, customer_id: UUID, delta: Delta) -> None:
        self.entries.append((customer_id, delta))

    def happened(self, kind: str, customer_id: UUID, **body: Any) -> None:
        self.news.append(News(kind, customer_id, body))

    def write(self, *, last: bool = False) -> None:
        """Write everything so far in the transaction under way; nothing to write is no statement.

        With `last`, nothing follows in a closing one: what is written goes with the commit, unless it is asked for.
        """
        self.send(with_commit=last and self.closing)
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

    def send(self, *, with_commit: bool) -> None:
        """Have the database do it: at once, or with the commit."""
        statements = [*self.beside, *self._writing()]
        at_once = not with_commit or any(each.awaited for each in statements)
        (run if at_once else finally_run)(*statements)

    def _writing(self) -> list[Statement]:
        """The one statement that writes all but what is beside it; none where there is nothing."""
        writing = Writing({"tenant": self.tenant.pk, "by": self.by, "at": self.at})
        writing.new(self.new_customers.values(), self.new_contacts.values())
        writing.saved(self.saved_customers.values(), self.saved_contacts.values())
        writing.changed(self.entries)
        writing.happened(self.news)
        return writing.statements

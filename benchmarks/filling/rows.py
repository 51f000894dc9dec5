"""The rows of a block of people, as text for COPY: customers, contacts, match keys, history and events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from benchmarks import people
from contacts.record import FIELDS, Facts
from matching.model_definition import ModelDefinition
from matching.plan import Plan

BY = "benchmark"
SECONDS_APART = 0.5

_FACTS = ", ".join(FIELDS)
COLUMNS = {
    "contacts_customer": f"id, tenant_id, version, {_FACTS}, attributes, created_by, created_at",
    "contacts_contact": (
        "id, tenant_id, customer_id, source_id, source_key, original_payload, source_of_truth, "
        f"{_FACTS}, attributes, added_by, added_at, match_confidence, match_algorithm, match_model"
    ),
    "matching_matchkey": "key, customer_id",
    "contacts_change": "customer_id, changed_by, changed_at, delta",
    "contacts_event": 'tenant_id, kind, customer_id, "by", at, body',
}
NULL = "\\N"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the rows go: ids of the tenant and its sources, its model, the first contact id, the time of number 0."""

    tenant: int
    crm: int
    erp: int
    shop: int
    model: ModelDefinition
    first_contact: int
    epoch: datetime

    @property
    def plan(self) -> Plan:
        return Plan.from_model(self.model)


@dataclass(slots=True)
class Block:
    """The lines of each table, in the order of the people."""

    place: Place
    lines: dict[str, list[str]] = field(default_factory=lambda: {table: [] for table in COLUMNS})

    def add(self, number: int) -> None:
        named = number % 2 == 0
        facts = people.facts_of(number) if named else shopper(number)
        also_known = is_in_erp(number)
        at = self.place.epoch + timedelta(seconds=SECONDS_APART * number)
        customer, contact = str(customer_id(number, at)), self.place.first_contact + 2 * number
        said = _line(*(getattr(facts, name) for name in FIELDS))
        self._put("contacts_customer", customer, self.place.tenant, 1 + also_known, said, "{}", BY, at)
        self._contacts(number, customer, contact, said, at)
        if named:
            keys = self.place.plan.index_keys(facts, scope=self.place.tenant)
            self.lines["matching_matchkey"] += [f"{key.value}\t{customer}" for key in keys]
        self._told(customer, contact, also_known=also_known, at=at)

    def _contacts(self, number: int, customer: str, contact: int, said: str, at: datetime) -> None:
        place, named = self.place, number % 2 == 0
        payload = (
            people.body_of(number)
            if named
            else {"email": people.email_of(number), "phoneNumber": people.phone_of(number)}
        )
        source, key = (place.crm, f"K{number}") if named else (place.shop, NULL)
        head = (place.tenant, customer)
        tail = (json.dumps(payload), "f", said, "{}", BY, at)
        self._put("contacts_contact", contact, *head, source, key, *tail, NULL, NULL, NULL)
        if is_in_erp(number):
            self._put("contacts_contact", contact + 1, *head, place.erp, f"E{number}", *tail, 1, "fellegi_sunter", 1)

    def _told(self, customer: str, contact: int, *, also_known: bool, at: datetime) -> None:
        created = _told_of(contact, before={}, after={customer: [contact]})
        self._put("contacts_event", self.place.tenant, "created", customer, BY, at, created)
        if also_known:
            change = {"aliases": {"action": "added", "source_system": "ERP", "source_key": None}}
            self._put("contacts_change", customer, BY, at, json.dumps(change))
            both = {customer: [contact, contact + 1]}
            linked = _told_of(contact + 1, before={customer: [contact]}, after=both)
            self._put("contacts_event", self.place.tenant, "linked", customer, BY, at, linked)

    def _put(self, table: str, *values: Any) -> None:
        self.lines[table].append(_line(*values))


def block(place: Place, numbers: Iterator[int] | range) -> dict[str, list[str]]:
    """Every line of these people, by table."""
    made = Block(place)
    for number in numbers:
        made.add(number)
    return made.lines


def shopper(number: int) -> Facts:
    return Facts(email=people.email_of(number), phone=people.phone_of(number))


def is_in_erp(number: int) -> bool:
    return number % 10 == 0


def customer_id(number: int, at: datetime) -> UUID:
    """A UUID of version 7 (RFC 9562): its time is the customer's, the rest follows from the number."""
    milliseconds = int(at.astimezone(UTC).timestamp() * 1000)
    chance = people.bits(number, 10)
    return UUID(int=milliseconds << 80 | 7 << 76 | (chance >> 52) << 64 | 2 << 62 | chance & ((1 << 62) - 1))


def _told_of(contact: int, *, before: dict[str, list[int]], after: dict[str, list[int]]) -> str:
    """An event's body, as contacts.events.membership makes it."""
    return json.dumps({"contact": contact, "before": before, "after": after})


def _line(*values: Any) -> str:
    return "\t".join(map(str, values))

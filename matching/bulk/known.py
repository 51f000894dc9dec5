"""A customer as a chunk of records knows it: as it was read, and as the decisions of the chunk have changed it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from contacts.models import Contact, Customer
from contacts.newcomers import Newcomer
from contacts.record import FIELDS, Facts
from matching.bulk.shelf import Id
from matching.outcomes import Held, Neighbour
from sources.models import Tenant
from sources.rows import stored

_SAID = (*FIELDS, "attributes")
_OF_CUSTOMER = ("id", "version", "created_by", "updated_by", *_SAID)
# As text: hardly anybody's are asked for.
_TIMES_OF_CUSTOMER = ("created_at", "updated_at")
_OF_CONTACT = ("id", "source_of_truth", "effective_date", "added_at", "source_id", "source_key", "pins", *_SAID)

# What is read of a `customer` and one `contact` of it; a customer with several comes several times.
COLUMNS = ", ".join(
    [
        *(f"customer.{name} AS customer_{name}" for name in _OF_CUSTOMER),
        *(f"customer.{name}::text AS customer_{name}" for name in _TIMES_OF_CUSTOMER),
        *(f"contact.{name} AS contact_{name}" for name in _OF_CONTACT),
    ]
)
_CONTACT_AT = len(_OF_CUSTOMER) + len(_TIMES_OF_CUSTOMER)
_PINS_AT = _CONTACT_AT + _OF_CONTACT.index("pins")
WIDTH = _CONTACT_AT + len(_OF_CONTACT)
_GOLDEN = slice(_OF_CUSTOMER.index(_SAID[0]), len(_OF_CUSTOMER))
_FACTS = slice(_PINS_AT + 1, WIDTH)
_NAMES = (*_OF_CUSTOMER, *_TIMES_OF_CUSTOMER)
_NONE = "{}"  # most have no attributes


@dataclass(slots=True)
class Known:
    """A customer as it is now: what its row says, and its contacts in the order of their ids.

    `held`: nobody else can change it until the transaction ends, as it is locked or new.
    """

    id: UUID
    version: int
    golden: Facts
    contacts: tuple[Held, ...]
    held: bool
    _row: Customer | Sequence[Any]
    _tenant: int

    def as_neighbour(self, tokens: Iterable[str]) -> Neighbour:
        return Neighbour(self.id, self.version, self.golden, self.contacts, tuple(sorted(set(tokens))))

    @property
    def customer(self) -> Customer:
        """The row, put together where it is asked for."""
        if not isinstance(self._row, Customer):
            self._row = _customer(self._row, self.golden, self._tenant)
        return self._row


def known_of(rows: Iterable[Sequence[Any]], tenant: Tenant) -> dict[Id, Known]:
    """The customers of rows of COLUMNS. Nobody holds them."""
    known: dict[Id, Known] = {}
    owner = tenant.pk
    for row in rows:
        pk = row[0].bytes
        said = _facts(row[_FACTS])
        held = _held(row, said)
        found = known.get(pk)
        if found is None:
            # Most have one contact, and say what that says.
            golden = said if row[_GOLDEN] == row[_FACTS] else _facts(row[_GOLDEN])
            known[pk] = Known(row[0], row[1], golden, (held,), False, row, owner)
        else:
            found.contacts = tuple(sorted((*found.contacts, held), key=_number))
    return known


def newly(newcomer: Newcomer) -> Known:
    """Somebody new, whom nobody else can see yet."""
    customer, contact = newcomer.rows
    facts = newcomer.record.facts
    return Known(customer.id, customer.version, facts, (as_held(contact, facts),), True, customer, customer.tenant_id)


def as_held(contact: Contact, facts: Facts) -> Held:
    return Held(
        contact.pk,
        facts,
        contact.source_of_truth,
        contact.effective_date,
        contact.added_at,
        contact.source_id,
        contact.source_key,
        contact.pins,
    )


def stated(known: Known | None, customer: Customer, held: Held) -> Known:
    """The same customer when one of its contacts has come or says something else: a new one has the highest id."""
    before = known.contacts if known else ()
    if any(each.id == held.id for each in before):
        contacts = tuple(held if each.id == held.id else each for each in before)
    else:
        contacts = (*before, held)
    golden = customer.facts if before else held.facts
    return Known(customer.id, customer.version, golden, contacts, True, customer, customer.tenant_id)


def _held(row: Sequence[Any], facts: Facts) -> Held:
    pins = row[_PINS_AT] and json.loads(row[_PINS_AT])
    said = (facts, *row[_CONTACT_AT + 1 : _PINS_AT], pins)
    return Held(row[_CONTACT_AT], *said)


def _facts(said: Sequence[Any]) -> Facts:
    attributes = said[-1]
    values = (*said[:-1], {} if attributes == _NONE else json.loads(attributes))
    return Facts(*values)


def _customer(row: Sequence[Any], golden: Facts, tenant: int) -> Customer:
    """As it is stored: one that is live."""
    values = dict(zip(_NAMES, row, strict=False))
    for name in _TIMES_OF_CUSTOMER:
        values[name] = values[name] and datetime.fromisoformat(values[name])
    values |= {"attributes": dict(golden.attributes), "tenant_id": tenant}
    values |= {"deleted_by": None, "deleted_at": None, "merged_into_id": None}
    return stored(Customer, tuple(values), tuple(values.values()))


def _number(held: Held) -> int:
    return held.id

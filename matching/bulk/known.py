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
_OF_CUSTOMER = ("id", "version", "created_by", "updated_by")
# Times come as text: hardly anybody's are asked for.
_TIMES_OF_CUSTOMER = ("created_at", "updated_at")
# As `Held` has them, the facts aside, and then those.
_OF_CONTACT = ("source_of_truth", "effective_date::text", "added_at::text", "source_id", "source_key", "pins")
# Most customers say what their only contact says: that is not sent twice.
_SAME = " AND ".join(f"customer.{name} = contact.{name}" for name in _SAID)
_GOLDEN_AS_TEXTS = ", ".join(f"customer.{name}::text" for name in _SAID)

# What is read of a `customer` and one `contact` of it; a customer with several comes several times.
COLUMNS = ", ".join(
    [
        *(f"customer.{name} AS customer_{name}" for name in _OF_CUSTOMER),
        *(f"customer.{name}::text AS customer_{name}" for name in _TIMES_OF_CUSTOMER),
        f"CASE WHEN {_SAME} THEN NULL ELSE ARRAY[{_GOLDEN_AS_TEXTS}] END AS golden",
        "contact.id AS contact_id",
        *(f"contact.{name} AS contact_{place}" for place, name in enumerate(_OF_CONTACT)),
        *(f"contact.{name} AS contact_{name}" for name in _SAID),
    ]
)
_NAMES = (*_OF_CUSTOMER, *_TIMES_OF_CUSTOMER)
_GOLDEN = len(_NAMES)
_CONTACT_ID = _GOLDEN + 1
_FACTS_AT = _CONTACT_ID + 1 + len(_OF_CONTACT)
_PINS = _FACTS_AT - 1
WIDTH = _FACTS_AT + len(_SAID)
_NONE = "{}"  # most have no attributes
# Named tuples by the thousand: their own constructors take twice as long.
_tuple = tuple.__new__


class _AsRead(Held):
    """A contact whose times are texts still, as they were read: they are asked of few."""

    __slots__ = ()

    @property
    def effective_date(self) -> datetime | None:
        text = super().effective_date
        return text and datetime.fromisoformat(str(text))

    @property
    def added_at(self) -> datetime:
        return datetime.fromisoformat(str(super().added_at))


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

    def as_neighbour(self, tokens: Sequence[str]) -> Neighbour:
        told = tuple(tokens) if len(tokens) < 2 else tuple(sorted(set(tokens)))
        return _tuple(Neighbour, (self.id, self.version, self.golden, self.contacts, told))

    @property
    def customer(self) -> Customer:
        """The row, put together where it is asked for."""
        if not isinstance(self._row, Customer):
            self._row = _customer(self._row, self.golden, self._tenant)
        return self._row


def known_of(rows: Iterable[Sequence[Any]], tenant: Tenant) -> dict[Id, Known]:
    """The customers of rows that begin with COLUMNS. Nobody holds them."""
    known: dict[Id, Known] = {}
    owner = tenant.pk
    for row in rows:
        pk = row[0].bytes
        held = _held(row)
        found = known.get(pk)
        if found is None:
            golden = held.facts if row[_GOLDEN] is None else _facts(row[_GOLDEN])
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


def _held(row: Sequence[Any]) -> Held:
    pins = row[_PINS] and json.loads(row[_PINS])
    facts = _facts(row[_FACTS_AT:WIDTH])
    return _tuple(_AsRead, (row[_CONTACT_ID], facts, *row[_CONTACT_ID + 1 : _PINS], pins, "", ""))


def _facts(said: Sequence[Any]) -> Facts:
    attributes = said[-1]
    return _tuple(Facts, (*said[:-1], {} if attributes == _NONE else json.loads(attributes)))


def _customer(row: Sequence[Any], golden: Facts, tenant: int) -> Customer:
    """As it is stored: one that is live."""
    values = {**dict(zip(_NAMES, row, strict=False)), **dict(zip(_SAID, golden, strict=True))}
    for name in _TIMES_OF_CUSTOMER:
        values[name] = values[name] and datetime.fromisoformat(values[name])
    values |= {"attributes": dict(golden.attributes), "tenant_id": tenant}
    values |= {"deleted_by": None, "deleted_at": None, "merged_into_id": None}
    return stored(Customer, tuple(values), tuple(values.values()))


def _number(held: Held) -> int:
    return held.id

"""A person's word on one field of the golden record: it is what this contact says, whatever is said later.

A pin is kept with the contact whose value it is and goes where that contact goes: to the survivor of a merge, back
when that is undone, to its side of a split. Why so: docs/adr/0008-pins.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC
from typing import Any
from uuid import UUID

from contacts import customers
from contacts.errors import Invalid, NotFound
from contacts.history import Chronicle
from contacts.models import Contact, Customer, Event
from contacts.record import ADDRESS_FIELDS, FIELDS, OF_ATTRIBUTE
from contacts.survivorship import Pin, resolve
from contacts.transactions import verb
from matching import keys
from matching.active import active_model
from matching.locks import lock_customers
from matching.splitting import CustomerNotFound
from sources.models import Tenant

REASON_LIMIT = 500
_OF_ADDRESS = "address."
_NAMES = {(f"{_OF_ADDRESS}{field}" if field in ADDRESS_FIELDS else field): field for field in FIELDS}
_DOTTED = {field: name for name, field in _NAMES.items()}


class UnknownField(NotFound):
    def __init__(self) -> None:
        super().__init__("Field not found")


class NotPinned(NotFound):
    def __init__(self) -> None:
        super().__init__("This field is not pinned")


class NothingToPin(Invalid):
    def __init__(self) -> None:
        super().__init__("The alias is not this customer's, or says nothing in this field")


def field_named(name: str) -> str:
    """A field by the name it has in histories and addresses: `address.zip` is `zip`. Raises UnknownField."""
    field = name if name.startswith(OF_ATTRIBUTE) else _NAMES.get(name)
    if field is None:
        raise UnknownField
    return field


def dotted(field: str) -> str:
    """The other way round: `zip` is `address.zip`."""
    return _DOTTED.get(field, field)


@verb
def pin(customer_id: UUID, *, field: str, alias_id: int, reason: str, tenant: Tenant, by: str) -> Customer:
    """Have the golden record say what this contact says in this field; a pin that was there gives way.

    Saying the same again writes nothing. Raises CustomerNotFound, NothingToPin.
    """
    customer, contacts = _locked(customer_id, tenant=tenant)
    contact = next((each for each in contacts if each.pk == alias_id), None)
    if contact is None or not contact.facts.value(field):
        raise NothingToPin
    chronicle = Chronicle(tenant, by)
    at = chronicle.at.astimezone(UTC).isoformat(timespec="microseconds")
    said = Pin(value=contact.facts.value(field), by=by, at=at, reason=reason)
    if _repeats(said, field, contact, contacts):
        return customer
    _free(contacts, field, chronicle=chronicle)
    contact.pins = {**(contact.pins or {}), field: said}
    chronicle.save_contact(contact)
    _conclude(customer, contacts, contact, _told("pinned", field, contact, reason), chronicle=chronicle)
    return customer


@verb
def unpin(customer_id: UUID, *, field: str, tenant: Tenant, by: str) -> Customer:
    """Let survivorship choose the field again. Raises CustomerNotFound, NotPinned."""
    customer, contacts = _locked(customer_id, tenant=tenant)
    standing = resolve(contacts)
    if field not in standing.pins:
        raise NotPinned
    chronicle = Chronicle(tenant, by)
    contact = next(each for each in contacts if each.pk == standing.provenance[field])
    _free(contacts, field, chronicle=chronicle)
    _conclude(customer, contacts, contact, _told("unpinned", field, contact, None), chronicle=chronicle)
    return customer


def _locked(customer_id: UUID, *, tenant: Tenant) -> tuple[Customer, list[Contact]]:
    customer = lock_customers(tenant, [customer_id]).get(customer_id)
    if customer is None:
        raise CustomerNotFound
    return customer, list(Contact.objects.live().filter(customer=customer).select_related("source").order_by("pk"))


def _repeats(said: Pin, field: str, contact: Contact, contacts: Sequence[Contact]) -> bool:
    """Whether the field is pinned to this contact's value, and for this reason, already."""
    standing = resolve(contacts)
    before = standing.pins.get(field)
    if before is None or standing.provenance[field] != contact.pk:
        return False
    return (before["value"], before["reason"]) == (said["value"], said["reason"])


def _free(contacts: Iterable[Contact], field: str, *, chronicle: Chronicle) -> None:
    """Take the pins on a field away, those too that a merge left beside the one that stands."""
    for contact in contacts:
        pins = contact.pins or {}
        if field in pins:
            contact.pins = {name: pin for name, pin in pins.items() if name != field} or None
            chronicle.save_contact(contact)


def _told(action: str, field: str, contact: Contact, reason: str | None) -> dict[str, Any]:
    """What the history says beside the values that differ."""
    return {
        "action": action,
        "field": dotted(field),
        "alias_id": contact.pk,
        "source_system": contact.source.name,
        "source_key": contact.source_key,
        **({"reason": reason} if reason else {}),
    }


def _conclude(
    customer: Customer, contacts: Sequence[Contact], contact: Contact, told: dict[str, Any], *, chronicle: Chronicle
) -> None:
    delta = customers.rebuild(customer, contacts, chronicle=chronicle)
    plan = active_model(chronicle.tenant).plan
    said = [each.facts for each in contacts]
    keys.restate(customer.pk, said, golden=customer.facts, tenant=chronicle.tenant, plan=plan)
    chronicle.changed(customer.pk, {"pin": told, **delta})
    chronicle.happened(Event.Kind.UPDATED, customer.pk, contact=contact.pk)
    chronicle.write()

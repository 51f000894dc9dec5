"""A customer as people look at it: every golden value with the record it came from, and the records themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contacts import survivorship
from contacts.models import Contact, Customer
from contacts.record import FIELDS, OF_ATTRIBUTE, Facts
from contacts.survivorship import Pin
from matching.evidence import Evidence
from matching.outcomes import SHARED_IDENTIFIER

LABELS: Mapping[str, str] = {
    "first_name": "First name",
    "last_name": "Last name",
    "email": "E-mail",
    "phone": "Phone",
    "street": "Street",
    "city": "City",
    "state": "State",
    "zip": "ZIP",
    "country": "Country",
}
_SHARED_WORDS = {"email": "e-mail", "phone": "phone"}


def label_of(field: str) -> str:
    """A field of the golden record, or `attributes.<name>`, as people call it."""
    name = field.removeprefix("address.")
    return LABELS.get(name) or name.removeprefix(OF_ATTRIBUTE).replace("_", " ").capitalize()


@dataclass(frozen=True, slots=True)
class Pinned:
    """Who said that a value is to stand, when, and why."""

    by: str
    at: datetime
    reason: str

    @classmethod
    def read(cls, pin: Pin | None) -> Pinned | None:
        return cls(pin["by"], datetime.fromisoformat(pin["at"]), pin["reason"]) if pin else None


@dataclass(frozen=True, slots=True)
class GoldenValue:
    """One value of the golden record; `others` are the other values that its records give, with who gives them.

    `said` is whether the record it is from still says so: one may have been corrected since its value was pinned.
    """

    field: str
    value: str
    origin: Contact | None
    others: Sequence[tuple[str, Contact]]
    pin: Pinned | None = None

    @property
    def label(self) -> str:
        return label_of(self.field)

    @property
    def said(self) -> bool:
        return self.origin is not None and self.origin.facts.value(self.field) == self.value


def golden_values(facts: Facts, contacts: Sequence[Contact]) -> list[GoldenValue]:
    """The golden record field by field, with its origins; fields that nobody filled are left out."""
    by_id = {contact.pk: contact for contact in contacts}
    golden = survivorship.resolve(contacts)
    fields = [*FIELDS, *(f"{OF_ATTRIBUTE}{name}" for name in sorted(facts.attributes))]
    return [
        GoldenValue(
            field,
            value,
            by_id.get(golden.provenance.get(field, 0)),
            _others(field, value, contacts),
            Pinned.read(golden.pins.get(field)),
        )
        for field in fields
        if (value := facts.value(field))
    ]


def _others(field: str, value: str, contacts: Iterable[Contact]) -> list[tuple[str, Contact]]:
    found: dict[str, Contact] = {}
    for contact in contacts:
        said = contact.facts.value(field)
        if said and said != value:
            found[said] = contact
    return list(found.items())


@dataclass(frozen=True, slots=True)
class Card:
    """A record of a customer: what it says, `=` or `≠` to the golden record, as sent, and why it is here."""

    contact: Contact
    values: Sequence[tuple[str, str, bool]]
    sent: Sequence[tuple[str, str]]
    reason: str
    mine: bool

    @property
    def reportable(self) -> bool:
        """Whether a machine linked it, so that the link can be called wrong."""
        return self.mine and self.contact.match_confidence is not None and self.contact.deleted_at is None


def cards(customer: Customer, contacts: Sequence[Contact], source_ids: Sequence[int] | None) -> list[Card]:
    """`source_ids`: whose records the reader may decide on; None: everybody's."""
    return [_card(customer.facts, contact, source_ids) for contact in contacts]


def _card(golden: Facts, contact: Contact, source_ids: Sequence[int] | None) -> Card:
    facts = contact.facts
    fields = [*FIELDS, *(f"{OF_ATTRIBUTE}{name}" for name in facts.attributes)]
    values = [(label_of(field), said, said == golden.value(field)) for field in fields if (said := facts.value(field))]
    mine = source_ids is None or contact.source_id in source_ids
    return Card(contact, values, flattened(contact.original_payload), link_reason(contact), mine)


def flattened(payload: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """A body as sent, one line a value: `address.city`."""
    lines: list[tuple[str, str]] = []
    for name, value in payload.items():
        if isinstance(value, Mapping):
            lines += flattened(value, f"{prefix}{name}.")
        else:
            lines.append((f"{prefix}{name}", "none" if value is None else str(value)))
    return lines


def link_reason(contact: Contact) -> str:
    """Why a record is with its customer, in a sentence; empty where no machine put it there."""
    stored = contact.match_evidence
    if not stored:
        return ""
    if contact.match_algorithm == SHARED_IDENTIFIER or "shared" in stored:
        labels = " and ".join(_SHARED_WORDS.get(field, field) for field in stored.get("shared", {}))
        return f"Same {labels}: linked by rule." if labels else "Linked by rule."
    return evidence_sentence(stored)


def evidence_sentence(stored: Mapping[str, Any]) -> str:
    """Weighed evidence, as it is kept with a link or a candidate, in words; empty where there is none."""
    if "fields" not in stored:
        return ""
    return Evidence.from_dict({name: value for name, value in stored.items() if name != "against"}).sentence()

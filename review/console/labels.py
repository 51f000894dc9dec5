"""What things are called on the screen."""

from __future__ import annotations

from contacts.models import Contact
from contacts.record import Facts
from matching.models import CandidatePair

FIELD_LABELS = {
    "first_name": "First name",
    "last_name": "Last name",
    "email": "E-mail",
    "phone": "Phone",
    "street": "Street",
    "city": "City",
    "state": "State",
    "zip": "ZIP",
    "country": "Country",
    "address_composite": "Address",
}

# A candidate as the console calls what the API calls its status.
STATUS_WORDS = {
    CandidatePair.Status.PENDING: "waiting",
    CandidatePair.Status.APPROVED: "same person",
    CandidatePair.Status.REJECTED: "not the same",
    CandidatePair.Status.SUPERSEDED: "overtaken by a better one",
    CandidatePair.Status.WITHDRAWN: "one of the two was deleted",
}


def field_label(name: str) -> str:
    """Of a field of the facts, of the history (`address.city`) or of a model (`attributes.loyalty_number`)."""
    plain = name.removeprefix("address.").removeprefix("attributes.")
    return FIELD_LABELS.get(plain) or capital(plain.strip("_").replace("_", " "))


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def full_name(facts: Facts) -> str:
    return " ".join(part for part in (facts.first_name, facts.last_name) if part) or "No name"


def address_line(facts: Facts) -> str:
    place = " ".join(part for part in (facts.city, facts.state, facts.zip) if part)
    return ", ".join(part for part in (facts.street, place) if part)


def record_label(contact: Contact) -> str:
    """A record by its key, as its own system's people know it; the source must be loaded."""
    return (
        f"{contact.source.name} {contact.source_key}" if contact.source_key else f"{contact.source.name} #{contact.pk}"
    )

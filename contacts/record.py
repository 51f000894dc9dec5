"""The one normalised input type that every floor passes around. Pure: no Django."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

FIELDS = ("first_name", "last_name", "email", "phone", "street", "city", "state", "zip", "country")
ADDRESS_FIELDS = ("street", "city", "state", "zip", "country")
# How a custom attribute is called among the fields: "attributes.born".
OF_ATTRIBUTE = "attributes."

_NO_ATTRIBUTES: Mapping[str, str] = {}


class Facts(NamedTuple):
    """What is known of somebody, normalised; an empty string means not known.

    `first_name` is the formal name (Bill is William), `email` is lower case, `phone` is E.164, the address follows
    USPS Publication 28, `country` is ISO 3166-1 alpha-2. `attributes` holds the tenant's custom attributes by name,
    normalised to strings (numbers in plain decimal, dates as ISO 8601).

    A tuple, as a decision reads dozens of them and Python makes one in a third of the time of a frozen dataclass.
    """

    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone: str = ""
    street: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""
    country: str = ""
    attributes: Mapping[str, str] = _NO_ATTRIBUTES

    @property
    def named(self) -> bool:
        return bool(self.first_name or self.last_name)

    @property
    def texts(self) -> tuple[str, ...]:
        """What is said in each of FIELDS."""
        return self[: len(FIELDS)]  # type: ignore[return-value]  # all of them are texts

    def value(self, field_name: str) -> str:
        """Of one of FIELDS, or of `attributes.<name>`; empty where nothing is known."""
        if field_name.startswith(OF_ATTRIBUTE):
            return self.attributes.get(field_name.removeprefix(OF_ATTRIBUTE), "")
        return str(getattr(self, field_name))


@dataclass(frozen=True, slots=True)
class Record:
    """One submission of one source about one somebody: its facts, its key there, and the body exactly as sent.

    `effective_date` is None where the source gave none; `source_key` is None for the built-in sources. `subtenant_id`
    names the part of the tenant it is for, where the door asks.
    """

    facts: Facts
    original_payload: Mapping[str, Any]
    source_system: str
    source_key: str | None = None
    source_of_truth: bool = False
    effective_date: datetime | None = None
    subtenant_id: int | None = None

    @property
    def is_all_details(self) -> bool:
        """Whether it says nothing but an e-mail and a phone."""
        facts = self.facts
        return self == Record(Facts(email=facts.email, phone=facts.phone), self.original_payload, self.source_system)

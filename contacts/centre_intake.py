"""A contact centre's attributes in, as its client applications write them: normalised Facts out, or every error."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from contacts.errors import InvalidBody
from contacts.normalisation.date_patterns import DEFAULT_PATTERN, day_reader
from contacts.normalisation.email import MAX_LENGTH as MAX_EMAIL_LENGTH
from contacts.normalisation.email import is_valid_email, normalise_email
from contacts.normalisation.json_values import number_text, plain_decimal
from contacts.normalisation.names import formal_name
from contacts.normalisation.phone import to_e164
from contacts.normalisation.text import tidy
from contacts.record import Facts

NAME_LIMIT = 200
PHONE_LIMIT = 50
ATTRIBUTE_LIMIT = 500

_NO_DIGIT = re.compile(r"\D")


def read_attributes(
    given: Mapping[str, Any], *, types: Mapping[str, str], region: str, date_pattern: str = DEFAULT_PATTERN
) -> Facts:
    """The facts in a request's attributes. `null` and an empty string mean that an attribute is not given.

    `types`: the custom attributes defined for the tenant; `region` (ISO 3166-1 alpha-2) is where a phone number without
    a country code is from, and one that is no number of it is known by its digits, as at the checkout's door;
    `date_pattern` says how dates are written (contacts.normalisation.date_patterns). Raises InvalidBody.
    """
    reader = _Reader(types, region, date_pattern)
    said = {name: value for name, value in given.items() if value is not None and value != ""}
    facts = Facts(
        first_name=formal_name(reader.text("FirstName", said.get("FirstName"), NAME_LIMIT)),
        last_name=reader.text("LastName", said.get("LastName"), NAME_LIMIT),
        email=reader.email(said.get("EmailAddress")),
        phone=reader.phone(said.get("PhoneNumber")),
        attributes={name: reader.custom(name, said[name]) for name in said if name not in FIELDS},
    )
    if reader.errors:
        raise InvalidBody(reader.errors)
    return facts


FIELDS = ("FirstName", "LastName", "EmailAddress", "PhoneNumber")


class _Reader:
    """Reads values one by one and collects what is wrong with them in `errors`; a wrong value is read as empty."""

    def __init__(self, types: Mapping[str, str], region: str, date_pattern: str) -> None:
        self.errors: list[str] = []
        self._types = types
        self._region = region
        self._day = self._day_reader(date_pattern)

    def _day_reader(self, pattern: str) -> Callable[[str], date] | None:
        try:
            return day_reader(pattern)
        except ValueError as fault:
            self.errors.append(f"DatePattern cannot be read: {fault}")
            return None

    def text(self, name: str, value: object, limit: int) -> str:
        if value is None:
            return ""
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            return self._wrong(f"{name} must be a string")
        text = tidy(value) if isinstance(value, str) else number_text(value)
        return text if len(text) <= limit else self._wrong(f"{name} is too long (at most {limit} characters)")

    def email(self, value: object) -> str:
        text = normalise_email(self.text("EmailAddress", value, MAX_EMAIL_LENGTH))
        return text if not text or is_valid_email(text) else self._wrong("EmailAddress format is invalid")

    def phone(self, value: object) -> str:
        text = self.text("PhoneNumber", value, PHONE_LIMIT)
        if not text:
            return ""
        return to_e164(text, self._region) or _NO_DIGIT.sub("", text) or self._wrong("PhoneNumber has no digits")

    def custom(self, name: str, value: object) -> str:
        kind = self._types.get(name)
        if kind is None:
            return self._wrong(f"attribute '{name[:100]}' is not defined")
        if kind == "string":
            return self.text(name, value, ATTRIBUTE_LIMIT)
        try:
            return self._date(value) if kind == "date" else plain_decimal(value)
        except ValueError:
            how = ", as DatePattern has it" if kind == "date" else ""
            return self._wrong(f"{name} is not a valid {kind}{how}")

    def _date(self, value: object) -> str:
        if not isinstance(value, str):
            raise ValueError("a date is written as text")
        return self._day(value).isoformat() if self._day else ""

    def _wrong(self, error: str) -> str:
        self.errors.append(error)
        return ""

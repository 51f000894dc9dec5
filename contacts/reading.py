"""Reading one JSON body field by field: the normalised value of each, and what is wrong with it in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from contacts.normalisation import addresses
from contacts.normalisation.countries import COUNTRY_CODES
from contacts.normalisation.dates import parse_day, parse_instant
from contacts.normalisation.email import MAX_LENGTH as MAX_EMAIL_LENGTH
from contacts.normalisation.email import is_valid_email, normalise_email
from contacts.normalisation.json_values import number_text, plain_decimal
from contacts.normalisation.names import formal_name
from contacts.normalisation.phone import to_e164
from contacts.normalisation.text import squeeze, tidy

# The most characters a field may have as sent, white space around it not counted.
_LIMITS = {"email": MAX_EMAIL_LENGTH, "phone": 50, "street": 500, "state": 60, "zip": 20, "source_key": 255}
_USUAL_LIMIT = 200
_ATTRIBUTE_LIMIT = 500


class BodyReader:
    """Reads fields of a JSON object and collects what is wrong with them in `errors`, in the order they are read.

    Every method answers None for a field it found wrong and an empty value for one that is absent, null or blank.
    `region` (ISO 3166-1 alpha-2) is the country of phones and addresses where the body names none. With
    `skip_unreadable_phone` a phone that is no valid number counts as absent.
    """

    def __init__(self, body: Mapping[str, Any], *, region: str, skip_unreadable_phone: bool = False) -> None:
        self.body = body
        self.errors: list[str] = []
        self._skip_unreadable_phone = skip_unreadable_phone
        address = body.get("address")
        self._address: Mapping[str, Any] = address if isinstance(address, dict) else {}
        own, of_address = _country_code(body.get("country")), _country_code(self._address.get("country"))
        self._country_is_wrong = own is None or of_address is None
        self.country = of_address or own or ""
        self._phone_region = own or of_address or region
        self._address_region = self.country or region

    def read(self, name: str) -> str | None:
        """One of the single fields: first_name, last_name, email, phone, source_system, source_key."""
        match name:
            case "first_name":
                text = self._text(name, self.body.get(name))
                return formal_name(text) if text else text
            case "email":
                return self._email()
            case "phone":
                return self._phone()
            case _:
                return self._text(name, self.body.get(name))

    def _email(self) -> str | None:
        text = self._text("email", _none_if_falsy(self.body.get("email")))
        if not text:
            return text
        email = normalise_email(text)
        return email if is_valid_email(email) else self._wrong("email format is invalid")

    def _phone(self) -> str | None:
        text = self._text("phone", _none_if_falsy(self.body.get("phone")))
        if not text:
            return text
        number = to_e164(text, self._phone_region)
        if number or self._skip_unreadable_phone:
            return number
        return self._wrong("phone format is invalid or unrecognized")

    def address(self) -> dict[str, str]:
        """The parts of the address that the body mentions, the country among them."""
        if self.body.get("address") not in (None, "") and not isinstance(self.body["address"], dict):
            self._wrong("address must be an object")
        if self._country_is_wrong:
            self._wrong("country is not an ISO 3166-1 alpha-2 code")
        named = [part for part in ("street", "city", "state", "zip") if part in self._address]
        parts = {part: self._address_part(part) for part in named}
        if "country" in self.body or "country" in self._address:
            parts["country"] = self.country
        return parts

    def _address_part(self, part: str) -> str:
        text = self._text(part, self._address[part], label=f"address.{part}") or ""
        match part:
            case "street":
                return addresses.standardise_street(text, self._address_region)
            case "state":
                return addresses.standardise_state(text, self._address_region)
            case "zip":
                return addresses.standardise_zip(text)
            case _:
                return addresses.standardise_city(text)

    def effective_date(self) -> datetime | None:
        value = self.body.get("effective_date")
        if value is None or value == "":
            return None
        try:
            return parse_instant(value)
        except ValueError:
            self._wrong("effective_date is not a valid date")
            return None

    def source_of_truth(self) -> bool:
        """True for JSON's true and nothing else: a 1 or a "true" may be a slip, and it would outrank every source."""
        value = self.body.get("source_of_truth")
        if isinstance(value, dict | list):
            self._wrong("source_of_truth must be true or false")
        return value is True

    def attributes(self, types: Mapping[str, str]) -> dict[str, str]:
        """Custom attributes by name; `types` says which are defined: string, date or number."""
        given = self.body.get("attributes")
        if given is None:
            return {}
        if not isinstance(given, dict):
            self._wrong("attributes must be an object")
            return {}
        return {name: self._attribute(name, value, types.get(name)) or "" for name, value in given.items()}

    def _attribute(self, name: str, value: object, kind: str | None) -> str | None:
        label = f"attributes.{name[:100]}"
        if kind is None:
            return self._wrong(f"{label} is not defined")
        if value is None or value == "":
            return ""
        if kind == "string":
            return self._text(name, value, label=label, limit=_ATTRIBUTE_LIMIT)
        try:
            return parse_day(value).isoformat() if kind == "date" else plain_decimal(value)
        except ValueError:
            return self._wrong(f"{label} is not a valid {kind}")

    def _text(self, name: str, value: object, *, label: str = "", limit: int | None = None) -> str | None:
        label, limit = label or name, limit or _LIMITS.get(name, _USUAL_LIMIT)
        if value is None:
            return ""
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            return self._wrong(f"{label} must be a string")
        text = tidy(value) if isinstance(value, str) else number_text(value)
        return text if len(text) <= limit else self._wrong(f"{label} is too long (at most {limit} characters)")

    def _wrong(self, error: str) -> str | None:
        self.errors.append(error)
        return None


def _none_if_falsy(value: object) -> object:
    """Some systems write "no phone" as 0 or as false, which equals 0."""
    return None if value == 0 else value


def _country_code(value: object) -> str | None:
    """The code in upper case, empty where none is given, None where it is none of ISO 3166-1's."""
    if value is None or value == "":
        return ""
    code = squeeze(value).upper() if isinstance(value, str) else ""
    return code if code in COUNTRY_CODES else None

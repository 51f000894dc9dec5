"""The product's functions under the names and shapes of the reference program's, one for each function it recorded.

Each adapter takes the recorded arguments and answers in the form of the recorded output, so that == compares the two.
REFUSED stands for a value the product does not accept where the reference program made something of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from contacts import survivorship
from contacts.intake import InvalidSubmission, read_revision, read_submission
from contacts.normalisation import addresses, phonetics
from contacts.normalisation.email import is_valid_email, normalise_email
from contacts.normalisation.names import formal_name, formal_of, typeahead_prefixes
from contacts.normalisation.phone import to_e164
from contacts.normalisation.similarity import jaro_winkler
from contacts.record import Facts

REFUSED = "refused"
_DEFAULT_REQUIRED = ("first_name", "last_name", "email")
_PLACE = ("street", "city", "state", "zip")


def sanitize_string(value: Any) -> Any:
    """A text field on its own, as the intake reads it."""
    try:
        return read_revision({"last_name": value}).changes["last_name"]
    except InvalidSubmission as invalid:
        return "" if invalid.errors == ["last_name cannot be empty"] else REFUSED


def sanitize_email(value: Any) -> Any:
    if isinstance(value, str):
        return normalise_email(value)
    try:
        return read_revision({"email": value}).changes["email"]
    except InvalidSubmission as invalid:
        if invalid.errors == ["email cannot be empty"]:
            return ""
        # A number becomes text that then is no address, in the reference program too, one step later.
        return str(value) if invalid.errors == ["email format is invalid"] else REFUSED


def to_formal_name(value: Any) -> Any:
    return value if value is None else formal_name(value)


def get_formal_name(value: Any) -> Any:
    return value if value is None else formal_of(value)


def normalise_phone(raw: Any, region: str = "US") -> str:
    return to_e164(str(raw), region)


def sanitize_address(value: Any) -> Any:
    try:
        changes = read_revision({"address": value}).changes
    except InvalidSubmission:
        return REFUSED
    return {part: changes[part] for part in _PLACE if part in changes}


def double_metaphone(word: str) -> dict[str, str]:
    primary, alternate = phonetics.metaphone_codes(word)
    return {"primary": primary, "alternate": alternate}


def sanitize_customer_input(body: Any) -> dict[str, Any]:
    """Errors, or the record. What the reference program has ready of a refused body is not compared: nobody sees it."""
    try:
        record = read_submission(body, required_fields=_DEFAULT_REQUIRED)
    except InvalidSubmission as invalid:
        return {"errors": invalid.errors}
    facts = record.facts
    sanitized: dict[str, Any] = {name: getattr(facts, name) for name in (*_DEFAULT_REQUIRED, "phone")}
    sanitized["address"] = {part: value for part in _PLACE if (value := getattr(facts, part))}
    sanitized["source_system"], sanitized["source_key"] = record.source_system, record.source_key
    sanitized["source_of_truth"] = record.source_of_truth
    sanitized["effective_date"] = _javascript_date(record.effective_date)
    return {"errors": [], "sanitized": sanitized}


def sanitize_customer_update(body: Any) -> dict[str, Any]:
    try:
        changes = dict(read_revision(body).changes)
    except InvalidSubmission as invalid:
        return {"errors": invalid.errors}
    parts = {part: changes.pop(part) for part in _PLACE if part in changes}
    return {"errors": [], "sanitized": {**changes, **({"address": parts} if "address" in body else {})}}


def search_query_tokens(query: Any) -> list[str]:
    prefixes = typeahead_prefixes(query) if query else []
    return [f"{kind}:{prefix}" for prefix in prefixes for kind in ("fp", "lp")]


def phonetic_tokens(customer: Mapping[str, Any]) -> list[str]:
    """The tokens of names by sound. The registry keeps no token list, only the codes are common to both."""
    first, last = customer.get("first_name", ""), customer.get("last_name", "")
    sounds = [("fn", first), ("fn", formal_of(first) or ""), ("ln", last)]
    return sorted({f"{kind}:{code}" for kind, name in sounds for code in phonetics.metaphone_codes(name) if code})


@dataclass(frozen=True)
class Alias:
    """One recorded alias as a statement for survivorship."""

    id: int
    facts: Facts
    source_of_truth: bool
    effective_date: datetime | None
    added_at: datetime
    pins: None = None


def resolve_customer_fields(aliases: list[dict[str, Any]]) -> dict[str, Any]:
    golden = survivorship.resolve([_alias(number, alias) for number, alias in enumerate(aliases)])
    facts = golden.facts
    resolved: dict[str, Any] = {name: getattr(facts, name) for name in (*_DEFAULT_REQUIRED, "phone")}
    resolved["address"] = {part: getattr(facts, part) for part in _PLACE}
    return {**resolved, "effective_date": _javascript_date(golden.effective_date)}


def _alias(number: int, alias: dict[str, Any]) -> Alias:
    values = {name: alias.get(name, "") for name in (*_DEFAULT_REQUIRED, "phone")}
    facts = Facts(**values, **alias.get("address", {}))
    stated = datetime.fromisoformat(alias["effective_date"])
    return Alias(number, facts, alias["source_of_truth"], stated, datetime(2026, 1, 1, tzinfo=UTC))


def _javascript_date(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z") if moment else None


ADAPTERS: Mapping[str, Callable[..., Any]] = {
    "standardizeStreet": addresses.standardise_street,
    "standardizeCity": addresses.standardise_city,
    "standardizeZip": addresses.standardise_zip,
    "sanitizeAddress": sanitize_address,
    "sanitizeString": sanitize_string,
    "sanitizeEmail": sanitize_email,
    "isValidEmail": is_valid_email,
    "normalizePhoneToE164": normalise_phone,
    "sanitizeCustomerInput": sanitize_customer_input,
    "sanitizeCustomerUpdate": sanitize_customer_update,
    "toFormalName": to_formal_name,
    "getFormalName": get_formal_name,
    "doubleMetaphone": double_metaphone,
    "jaroWinkler": jaro_winkler,
    "generateSearchQueryTokens": search_query_tokens,
    "generateSearchTokens": phonetic_tokens,
    "resolveCustomerFields": resolve_customer_fields,
}

"""Raw JSON in, of any shape: a normalised Record or Revision out, or every error at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from types import MappingProxyType
from typing import Any

from contacts.errors import InvalidBody
from contacts.normalisation.json_values import storage_faults
from contacts.reading import BodyReader
from contacts.record import FIELDS, Facts, Record

# The parts of an address that say where it is; a country alone identifies nobody.
PLACE_FIELDS = ("street", "city", "state", "zip")

# What a revision may overwrite but not empty: an empty name or e-mail is likelier a slip than a wish.
KEPT_FIELDS = ("first_name", "last_name", "email")

_NO_ATTRIBUTES: Mapping[str, str] = MappingProxyType({})


class Absent(Enum):
    """A field that a revision does not mention, where None already means "none"."""

    ABSENT = "absent"


ABSENT = Absent.ABSENT


class InvalidSubmission(InvalidBody):
    """A record breaks the rules of the registry or of its source."""


@dataclass(frozen=True, slots=True)
class Revision:
    """What one source changes about a record of its own; fields it does not mention stay as they are.

    `changes` holds new values by the names of Facts' fields, `attributes` by attribute; an empty string clears.
    """

    changes: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)
    source_of_truth: bool | None = None
    effective_date: datetime | Absent | None = ABSENT
    original_payload: Mapping[str, Any] = field(default_factory=dict)

    def apply(self, facts: Facts) -> Facts:
        return facts._replace(**self.changes, attributes=_stated({**facts.attributes, **self.attributes}))


def submitted_source(body: object) -> str:
    """The name of the source a submission claims to come from; empty where it claims none that can be read."""
    if not isinstance(body, dict) or storage_faults(body.get("source_system")):
        return ""
    return BodyReader(body, region="").read("source_system") or ""


def read_submission(
    body: object,
    *,
    required_fields: Sequence[str],
    region: str = "US",
    attribute_types: Mapping[str, str] = _NO_ATTRIBUTES,
) -> Record:
    """A new record (POST). `region`: the country that phones and addresses are read by where the body names none.

    A source that requires no field in particular sends what it has, "0000000000" and "N/A" among its phones: from it a
    phone that is no number is left out of the facts (the payload keeps it) instead of costing the whole record.

    Raises InvalidSubmission. Whether the source is registered is for the caller to check.
    """
    payload = _storable_object(body)
    reader = BodyReader(payload, region=region, skip_unreadable_phone=not required_fields)
    source, key = reader.read("source_system"), reader.read("source_key")
    if "" in (source, key):
        reader.errors.append("source_system and source_key are required")
    facts, effective_date = _read_facts(reader, required_fields, attribute_types)
    record = Record(
        facts=facts,
        original_payload=payload,
        source_system=source or "",
        source_key=key,
        source_of_truth=reader.source_of_truth(),
        effective_date=effective_date,
    )
    _refuse(reader.errors)
    return record


def read_revision(body: object, *, region: str = "US", attribute_types: Mapping[str, str] = _NO_ATTRIBUTES) -> Revision:
    """A change to a record (PUT): only the fields that are present, address parts one by one. Raises InvalidSubmission.

    A phone and the parts of an address can be cleared with an empty string, names and e-mail cannot.
    """
    payload = _storable_object(body)
    reader = BodyReader(payload, region=region)
    changes: dict[str, str] = {}
    for name in KEPT_FIELDS:
        if name in payload:
            changes[name] = _demanded(reader, name, "cannot be empty")
    effective_date = reader.effective_date() if "effective_date" in payload else ABSENT
    if "phone" in payload:
        changes["phone"] = reader.read("phone") or ""
    changes |= reader.address()
    revision = Revision(
        changes=changes,
        attributes=reader.attributes(attribute_types),
        source_of_truth=reader.source_of_truth() if payload.get("source_of_truth") is not None else None,
        effective_date=effective_date,
        original_payload=payload,
    )
    _refuse(reader.errors)
    return revision


def _storable_object(body: object) -> Mapping[str, Any]:
    _refuse(storage_faults(body))
    if not isinstance(body, dict):
        raise InvalidSubmission(["body must be a JSON object"])
    return body


def _refuse(errors: list[str]) -> None:
    if errors:
        raise InvalidSubmission(errors)


def _read_facts(
    reader: BodyReader, required_fields: Sequence[str], attribute_types: Mapping[str, str]
) -> tuple[Facts, datetime | None]:
    """The facts and, read between e-mail and phone so that its error stands there, the effective date."""
    wrong_before = len(reader.errors)
    values = {name: _demanded_if(name in required_fields, reader, name) for name in KEPT_FIELDS}
    effective_date = reader.effective_date()
    values["phone"] = _demanded_if("phone" in required_fields, reader, "phone")
    facts = Facts(**values, **reader.address(), attributes=_stated(reader.attributes(attribute_types)))
    missing = [name for name in required_fields if name not in values and not _mentions(facts, name)]
    reader.errors += [f"{name} is required" for name in missing]
    if not required_fields and len(reader.errors) == wrong_before and not _identifies(facts):
        reader.errors.append("at least one of first_name, last_name, email, phone or address is required")
    return facts, effective_date


def _demanded_if(required: bool, reader: BodyReader, name: str) -> str:
    return _demanded(reader, name, "is required") if required else reader.read(name) or ""


def _demanded(reader: BodyReader, name: str, complaint: str) -> str:
    value = reader.read(name)
    if value == "":
        reader.errors.append(f"{name} {complaint}")
    return value or ""


def _mentions(facts: Facts, name: str) -> bool:
    if name == "address":
        return any(getattr(facts, part) for part in PLACE_FIELDS)
    return bool(getattr(facts, name) if name in FIELDS else facts.attributes.get(name.removeprefix("attributes.")))


def _identifies(facts: Facts) -> bool:
    return facts.named or bool(facts.email or facts.phone) or _mentions(facts, "address")


def _stated(values: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}

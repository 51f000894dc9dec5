"""What somebody says of a source system when registering or changing it: read from raw JSON, or every error at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contacts.normalisation.email import MAX_LENGTH as EMAIL_LIMIT
from contacts.normalisation.email import is_valid_email, normalise_email
from sources.models import DEFAULT_REQUIRED_FIELDS
from sources.reading import FieldReader

REQUIRABLE_FIELDS = ("first_name", "last_name", "email", "phone", "address")
NAME_LIMIT = 200
MOST_REVIEWERS = 1000


@dataclass(frozen=True, slots=True)
class ReviewerEntry:
    first_name: str
    last_name: str
    email: str


@dataclass(frozen=True, slots=True)
class Registration:
    """The columns to set, by name, and the reviewers; None: those there are stay. What is not mentioned stays."""

    columns: Mapping[str, Any] = field(default_factory=dict)
    reviewers: Sequence[ReviewerEntry] | None = None


def read_registration(body: object) -> Registration:
    """A new source (POST). Raises InvalidBody."""
    reader = FieldReader(body)
    columns: dict[str, Any] = {"name": reader.required("name", limit=NAME_LIMIT)}
    return _rest(reader, columns)


def read_changes(body: object) -> Registration:
    """A change to a source (PUT): only the fields that are present; a list is replaced as a whole. Raises InvalidBody.

    Null clears: the group becomes none, the reviewers none, the required fields the usual ones.
    """
    reader = FieldReader(body)
    columns: dict[str, Any] = {}
    if "name" in reader.body:
        columns["name"] = reader.required("name", limit=NAME_LIMIT, complaint="cannot be empty")
    return _rest(reader, columns)


def _rest(reader: FieldReader, columns: dict[str, Any]) -> Registration:
    if not columns.get("name", "").isprintable():
        reader.errors.append("name cannot contain control characters")  # no header could name the source
    if "entra_ad_group" in reader.body:
        columns["entra_ad_group"] = reader.text("entra_ad_group", limit=NAME_LIMIT) or None
    reviewers = _reviewers(reader) if "reviewers" in reader.body else None
    if "required_fields" in reader.body:
        columns["required_fields"] = _required_fields(reader)
    reader.finish()
    return Registration(columns, reviewers)


def _required_fields(reader: FieldReader) -> list[str]:
    if reader.body["required_fields"] is None:
        return list(DEFAULT_REQUIRED_FIELDS)
    return reader.choices("required_fields", among=REQUIRABLE_FIELDS)


def _reviewers(reader: FieldReader) -> list[ReviewerEntry]:
    listed = reader.body["reviewers"]
    if listed is None:
        return []
    if not isinstance(listed, list):
        reader.errors.append("reviewers must be a list")
        return []
    if len(listed) > MOST_REVIEWERS:
        reader.errors.append(f"reviewers may hold at most {MOST_REVIEWERS} entries")
        return []
    return [_reviewer(reader, f"reviewers[{place}]", entry) for place, entry in enumerate(listed)]


def _reviewer(reader: FieldReader, label: str, entry: object) -> ReviewerEntry:
    if not isinstance(entry, dict):
        reader.errors.append(f"{label} must be an object")
        return ReviewerEntry("", "", "")
    first_name, last_name, email = (
        _demanded(reader, f"{label}.{name}", entry.get(name), limit=limit)
        for name, limit in (("first_name", NAME_LIMIT), ("last_name", NAME_LIMIT), ("email", EMAIL_LIMIT))
    )
    email = normalise_email(email)
    if 0 < len(email) <= EMAIL_LIMIT and not is_valid_email(email):
        reader.errors.append(f"{label}.email format is invalid")
    return ReviewerEntry(first_name, last_name, email)


def _demanded(reader: FieldReader, label: str, value: object, *, limit: int) -> str:
    text = reader.text_of(value, label=label, limit=limit)
    if not text and (value is None or isinstance(value, str)):
        reader.errors.append(f"{label} is required")
    return text

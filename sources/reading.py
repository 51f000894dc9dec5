"""Reading raw JSON bodies field by field: the tidied value of each, and what is wrong with it in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from contacts.normalisation.json_values import storage_faults
from contacts.normalisation.text import tidy
from sources.errors import InvalidBody

LARGEST_ID = 2**63 - 1
# An id of no row: what a malformed one is looked up as, since it is as unknown as any other.
NO_ID = -1


def as_id(reference: object) -> int:
    """A row's id from what a path or a body holds; NO_ID where that cannot be one."""
    if isinstance(reference, bool) or not isinstance(reference, int | str):
        return NO_ID
    text = str(reference) if isinstance(reference, str) or abs(reference) <= LARGEST_ID else ""
    if not (text.isascii() and text.isdigit() and len(text) <= 19):
        return NO_ID
    return int(text) if int(text) <= LARGEST_ID else NO_ID


class FieldReader:
    """Reads fields of a JSON object and collects what is wrong with them in `errors`, in the order they are read.

    A field found wrong is read as an empty value: look at `errors` before using any.
    Raises InvalidBody at once when the body is no object or holds what PostgreSQL cannot store.
    """

    def __init__(self, body: object) -> None:
        faults = storage_faults(body) or ([] if isinstance(body, dict) else ["body must be a JSON object"])
        if faults:
            raise InvalidBody(faults)
        self.body: Mapping[str, Any] = body if isinstance(body, dict) else {}
        self.errors: list[str] = []

    def required(self, name: str, *, limit: int, complaint: str = "is required") -> str:
        wrong_before = len(self.errors)
        text = self.text(name, limit=limit)
        if not text and len(self.errors) == wrong_before:
            self.errors.append(f"{name} {complaint}")
        return text

    def text(self, name: str, *, limit: int) -> str:
        return self.text_of(self.body.get(name), label=name, limit=limit)

    def text_of(self, value: object, *, label: str, limit: int) -> str:
        """Trimmed and composed (NFC); empty for null and blank."""
        if value is None:
            return ""
        if not isinstance(value, str):
            self.errors.append(f"{label} must be a string")
            return ""
        text = tidy(value)
        if len(text) > limit:
            self.errors.append(f"{label} is too long (at most {limit} characters)")
        return text

    def choices(self, name: str, *, among: Collection[str]) -> list[str]:
        """A list of some of `among`, in that order and each once; empty where absent or null."""
        value = self.body.get(name)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
            self.errors.append(f"{name} must be a list of strings")
            return []
        unknown = sorted(set(value) - set(among))
        self.errors += [f"{name} may hold {', '.join(among)}; not '{entry[:100]}'" for entry in unknown]
        return [choice for choice in among if choice in value]

    def finish(self) -> None:
        """Raises InvalidBody with every error there was."""
        if self.errors:
            raise InvalidBody(self.errors)

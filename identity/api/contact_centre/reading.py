"""What a client application of the contact centre asks: flat, or under `Parameters`, in the document's own words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from contacts.normalisation.date_patterns import DEFAULT_PATTERN
from identity.api.callers import Caller
from identity.api.views import Call
from matching.identify_contact import ContactRequest
from matching.predefined_lookups import ANY
from sources.reading import as_id

WRAPPER = "Parameters"
EXPLAIN = "explain"
CONTROLS = frozenset({"TenantId", "SubscriberId", "MediaType", "CreateContact", "ReturnUnique", "DatePattern", EXPLAIN})
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """The request, and what the door itself needs of it. `tenant`: empty where none is named."""

    request: ContactRequest
    tenant: str
    return_unique: bool
    explain: bool


def read(body: Mapping[str, Any]) -> Asked:
    """What is wrong with the parameters is left to be told with what is wrong with the attributes."""
    errors: list[str] = []
    said = _unwrapped(body, errors)
    reader = _Controls(said, errors)
    return Asked(
        tenant=str(tenant) if (tenant := reader.reference("TenantId")) is not None else "",
        return_unique=reader.switch("ReturnUnique") or False,
        explain=reader.switch(EXPLAIN) or False,
        request=ContactRequest(
            attributes={name: value for name, value in said.items() if name not in CONTROLS},
            payload={name: value for name, value in said.items() if name != EXPLAIN},
            media_type=reader.text("MediaType") or ANY,
            create=reader.switch("CreateContact"),
            subtenant=reader.reference("SubscriberId"),
            date_pattern=reader.text("DatePattern") or DEFAULT_PATTERN,
            faults=errors,
        ),
    )


def _unwrapped(body: Mapping[str, Any], errors: list[str]) -> Mapping[str, Any]:
    if WRAPPER not in body:
        return body
    wrapped = body[WRAPPER]
    if not isinstance(wrapped, dict):
        errors.append(f"{WRAPPER} must be an object")
        return {}
    errors += [f"'{name[:100]}' stands beside {WRAPPER}" for name in body if name not in (WRAPPER, EXPLAIN)]
    return {**({EXPLAIN: body[EXPLAIN]} if EXPLAIN in body else {}), **wrapped}


def caller_of(request: Call) -> Caller:
    """Who calls: every request that gets to a view has one."""
    return cast(Caller, request.auth)


class _Controls:
    """Reads the parameters that are no attributes; null and an empty text are as good as absent."""

    def __init__(self, said: Mapping[str, Any], errors: list[str]) -> None:
        self._said = said
        self._errors = errors

    def text(self, name: str) -> str:
        value = self._said.get(name)
        if value is None:
            return ""
        if not isinstance(value, str) or len(value) > LONGEST:
            self._errors.append(f"{name} must be a string of at most {LONGEST} characters")
            return ""
        return value

    def switch(self, name: str) -> bool | None:
        """True and false, or those words as text; None where absent."""
        value = self._said.get(name)
        if value is None or value == "":
            return None
        said = {"true": True, "false": False}.get(value.strip().lower()) if isinstance(value, str) else value
        if not isinstance(said, bool):
            self._errors.append(f"{name} must be true or false")
            return None
        return said

    def reference(self, name: str) -> int | str | None:
        """An id, as number or digits, or a name."""
        value = self._said.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, bool) or not isinstance(value, int | str):
            self._errors.append(f"{name} must be an integer or a name")
            return None
        text = str(value).strip()
        return as_id(text) if isinstance(value, int) or (text.isascii() and text.isdigit()) else text

"""Reading what a request asks with: ids of customers, switches and numbers in its query, text in its headers."""

from __future__ import annotations

import re
from functools import lru_cache
from uuid import UUID

from rest_framework.exceptions import ParseError
from rest_framework.request import Request

# No customer has it: ids are UUIDs of version 7.
NO_CUSTOMER = UUID(int=0)
MAX_ID = 2**63 - 1
MAX_HEADER_LENGTH = 200  # what an audit column holds

_UUID = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_INTEGER = re.compile(r"[+-]?\d{1,19}", re.ASCII)


def customer_id(text: object) -> UUID:
    """The id of a customer; NO_CUSTOMER for a text that is none, which is as unknown as any other."""
    return UUID(text) if isinstance(text, str) and _UUID.fullmatch(text) else NO_CUSTOMER


def whole_number(request: Request, name: str, *, default: int, least: int, most: int) -> int:
    """A query parameter that forgives: no number is the default, and what is out of bounds is the bound."""
    text = request.query_params.get(name, "").strip()
    return min(max(int(text), least), most) if _INTEGER.fullmatch(text) else default


def switch(request: Request, name: str) -> bool | None:
    """A query parameter that is true or false; None where it is absent or neither."""
    return {"true": True, "1": True, "false": False, "0": False}.get(request.query_params.get(name, "").lower())


def header(request: Request, name: str) -> str:
    """A header's text, read as UTF-8; empty where absent. Raises ParseError for what cannot be kept."""
    raw = request.META.get(_as_kept(name))
    if not raw:
        return ""
    text = (raw if raw.isascii() else _as_utf8(raw)).strip()
    if "\0" in text or len(text) > MAX_HEADER_LENGTH:
        raise ParseError(f"{name} header cannot be read: at most {MAX_HEADER_LENGTH} characters, none of them NUL")
    return text


@lru_cache(maxsize=64)
def _as_kept(name: str) -> str:
    return f"HTTP_{name.upper().replace('-', '_')}"


def _as_utf8(raw: str) -> str:
    """WSGI hands headers over as Latin-1, whatever they are."""
    return raw.encode("latin-1", "replace").decode("utf-8", "replace")

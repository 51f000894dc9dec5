"""Values as the text of a statement holds them, and the types that PREPARE declares for them.

psycopg knows how every value is written. For the few kinds that nearly all statements carry, the same text is put
together here: psycopg takes several times as long, as it looks for how to write each value anew. Whatever is not plain
is left to it: text that is not ASCII, whose bytes depend on the connection's encoding, and lists of several kinds.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from psycopg import adapters
from psycopg.abc import Transformer
from psycopg.adapt import PyFormat
from psycopg.types.json import Jsonb
from psycopg.types.numeric import Int8

_UNKNOWN = b"unknown"
_BACKSLASH = "\\"
# What PREPARE declares: unknown where the statement itself tells. A whole number is bigint whatever its size: another
# type would be another statement.
_TYPES: dict[type, bytes] = {
    int: b"bigint",
    str: _UNKNOWN,
    type(None): _UNKNOWN,
    bool: b"bool",
    UUID: b"uuid",
    Jsonb: b"jsonb",
}
_TYPES_OF_ARRAYS: dict[type, bytes] = {int: b"bigint[]", str: _UNKNOWN, UUID: b"uuid[]", Jsonb: b"jsonb[]"}


def literal(value: Any, write: Transformer) -> bytes:
    """As an expression of SQL; not of a known type, where PREPARE declares that."""
    plainly = _PLAINLY.get(type(value))
    return (plainly and plainly(value)) or bytes(write.as_literal(value))


def typed_literal(value: Any, write: Transformer) -> bytes:
    """The same for a statement that declares no types."""
    if type(value) is list and value and type(value[0]) is int:
        # A list of small numbers is an array of smallint to psycopg, which is no array of keys.
        return bytes(write.as_literal([Int8(number) for number in value]))
    if type(value) in (int, str, type(None)):
        return literal(value, write)
    return bytes(write.as_literal(value))


def type_of(value: Any, write: Transformer) -> bytes:
    """The name of the value's type for PREPARE, of its first element's for a list."""
    if type(value) is list:
        known = _TYPES_OF_ARRAYS.get(type(value[0])) if value else _UNKNOWN
    else:
        known = _TYPES.get(type(value))
    return known or _name_of(write.get_dumper(value, PyFormat.TEXT).oid)


@lru_cache(maxsize=128)
def _name_of(oid: int) -> bytes:
    known = adapters.types.get(oid) if oid else None
    if known is None:
        return _UNKNOWN
    return f"{known.regtype}{'[]' if known.array_oid == oid else ''}".encode()


def _null(_: None) -> bytes:
    return b"NULL"


def _number(value: int) -> bytes:
    return b"%d" % value if value >= 0 else b" %d" % value  # or a minus before it would begin a comment


def _text(value: str) -> bytes | None:
    """Quotes are doubled; with backslashes it is an escape string, which is read alike by every server's settings."""
    if not value.isascii() or "\0" in value:
        return None
    text = value.replace("'", "''")
    return f" E'{text.replace(_BACKSLASH, 2 * _BACKSLASH)}'".encode() if _BACKSLASH in text else f"'{text}'".encode()


def _id(value: UUID) -> bytes:
    return f"'{value}'".encode()


def _document(value: Jsonb) -> bytes | None:
    return _text(_json(value))


def _json(value: Jsonb) -> str:
    text = (value.dumps or json.dumps)(value.obj)
    return text if isinstance(text, str) else text.decode()


def _array(values: Sequence[Any]) -> bytes | None:
    """None where the elements are of several kinds, or of one that is not written here."""
    kinds = set(map(type, values))
    if kinds <= {int} or kinds == {UUID}:
        return f"'{{{','.join(map(str, values))}}}'".encode()
    if kinds == {str}:
        return _text(_quoted(values))
    return _text(_quoted(map(_json, values))) if kinds == {Jsonb} else None


def _quoted(elements: Iterable[str]) -> str:
    """An array as PostgreSQL reads one, every element in quotes."""
    escaped = (each.replace(_BACKSLASH, 2 * _BACKSLASH).replace('"', _BACKSLASH + '"') for each in elements)
    return "{" + ",".join(f'"{each}"' for each in escaped) + "}"


_PLAINLY: dict[type, Callable[[Any], bytes | None]] = {
    type(None): _null,
    int: _number,
    str: _text,
    UUID: _id,
    Jsonb: _document,
    list: _array,
}

"""Values as the text of a statement holds them, and the types that PREPARE declares for them.

psycopg knows how every value is written. For the few kinds that nearly all statements carry, the same text is put
together here: psycopg takes several times as long, as it looks for how to write each value anew. Whatever is not plain
is left to it: times without a zone, and lists of several kinds. Django has every connection speak UTF-8.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from math import isfinite
from typing import Any
from uuid import UUID

from psycopg import adapters
from psycopg.abc import Transformer
from psycopg.adapt import PyFormat
from psycopg.types.json import Jsonb
from psycopg.types.numeric import Int8

from sources.documents import json_of

_UNKNOWN = b"unknown"


def declared(value: Any, write: Transformer) -> tuple[bytes, bytes]:
    """The name of the value's type for PREPARE, of its first element's for a list, and the value as an expression.

    The name is `unknown` where the statement itself tells; the expression tells no type, where the name does.
    """
    kind = type(value)
    name, plainly = _KINDS.get(kind, _OTHER) if kind is not list else _array_of(value)
    text = plainly(value)
    if text is None:
        if kind is not list or not name:
            name = _name_of(write.get_dumper(value, PyFormat.TEXT).oid)
        text = bytes(write.as_literal(value))
    return name, text


def _array_of(values: Sequence[Any]) -> Kind:
    return _ARRAYS.get(type(values[0]), _OTHER) if values else _NOTHING


def typed_literal(value: Any, write: Transformer) -> bytes:
    """The value as an expression of SQL, for a statement that declares no types."""
    if type(value) is list and value and type(value[0]) is int:
        # A list of small numbers is an array of smallint to psycopg, which is no array of keys.
        return bytes(write.as_literal([Int8(number) for number in value]))
    if type(value) in (int, str, type(None)):
        return declared(value, write)[1]
    return bytes(write.as_literal(value))


@lru_cache(maxsize=128)
def _name_of(oid: int) -> bytes:
    known = adapters.types.get(oid) if oid else None
    if known is None:
        return _UNKNOWN
    return f"{known.regtype}{'[]' if known.array_oid == oid else ''}".encode()


def _null(_: None) -> bytes:
    return b"NULL"


def _number(value: int) -> bytes:
    return b"%d" % value if value >= 0 else b"(%d)" % value  # a cast behind it binds closer than the minus


def _text(value: str) -> bytes | None:
    if "'" in value or "\\" in value or "\0" in value:
        return None if "\0" in value else _quoted(value.encode())
    return f"'{value}'".encode()


def _quoted(text: bytes) -> bytes:
    """Quotes are doubled; with backslashes it is an escape string, which is read alike by every server's settings."""
    text = text.replace(b"'", b"''")
    return b" E'%s'" % text.replace(b"\\", b"\\\\") if b"\\" in text else b"'%s'" % text


def _truth(value: bool) -> bytes:
    return b"true" if value else b"false"


def _real(value: float) -> bytes | None:
    return f"'{value!r}'".encode() if isfinite(value) else None


def _id(value: UUID) -> bytes:
    return b"'%032x'" % value.int


def _instant(value: datetime) -> bytes | None:
    return None if value.tzinfo is None else f"'{value}'".encode()


def _document(value: Jsonb) -> bytes:
    return _quoted(_json(value))


def _json(value: Jsonb) -> bytes:
    text = (value.dumps or json_of)(value.obj)
    return text.encode() if isinstance(text, str) else text


def _nothing(_: object) -> bytes:
    return b"'{}'"


def _array_written(kind: type, element: Callable[[Any], bytes]) -> Callable[[Sequence[Any]], bytes | None]:
    """Of elements of one kind that need no quotes."""

    def written(values: Sequence[Any]) -> bytes | None:
        return b"'{%s}'" % b",".join(map(element, values)) if _are(kind, values) else None

    return written


def _texts(values: Sequence[str]) -> bytes | None:
    return _text(_elements(values)) if _are(str, values) else None


def _documents(values: Sequence[Jsonb]) -> bytes | None:
    return _text(_elements([_json(each).decode() for each in values])) if _are(Jsonb, values) else None


def _are(kind: type, values: Sequence[Any]) -> bool:
    return set(map(type, values)) == {kind}


def _elements(values: Sequence[str]) -> str:
    """An array as PostgreSQL reads one, every element in quotes."""
    between = '","'
    joined = between.join(values)
    if "\\" in joined or joined.count('"') > 2 * (len(values) - 1):
        joined = between.join([each.replace("\\", "\\\\").replace('"', '\\"') for each in values])
    return f'{{"{joined}"}}'


def _left_to_psycopg(_: object) -> None:
    return None


# The name of a type, empty where psycopg is asked, and what writes a value of it: None where psycopg does.
Kind = tuple[bytes, Callable[[Any], bytes | None]]

_OTHER: Kind = b"", _left_to_psycopg
_NOTHING: Kind = _UNKNOWN, _nothing
# A whole number is bigint whatever its size: another type would be another statement.
_KINDS: dict[type, Kind] = {
    str: (_UNKNOWN, _text),
    int: (b"bigint", _number),
    type(None): (_UNKNOWN, _null),
    UUID: (b"uuid", _id),
    Jsonb: (b"jsonb", _document),
    datetime: (b"timestamptz", _instant),
    bool: (b"bool", _truth),
    float: (b"float8", _real),
}
_ARRAYS: dict[type, Kind] = {
    int: (b"bigint[]", _array_written(int, b"%d".__mod__)),
    str: (_UNKNOWN, _texts),
    UUID: (b"uuid[]", _array_written(UUID, lambda each: b"%032x" % each.int)),
    Jsonb: (b"jsonb[]", _documents),
    bool: (b"bool[]", _array_written(bool, lambda each: b"t" if each else b"f")),
}

"""Values as the parameters of a statement: the type that is declared for each, and its text; or written into the text.

psycopg knows how every value is sent. For the few kinds that nearly all statements carry, the same text is put
together here: psycopg takes several times as long, as it looks for how to write each value anew. Whatever is not plain
is left to it: times without a zone, and lists of several kinds. Django has every connection speak UTF-8.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from math import isfinite
from typing import Any
from uuid import UUID

from psycopg.abc import Buffer, Transformer
from psycopg.adapt import PyFormat
from psycopg.types.json import Jsonb
from psycopg.types.numeric import Int8

from sources.documents import json_of

# The number that PostgreSQL has for a type; 0 where the statement itself tells which it is.
Oid = int

_UNKNOWN: Oid = 0
# A whole number is bigint whatever its size: another type would be another statement.
_INTEGER: Oid = 20


def written(values: Iterable[Any], write: Transformer) -> tuple[list[Oid], list[Buffer | None]]:
    """Of each value its type, the array's for a list, and its text; None for NULL.

    Most are texts, numbers and NULL: a call for each of those would be felt.
    """
    types: list[Oid] = []
    texts: list[Buffer | None] = []
    for value in values:
        kind = type(value)
        oid, text = _UNKNOWN, None
        if kind is str and "\0" not in value:
            text = value.encode()
        elif kind is int:
            oid, text = _INTEGER, b"%d" % value
        elif value is not None:
            oid, text = _parameter(value, write)
        types.append(oid)
        texts.append(text)
    return types, texts


def _parameter(value: Any, write: Transformer) -> tuple[Oid, Buffer | None]:
    kind = type(value)
    oid, plainly = _KINDS.get(kind, _OTHER) if kind is not list else _array_of(value)
    text = plainly(value)
    if text is None:
        dumper = write.get_dumper(value, PyFormat.TEXT)
        return dumper.oid, dumper.dump(value)
    return oid, text


def _array_of(values: Sequence[Any]) -> Kind:
    return _ARRAYS.get(type(values[0]), _OTHER) if values else _NOTHING


def literal(value: Any, write: Transformer) -> bytes:
    """The value as an expression of SQL, for a statement that has no parameters."""
    if type(value) is int:
        # A cast behind it binds closer than the minus.
        return b"%d" % value if value >= 0 else b"(%d)" % value
    if type(value) is list and value and type(value[0]) is int:
        # A list of small numbers is an array of smallint to psycopg, which is no array of keys.
        value = [Int8(number) for number in value]
    return bytes(write.as_literal(value))


def _text(value: str) -> bytes | None:
    """A text ends for PostgreSQL where it has a NUL: psycopg refuses it."""
    return None if "\0" in value else value.encode()


def _truth(value: bool) -> bytes:
    return b"t" if value else b"f"


def _real(value: float) -> bytes | None:
    return repr(value).encode() if isfinite(value) else None


def _id(value: UUID) -> bytes:
    return b"%032x" % value.int


def _instant(value: datetime) -> bytes | None:
    return None if value.tzinfo is None else str(value).encode()


def _document(value: Jsonb) -> bytes:
    text = (value.dumps or json_of)(value.obj)
    return text.encode() if isinstance(text, str) else text


def _nothing(_: object) -> bytes:
    return b"{}"


def _array_written(kind: type, element: Callable[[Any], bytes]) -> Callable[[Sequence[Any]], bytes | None]:
    """Of elements of one kind that need no quotes."""

    def array(values: Sequence[Any]) -> bytes | None:
        return b"{%s}" % b",".join(map(element, values)) if _are(kind, values) else None

    return array


def _texts(values: Sequence[str]) -> bytes | None:
    return _text(_elements(values)) if _are(str, values) else None


def _documents(values: Sequence[Jsonb]) -> bytes | None:
    return _text(_elements([_document(each).decode() for each in values])) if _are(Jsonb, values) else None


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


# A type, and what writes a value of it: None where psycopg tells both.
Kind = tuple[Oid, Callable[[Any], bytes | None]]

_OTHER: Kind = _UNKNOWN, _left_to_psycopg
_NOTHING: Kind = _UNKNOWN, _nothing
_KINDS: dict[type, Kind] = {
    UUID: (2950, _id),
    Jsonb: (3802, _document),
    datetime: (1184, _instant),
    bool: (16, _truth),
    float: (701, _real),
}
_ARRAYS: dict[type, Kind] = {
    int: (1016, _array_written(int, b"%d".__mod__)),
    str: (_UNKNOWN, _texts),
    UUID: (2951, _array_written(UUID, _id)),
    Jsonb: (3807, _documents),
    bool: (1000, _array_written(bool, _truth)),
}

"""Statements as text, their values written into it (sources.literals); those that are sent again and again by a name.

A statement that is kept is prepared once for a connection, under a name that follows from nothing (SQL's PREPARE), and
then executed by that name: the database parses and plans it once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import count
from typing import Any
from weakref import WeakKeyDictionary

from psycopg import Connection
from psycopg.abc import Transformer

from sources.literals import declared, typed_literal

_PLACE = re.compile(r"%(?:\((\w+)\)s|%)")
# SQLSTATE of "cached plan must not change result type", and of a prepared statement that does not exist.
_USELESS_PLAN = ("0A000", "26000")

# A statement and the types of its parameters.
Form = tuple[str, tuple[bytes, ...]]

_numbers = count()


class Kept:
    """The statements that one connection has prepared, by their form."""

    _of: WeakKeyDictionary[Connection[Any], Kept] = WeakKeyDictionary()

    def __init__(self) -> None:
        self._names: dict[Form, bytes] = {}
        # Those that the text being put together prepares, by the place of the PREPARE in it.
        self._new: dict[int, Form] = {}

    @classmethod
    def of(cls, session: Connection[Any]) -> Kept:
        known = cls._of.get(session)
        if known is None:
            known = cls._of[session] = cls()
        return known

    def worded(self, sql: str, parameters: Mapping[str, Any], write: Transformer, *, place: int) -> list[bytes]:
        """What has it done: EXECUTE, and before it PREPARE where this connection has not seen it.

        `place`: how many statements of the text come before.
        """
        body, names = _numbered(sql)
        declarations = [declared(parameters[name], write) for name in names]
        types, values = zip(*declarations, strict=True) if declarations else ((), ())
        form = sql, types
        known, texts = self._names.get(form), list[bytes]()
        if known is None:
            known = self._names[form] = b"kept_%d" % next(_numbers)
            self._new[place] = form
            texts.append(b"PREPARE %s%s AS %s" % (known, _listed(types), body))
        return [*texts, b"EXECUTE %s%s" % (known, _listed(values))]

    def done(self) -> None:
        """The whole text was carried out."""
        self._new.clear()

    def failed(self, place: int, code: str | None) -> None:
        """The statement at this place failed: what was to be prepared from there on was not.

        Of a plan that the database no longer has, or that a changed table made useless, none is relied on any more.
        """
        for at, form in self._new.items():
            if at >= place:
                del self._names[form]
        self._new.clear()
        if code in _USELESS_PLAN:
            self._names.clear()


def inlined(sql: str, parameters: Mapping[str, Any], write: Transformer) -> bytes:
    """The statement with its values in their places."""
    texts, names = _parts(sql)
    written = (typed_literal(parameters[name], write) for name in names)
    return b"".join(_alternately(texts, written))


def _alternately(texts: Sequence[bytes], values: Iterator[bytes]) -> Iterator[bytes]:
    for text, value in zip(texts, values, strict=False):
        yield text
        yield value
    yield texts[-1]


@lru_cache(maxsize=512)
def _numbered(sql: str) -> tuple[bytes, tuple[str, ...]]:
    """With $1, $2 … in the places of the parameters, and their names in that order, each once."""
    texts, names = _parts(sql)
    distinct = tuple(dict.fromkeys(names))
    numbers = (b"$%d" % (distinct.index(name) + 1) for name in names)
    return b"".join(_alternately(texts, numbers)), distinct


@lru_cache(maxsize=512)
def _parts(sql: str) -> tuple[tuple[bytes, ...], tuple[str, ...]]:
    """What stands between the parameters, and their names."""
    texts, names, begun = [""], [], 0
    for place in _PLACE.finditer(sql):
        texts[-1] += sql[begun : place.start()]
        begun = place.end()
        if place[1] is None:
            texts[-1] += "%"
        else:
            names.append(place[1])
            texts.append("")
    texts[-1] += sql[begun:]
    return tuple(text.encode() for text in texts), tuple(names)


def _listed(parts: Sequence[bytes]) -> bytes:
    return b"(%s)" % b", ".join(parts) if parts else b""

"""Statements as commands to the database: those that are sent again and again by a name, others as texts.

A statement that is kept is prepared once for a connection, under a name that follows from nothing, and then carried out
by that name: the database parses and plans it once, and reads each value by its type without parsing anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import count
from typing import Any
from weakref import WeakKeyDictionary

from psycopg import Connection
from psycopg.abc import Transformer
from psycopg.pq.abc import PGconn

from sources.parameters import Oid, literal, written

_PLACE = re.compile(r"%(?:\((\w+)\)s|%)")
# SQLSTATE of "cached plan must not change result type", and of a prepared statement that does not exist.
_USELESS_PLAN = ("0A000", "26000")

# A statement and the types of its parameters.
Form = tuple[str, tuple[Oid, ...]]
# What is sent to the database, in pipeline mode.
Command = Callable[[PGconn], None]

_numbers = count()


class Kept:
    """The statements that one connection has prepared, by their form."""

    _of: WeakKeyDictionary[Connection[Any], Kept] = WeakKeyDictionary()

    def __init__(self) -> None:
        self._names: dict[Form, bytes] = {}
        # Those that the trip being put together prepares, by the place of the command that does.
        self._new: dict[int, Form] = {}

    @classmethod
    def of(cls, session: Connection[Any]) -> Kept:
        known = cls._of.get(session)
        if known is None:
            known = cls._of[session] = cls()
        return known

    def commands(self, sql: str, parameters: Mapping[str, Any], write: Transformer, *, place: int) -> list[Command]:
        """What has it done: to carry it out, and before that to prepare it where this connection has not seen it.

        `place`: how many commands of the trip come before.
        """
        body, names = _numbered(sql)
        types, values = written([parameters[each] for each in names], write)
        form = sql, tuple(types)
        known = self._names.get(form)
        if known is not None:
            return [lambda session: session.send_query_prepared(known, values)]
        name = self._names[form] = b"kept_%d" % next(_numbers)
        self._new[place] = form
        return [
            lambda session: session.send_prepare(name, body, types),
            lambda session: session.send_query_prepared(name, values),
        ]

    def done(self) -> None:
        """The whole trip was carried out."""
        self._new.clear()

    def failed(self, place: int, code: str | None) -> None:
        """The command at this place failed: what was to be prepared from there on was not.

        Of a plan that the database no longer has, or that a changed table made useless, none is relied on any more.
        """
        for at, form in self._new.items():
            if at >= place:
                del self._names[form]
        self._new.clear()
        if code in _USELESS_PLAN:
            self._names.clear()


def planned_anew(sql: str, parameters: Mapping[str, Any], write: Transformer) -> Command:
    """To carry it out as a text with the values in their places, so that it is planned for them."""
    texts, names = _parts(sql)
    written = b"".join(_alternately(texts, (literal(parameters[name], write) for name in names)))
    return lambda session: session.send_query_params(written, None)


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

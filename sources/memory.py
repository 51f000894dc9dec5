"""Rows that nearly every request needs and that hardly ever change: read once by a process, confirmed ever after.

The database tells cheaply whether a row is the one that was read: any change makes another tuple of it. Usually it is
asked before the row is used. Inside `confirmed_along` it is asked along with whatever is read next, which costs no
round trip: then all that was worked out meanwhile counts only if it confirms the row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from typing import Any

from django.db.models import Model, QuerySet

from sources.meanwhile import Meanwhile
from sources.round_trips import Prepared, Statement, going_ahead, run, send_ahead

MOST = 10_000

Row = tuple[Any, ...]


class Outdated(Exception):
    """A row is not what this process remembered: whatever was worked out with it has to be worked out again."""


def confirmed_along() -> Meanwhile[bool]:
    """Within it a row that is remembered is taken as it is, and the first statement run after it confirms it.

    That is where Outdated is raised, or in the end by `sources.round_trips.settle`, which the caller calls. Where one
    is outdated, all that were asked for with it are forgotten: asked again outside of here, they are read afresh.
    """
    return Meanwhile(_along, True)


_along: ContextVar[bool] = ContextVar("rows are confirmed along with what is read next", default=False)


class _Confirmation:
    """Of all that is taken as it is until the next trip, by one statement that goes ahead of it."""

    def __init__(self) -> None:
        self._taken: list[tuple[Memory, Row, Remembered]] = []
        self.asking = Prepared("")

    @classmethod
    def of_next_trip(cls) -> _Confirmation:
        for waiting in going_ahead():
            if isinstance(waiting, cls):
                return waiting
        another = cls()
        send_ahead(another.asking, another)
        return another

    def add(self, memory: Memory, values: Row, known: Remembered) -> None:
        self._taken.append((memory, values, known))
        _ask(self.asking, (each.tuples for _, _, each in self._taken))

    def __call__(self, answered: Statement) -> None:
        if answered.rows == [(True,)]:
            return
        for memory, values, _ in self._taken:
            memory.found.pop(values, None)
        raise Outdated


def _ask(asking: Statement, rows: Iterable[Tuples]) -> None:
    """Have the statement tell whether all of these rows are still there."""
    asking.sql, asking.parameters = _question(tuple(rows))


@lru_cache(maxsize=1024)
def _question(rows: tuple[Tuples, ...]) -> tuple[str, Mapping[str, str]]:
    """The tuples are looked at where they lie: that takes no index, and half the time of asking by keys and joins."""
    still, parameters = list[str](), dict[str, str]()
    for table, xmin, ctid in chain(*rows):
        number = len(still)
        parameters |= {f"xmin_{number}": xmin, f"ctid_{number}": ctid}
        still.append(f'EXISTS (SELECT FROM "{table}" WHERE ctid = %(ctid_{number})s AND xmin = %(xmin_{number})s)')
    return f"SELECT {' AND '.join(still)}", parameters


# The tuples of one row, of several tables where it was joined: the table, xmin and ctid of each.
Tuples = tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Remembered:
    """A row, and which tuples it was read from. A changed one is another: of another transaction, or further on in the
    table by the same."""

    tuples: Tuples
    row: Row


@dataclass(slots=True)
class Memory:
    """The rows that one statement has found, by its parameters. Those it has not found are asked for each time.

    `models`: whose columns it reads, one after the other (see `sources.rows.split`). `asking`: its query set, with any
    value in place of each parameter. `parameters`: their names, in the statement's order.
    """

    models: tuple[type[Model], ...]
    asking: Callable[[], QuerySet[Any]]
    parameters: tuple[str, ...]
    found: dict[Row, Remembered] = field(default_factory=dict)
    _text: str = ""

    def read(self, *values: Any) -> Row | None:
        known = self.found.get(values)
        if known is None:
            return self._read(values)
        if _along.get():
            _Confirmation.of_next_trip().add(self, values, known)
            return known.row
        asking = Prepared("")
        _ask(asking, [known.tuples])
        run(asking)
        return known.row if asking.rows == [(True,)] else self._read(values)

    def _read(self, values: Row) -> Row | None:
        self.found.pop(values, None)
        reading = Prepared(self._reading(), dict(zip(self.parameters, values, strict=True)))
        run(reading)
        if not reading.rows:
            return None
        if len(self.found) >= MOST:
            self.found.clear()
        told, width = reading.rows[0], 2 * len(self.models)
        tables = (model._meta.db_table for model in self.models)
        versions = zip(tables, told[:width:2], told[1:width:2], strict=True)
        # An outer join has found no tuple where there is no version.
        known = Remembered(tuple(each for each in versions if each[1] is not None), told[width:])
        self.found[values] = known
        return known.row

    def _reading(self) -> str:
        """Written by the ORM once, with the versions of the tuples before the columns."""
        if not self._text:
            said, _ = self.asking().order_by().query.sql_with_params()
            named = str(said) % tuple(f"%({name})s" for name in self.parameters)
            tables = [model._meta.db_table for model in self.models]
            versions = ", ".join(f'"{table}".xmin, "{table}".ctid' for table in tables)
            self._text = f"SELECT {versions}, {named.removeprefix('SELECT ')}"
        return self._text

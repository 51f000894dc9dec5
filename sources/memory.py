"""Rows that nearly every request needs and that hardly ever change: read once by a process, confirmed ever after.

The database tells cheaply whether a row is the one that was read: any change makes another tuple of it. Usually it is
asked before the row is used. Inside `confirmed_along` it is asked along with whatever is read next, which costs no
round trip: then all that was worked out meanwhile counts only if it confirms the row.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db.models import Model, QuerySet

from sources.meanwhile import Meanwhile
from sources.round_trips import Prepared, Statement, run, send_ahead

MOST = 10_000

Row = tuple[Any, ...]


class Outdated(Exception):
    """A row is not what this process remembered: whatever was worked out with it has to be worked out again."""


def confirmed_along() -> Meanwhile[bool]:
    """Within it a row that is remembered is taken as it is, and the first statement run after it confirms it.

    That is where Outdated is raised, or in the end by `sources.round_trips.settle`, which the caller calls. What is
    outdated is forgotten: asked again outside of here, it is read afresh.
    """
    return Meanwhile(_along, True)


_along: ContextVar[bool] = ContextVar("rows are confirmed along with what is read next", default=False)


@dataclass(slots=True)
class Memory:
    """The rows that one statement has found, by its parameters. Those it has not found are asked for each time.

    `models`: whose columns it reads, one after the other (see `sources.rows.split`). `asking`: its query set, with any
    value in place of each parameter. `parameters`: their names, in the statement's order.
    """

    models: tuple[type[Model], ...]
    asking: Callable[[], QuerySet[Any]]
    parameters: tuple[str, ...]
    _found: dict[Row, tuple[Row, Row]] = field(default_factory=dict)
    _written: tuple[str, str] | tuple[()] = ()

    def read(self, *values: Any) -> Row | None:
        known = self._found.get(values)
        if known is None:
            return self._read(values)
        if _along.get():
            send_ahead(self._versions_now(values), partial(self._confirm, values))
            return known[1]
        now = self._versions_now(values)
        run(now)
        return known[1] if now.rows == [known[0]] else self._read(values)

    def _read(self, values: Row) -> Row | None:
        self._found.pop(values, None)
        reading = Prepared(self._texts()[0], self._named(values))
        run(reading)
        if not reading.rows:
            return None
        if len(self._found) >= MOST:
            self._found.clear()
        row, width = reading.rows[0], 2 * len(self.models)
        self._found[values] = row[:width], row[width:]
        return row[width:]

    def _confirm(self, values: Row, now: Statement) -> None:
        known = self._found.get(values)
        if known is None or now.rows != [known[0]]:
            self._found.pop(values, None)
            raise Outdated

    def _versions_now(self, values: Row) -> Statement:
        return Prepared(self._texts()[1], self._named(values))

    def _named(self, values: Row) -> dict[str, Any]:
        return dict(zip(self.parameters, values, strict=True))

    def _texts(self) -> tuple[str, str]:
        """Written by the ORM once: what reads the rows after their versions, and what reads their versions alone.

        A changed row is another tuple: of another transaction, or further on in the table by the same.
        """
        if not self._written:
            said, _ = self.asking().order_by().query.sql_with_params()
            named = str(said) % tuple(f"%({name})s" for name in self.parameters)
            tables = [model._meta.db_table for model in self.models]
            versions = ", ".join(f'"{table}".xmin, "{table}".ctid' for table in tables)
            columns, found = named.removeprefix("SELECT ").split(" FROM ", 1)
            self._written = f"SELECT {versions}, {columns} FROM {found}", f"SELECT {versions} FROM {found}"
        return self._written

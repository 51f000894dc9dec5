"""Several statements sent at once: each further one costs the database its work, and nobody the wait for an answer.

They travel in a pipeline (libpq's), with their parameters beside them. The database keeps the plan of those that are
Prepared: making it takes several times as long as carrying it out. DATABASE_PREPARED_STATEMENTS=off has none kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.backends.postgresql.psycopg_any import mogrify
from psycopg import Connection, Cursor
from psycopg.types.numeric import Int8


@dataclass(slots=True)
class Statement:
    """One statement; `rows` is what it answered once it has run.

    It may use the parameters of those that travel with it, too; its own come first. `awaited`: somebody in the
    transaction asks for its answer, so it cannot wait for the commit.
    """

    sql: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    awaited: bool = False
    _cursor: Cursor[tuple[Any, ...]] | None = None

    def answered(self, cursor: Cursor[tuple[Any, ...]]) -> None:
        self._cursor, result = cursor, cursor.pgresult
        self.rows = cursor.fetchall() if result is not None and result.nfields else []

    @property
    def columns(self) -> list[str]:
        """The names of what `rows` has. Worked out when asked for: most know what they asked."""
        return [column.name for column in (self._cursor and self._cursor.description) or ()]


class Prepared(Statement):
    """One whose plan is kept, and is the same for whatever parameters: not for arrays of thousands."""

    __slots__ = ()


def run(*statements: Statement, commit: bool = False) -> None:
    """Run them in order, in one round trip. A statement sees what those before it did.

    With `commit`, the transaction is committed by the same trip, if none of them failed.
    """
    if not statements:
        return
    parameters = {name: value for each in statements for name, value in each.parameters.items()}
    connection.ensure_connection()
    parameters = {name: value for each in statements for name, value in each.parameters.items()}
    trip = _Trip(connection.connection, statements, commit=commit)
    wrapped = connection.make_cursor(trip)  # type: ignore[arg-type]  # it asks for no more than this
    wrapped.execute(";\n".join(each.sql for each in statements), parameters)
    if connection.queries_logged:
        told = [mogrify(each.sql, {**parameters, **each.parameters}, connection) for each in statements]
        connection.queries_log.append({"sql": ";\n".join([*told, *(["COMMIT"] if commit else [])]), "time": "0"})


class _Trip(Cursor[Any]):
    """What Django's wrapper takes for a cursor that executes one text: so errors are translated and wrappers called."""

    def __init__(self, session: Connection[Any], statements: Sequence[Statement], *, commit: bool) -> None:
        super().__init__(session)
        self._session = session
        self._statements = statements
        self._commit = commit

    def execute(self, _: object, shared: Mapping[str, Any]) -> None:  # type: ignore[override]
        shared = _wide(shared)
        if len(self._statements) == 1 and not self._commit:
            self._statements[0].answered(self._sent(self._statements[0], shared))
            return
        with self._session.pipeline():
            cursors = [self._sent(each, shared) for each in self._statements]
            if self._commit:
                self._session.commit()
        for each, cursor in zip(self._statements, cursors, strict=True):
            each.answered(cursor)

    def _sent(self, statement: Statement, shared: Mapping[str, Any]) -> Cursor[tuple[Any, ...]]:
        parameters = {**shared, **_wide(statement.parameters)}
        return Cursor(self._session).execute(statement.sql, parameters, prepare=isinstance(statement, Prepared))


def _wide(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """All numbers in one width: the database would take a statement with a wider one for another statement."""
    return {name: _widened(value) for name, value in parameters.items()}


def _widened(value: Any) -> Any:
    if type(value) is int:
        return Int8(value)
    if type(value) is list and value and type(value[0]) is int:
        return [Int8(number) for number in value]
    return value

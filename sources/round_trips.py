"""Several statements sent at once: each further one costs the database its work, and nobody the wait for an answer.

They travel as one pipeline, with the BEGIN of the transaction before them and its COMMIT after them where that is
theirs to do. The database keeps the plan of those that are Prepared: making it takes several times as long as carrying
it out. DATABASE_PREPARED_STATEMENTS=off has none kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.postgresql.psycopg_any import mogrify
from psycopg import Connection, adapt, errors
from psycopg.abc import Transformer
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

from sources.meanwhile import Meanwhile
from sources.pipelines import piped
from sources.wording import Command, Kept, planned_anew

_DONE = (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK, ExecStatus.EMPTY_QUERY)


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
    _result: PGresult | None = None

    def answered(self, result: PGresult, read: Transformer) -> None:
        self._result, self.rows = result, []
        if result.ntuples:
            read.set_pgresult(result)
            self.rows = read.load_rows(0, result.ntuples, tuple)

    @property
    def columns(self) -> list[str]:
        """The names of what `rows` has. Worked out when asked for: most know what they asked."""
        result = self._result
        return [(result.fname(place) or b"").decode() for place in range(result.nfields)] if result else []


Answered = Callable[[Statement], None]


class Prepared(Statement):
    """One whose plan is kept, and is the same for whatever parameters: not for arrays of thousands."""

    __slots__ = ()


class Opening(Prepared):
    """SELECT and values, of no table: its one row is told together with what one question goes ahead of it."""

    __slots__ = ()


_BEGIN, _COMMIT = Prepared("BEGIN"), Prepared("COMMIT")


def run(*statements: Statement, commit: bool = False) -> None:
    """Run them in order, in one round trip. A statement sees what those before it did.

    With `commit`, the transaction is committed by the same trip, if none of them failed.
    """
    if not statements:
        return
    if commit:
        settle()
    if _ahead.get():
        _send_behind(statements)
    else:
        _send(statements, commit=commit)


def send_ahead(reading: Statement, answered: Answered) -> None:
    """Have a statement that only reads go before those of the next trip, which saves it one of its own.

    It is SELECT and one value, of no table: where the trip begins with an Opening, both are one statement.

    `answered` is told before anybody uses what the others answered, and before any commit of theirs; what it raises
    is raised to whoever runs them. A trip that fails leaves it to the next within `sending_ahead`, where alone this may
    be used. Whoever does calls `settle` in the end, and has nothing written before without a transaction.
    """
    _ahead.set((*_ahead.get(), (reading, answered)))


def going_ahead() -> list[Answered]:
    """Who is to be told of the statements that go before those of the next trip."""
    return [answered for _, answered in _ahead.get()]


def sending_ahead() -> Meanwhile[tuple[tuple[Statement, Answered], ...]]:
    """What could not be sent within it, the database being gone, is no matter of whoever comes after in this thread."""
    return Meanwhile(_ahead, ())


def settle() -> None:
    """What was to go ahead of others goes alone, if none of them came."""
    if _ahead.get():
        _send_behind(())


_ahead: ContextVar[tuple[tuple[Statement, Answered], ...]] = ContextVar("to be sent ahead", default=())


def _send_behind(statements: Sequence[Statement]) -> None:
    ahead = _ahead.get()
    if len(ahead) == 1 and statements and isinstance(statements[0], Opening):
        _send_as_one(ahead[0][0], *statements)
    else:
        _send((*(reading for reading, _ in ahead), *statements))
    _ahead.set(())
    for reading, answered in ahead:
        answered(reading)


def _send_as_one(question: Statement, opening: Statement, *others: Statement) -> None:
    """A statement takes the database, and Python, as long to begin and to end as these two to answer."""
    both = Prepared(_in_one(question.sql, opening.sql), {**question.parameters, **opening.parameters})
    _send((both, *others))
    ((first, *rest),) = both.rows
    question.rows, opening.rows = [(first,)], [tuple(rest)]


@lru_cache(maxsize=512)
def _in_one(question: str, opening: str) -> str:
    return f"{question}, {opening.removeprefix('SELECT ')}"


def _send(statements: Sequence[Statement], *, commit: bool = False) -> None:
    database = connections[DEFAULT_DB_ALIAS]  # once: each look-up asks whether this thread has an event loop
    if database.connection is None:
        database.ensure_connection()
    parameters = {name: value for each in statements for name, value in each.parameters.items()}
    trip = _Trip(database.connection, statements, commit=commit)
    if database.execute_wrappers:
        wrapped = database.make_cursor(trip)  # type: ignore[arg-type]  # it asks for no more than this
        wrapped.execute(";\n".join(each.sql for each in statements), parameters)
    else:
        database.validate_no_broken_transaction()
        with database.wrap_database_errors:
            trip.execute("", parameters)
    if database.queries_logged:
        told = [mogrify(each.sql, {**parameters, **each.parameters}, database) for each in statements]
        database.queries_log.append({"sql": ";\n".join([*told, *(["COMMIT"] if commit else [])]), "time": "0"})


# By connection: how each type is read is looked up once. They do not know their connection, or it would live for ever.
_readers: WeakKeyDictionary[Connection[Any], Transformer] = WeakKeyDictionary()


def _reader(session: Connection[Any]) -> Transformer:
    known = _readers.get(session)
    if known is None:
        known = _readers[session] = adapt.Transformer(session.adapters)
    return known


class _Trip:
    """What Django's wrapper takes for a cursor that executes one text, so that who listens there is told."""

    def __init__(self, session: Connection[Any], statements: Sequence[Statement], *, commit: bool) -> None:
        self._session = session
        self._kept = None if session.prepare_threshold is None else Kept.of(session)
        self._statements = statements
        self._commit = commit

    def execute(self, _: object, shared: Mapping[str, Any]) -> None:
        session, write = self._session, adapt.Transformer.from_context(self._session)
        begins = not session.autocommit and session.pgconn.transaction_status == TransactionStatus.IDLE
        commands: list[Command] = []
        try:
            if begins:
                self._put(_BEGIN, {}, commands, write)
            places = [self._put(each, shared, commands, write) for each in self._statements]
            if self._commit:
                self._put(_COMMIT, {}, commands, write)
            results = piped(session, commands)
        except BaseException:  # a value that cannot be written, and nothing was sent; or the connection is gone
            self._forget(0, None)
            raise
        self._look_for_failure(results)
        read = _reader(session)
        for each, place in zip(self._statements, places, strict=True):
            each.answered(results[place], read)

    def _put(self, statement: Statement, shared: Mapping[str, Any], commands: list[Command], write: Transformer) -> int:
        """Add a statement to the commands; the place of its answer."""
        parameters = {**shared, **statement.parameters}
        if self._kept is not None and isinstance(statement, Prepared):
            commands += self._kept.commands(statement.sql, parameters, write, place=len(commands))
        else:
            commands.append(planned_anew(statement.sql, parameters, write))
        return len(commands) - 1

    def _look_for_failure(self, results: Sequence[PGresult]) -> None:
        """Of the first that failed; those behind it were not carried out."""
        if results[-1].status in _DONE:
            if self._kept is not None:
                self._kept.done()
            return
        place = next(number for number, result in enumerate(results) if result.status not in _DONE)
        error = errors.error_from_result(results[place], encoding=self._session.info.encoding)
        self._forget(place, error.sqlstate)
        raise error

    def _forget(self, place: int, code: str | None) -> None:
        if self._kept is not None:
            self._kept.failed(place, code)

    def close(self) -> None:
        """Nothing is held."""

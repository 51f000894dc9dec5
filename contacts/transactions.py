"""One verb, one transaction: opened in the verb, restarted when another one was faster."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from functools import wraps
from random import uniform
from time import sleep
from typing import ParamSpec, TypeVar

from django.db import DataError, OperationalError, connection, transaction
from psycopg import errors

from contacts.metrics import RESTARTS
from sources.meanwhile import Meanwhile
from sources.round_trips import Statement, run, settle

P = ParamSpec("P")
R = TypeVar("R")

ATTEMPTS = 24
# Seconds, at most, before the second attempt; before each further one that much more.
PAUSE = 0.01

_inside: ContextVar[bool] = ContextVar("inside a verb", default=False)
# What the verb under way does last; None in a verb that is a part of another, and outside of all.
_last: ContextVar[list[Statement] | None] = ContextVar("done with the commit", default=None)
_again: ContextVar[bool] = ContextVar("a verb begun again", default=False)


# For a statement that goes with the commit: SQL that fails, and has the verb begin again, unless `condition` is true.
# A text that is no number is how SQL refuses; it is what the database's log says of it.
_BEGIN_AGAIN = "no error: changed since it was read, the transaction begins again"
OR_RESTART = f"SELECT (CASE WHEN {{condition}} THEN '1' ELSE '{_BEGIN_AGAIN}' END)::int"


class Restart(Exception):
    """What was read before the locks were held no longer holds: begin the transaction again."""


def verb(function: Callable[P, R]) -> Callable[P, R]:
    """Run `function` as one transaction, or as a part of the verb that calls it.

    A deadlock, a serialisation failure or `Restart` begins it again, up to ATTEMPTS times; the function must
    therefore change nothing but the database. Raises the last error when every attempt failed.
    """

    @wraps(function)
    def called(*args: P.args, **kwargs: P.kwargs) -> R:
        if _inside.get():
            with Meanwhile(_last, None):
                return function(*args, **kwargs)
        with Meanwhile(_inside, True):
            return _attempt(lambda: _once(lambda: function(*args, **kwargs)))

    return called


def undone_if_refused() -> AbstractContextManager[object]:
    """For a verb whose refusal its caller answers for: what it wrote is undone, also where it is a part of another.

    A verb that is none is undone by itself.
    """
    return transaction.atomic() if _inside.get() else nullcontext()


def finally_run(*statements: Statement) -> None:
    """Have these statements done last of all in the verb under way, by the trip that commits it.

    For a verb that reads nothing after it; in one that is a part of another they are done at once.
    """
    last = _last.get()
    if last is None:
        run(*statements)
    else:
        last += statements


def in_one_trip(*statements: Statement) -> None:
    """These statements as one transaction, or as a part of the verb under way.

    What travels together outside of a transaction is one to the database: it needs no telling where it begins and ends.
    Begun again as a verb is.
    """
    if connection.in_atomic_block:
        run(*statements)
    else:
        settle()
        _attempt(lambda: run(*statements))


def begun_again() -> bool:
    """Whether the verb under way lost a race before. It had then better lock what it reads before it reads it."""
    return _again.get()


def _attempt(body: Callable[[], R]) -> R:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with Meanwhile(_again, attempt > 1):
                return body()
        except (Restart, OperationalError) as error:
            if attempt == ATTEMPTS or not _worth_another(error):
                raise
            RESTARTS.labels(type(error.__cause__ or error).__name__).inc()
            # Unevenly, so that two that got into each other's way do not meet again.
            sleep(uniform(0, PAUSE * attempt))  # noqa: S311
    raise AssertionError("unreachable")


def _once(body: Callable[[], R]) -> R:
    ours = not connection.in_atomic_block
    last: list[Statement] = []
    try:
        with transaction.atomic():
            with Meanwhile(_last, last):
                done = body()
            run(*last, commit=ours)
    except DataError as error:
        if isinstance(error.__cause__, errors.InvalidTextRepresentation) and _BEGIN_AGAIN in str(error):
            raise Restart from None
        raise
    return done


def _worth_another(error: Exception) -> bool:
    if isinstance(error, Restart):
        return True
    return isinstance(error.__cause__, errors.DeadlockDetected | errors.SerializationFailure)

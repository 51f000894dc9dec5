"""One verb, one transaction: opened in the verb, restarted when another one was faster."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from random import uniform
from time import sleep
from typing import ParamSpec, TypeVar

from django.db import OperationalError, transaction
from psycopg import errors

P = ParamSpec("P")
R = TypeVar("R")

ATTEMPTS = 24
# Seconds, at most, before the second attempt; before each further one that much more.
PAUSE = 0.01

_inside: ContextVar[bool] = ContextVar("inside a verb", default=False)
_again: ContextVar[bool] = ContextVar("a verb begun again", default=False)


class Restart(Exception):
    """What was read before the locks were held no longer holds: begin the transaction again."""


def verb(function: Callable[P, R]) -> Callable[P, R]:
    """Run `function` as one transaction, or as a part of the verb that calls it.

    A deadlock, a serialisation failure or `Restart` begins it again, up to ATTEMPTS times; the function must
    therefore change nothing but the database. Raises the last error when every attempt failed.
    """

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if _inside.get():
            return function(*args, **kwargs)
        token = _inside.set(True)
        try:
            return _attempt(lambda: function(*args, **kwargs))
        finally:
            _inside.reset(token)

    return run


def begun_again() -> bool:
    """Whether the verb under way lost a race before. It had then better lock what it reads before it reads it."""
    return _again.get()


def _attempt(body: Callable[[], R]) -> R:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with transaction.atomic(), _told(again=attempt > 1):
                return body()
        except (Restart, OperationalError) as error:
            if attempt == ATTEMPTS or not _worth_another(error):
                raise
            # Unevenly, so that two that got into each other's way do not meet again.
            sleep(uniform(0, PAUSE * attempt))  # noqa: S311
    raise AssertionError("unreachable")


@contextmanager
def _told(*, again: bool) -> Iterator[None]:
    token = _again.set(again)
    try:
        yield
    finally:
        _again.reset(token)


def _worth_another(error: Exception) -> bool:
    if isinstance(error, Restart):
        return True
    return isinstance(error.__cause__, errors.DeadlockDetected | errors.SerializationFailure)

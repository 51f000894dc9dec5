"""Reading ahead and writing behind: the database at work for a chunk of records while the chunk is being decided."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from threading import get_ident
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections

R = TypeVar("R")

# Seconds after which a thread that computes lets another one go on.
SWITCH = 0.0002


def take_short_turns() -> None:
    """For a process that does little else: an errand is a dozen messages and answers.

    As Python has it (0.005 s), the database would wait longer for each of them than it works.
    """
    sys.setswitchinterval(SWITCH)


class Errands:
    """What one transaction has done in the database, in the order in which it was sent.

    An errand that fails is told to whoever asks for its outcome, and to whoever settles.
    """

    def __init__(self, thread: ThreadPoolExecutor | None = None) -> None:
        self._thread = thread
        self._sent: deque[Future[Any]] = deque()

    @property
    def behind(self) -> bool:
        """Whether they are done by a thread."""
        return self._thread is not None

    def send(self, errand: Callable[[], R]) -> Future[R]:
        """Have it done: at once, or by a thread after all that was sent before."""
        if self._thread is None:
            done = Future[R]()
            done.set_result(errand())
            return done
        sent = self._thread.submit(copy_context().run, errand)
        self._sent.append(sent)
        return sent

    def settle(self) -> None:
        """Wait until all is done. Raises what the first of those raised that failed."""
        while self._sent:
            self._sent[0].result()
            self._sent.popleft()


@contextmanager
def errands(*, behind: bool) -> Iterator[Errands]:
    """Errands on this thread's connection: done at once, or `behind` its back.

    In that case whatever else is executed on the connection meanwhile waits until they are settled; but for COPY, which
    is for errands only. When the block ends, nothing is under way any more, and what was not begun is not done.
    """
    if not behind:
        yield Errands()
        return
    ours = connections[DEFAULT_DB_ALIAS]
    thread = ThreadPoolExecutor(1, "errands", connections.__setitem__, (DEFAULT_DB_ALIAS, ours))
    sent, us = Errands(thread), get_ident()

    def in_turn(execute: Callable[..., Any], *asked: Any) -> Any:
        if get_ident() == us:
            sent.settle()
        return execute(*asked)

    ours.inc_thread_sharing()
    try:
        with connection.execute_wrapper(in_turn):
            yield sent
    finally:
        thread.shutdown(cancel_futures=True)
        ours.dec_thread_sharing()

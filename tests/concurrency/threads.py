"""Several callers at once, each on a thread and a connection of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier
from time import monotonic, sleep
from typing import Any

from django.db import connection, connections, transaction

from contacts.errors import DomainError

Call = Callable[[], Any]

# Seconds that a caller gets to run into a lock.
PATIENCE = 10


def outcome(call: Call) -> Any:
    """What a call returns, or how the domain refused it; any other error is raised."""
    try:
        return call()
    except DomainError as refusal:
        return refusal
    finally:
        connections.close_all()


def at_once(calls: Sequence[Call]) -> list[Any]:
    """The outcomes of calls that start at the same moment, in the order of the calls."""
    start = Barrier(len(calls))

    def run(call: Call) -> Any:
        start.wait()
        return outcome(call)

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two calls of which the second began before the first had committed; `waited`: it ran into the first's locks."""

    first: Any
    second: Any
    waited: bool


def overlap(first: Call, second: Call) -> Overlap:
    """Carry out the first, start the second, and commit the first once the second waits for it or has ended."""
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            done = first()
            other = pool.submit(outcome, second)
            waited = _waits_for_us(other)
        return Overlap(done, other.result(), waited)


def until(condition: Callable[[], bool], otherwise: str) -> None:
    """Look again and again until it is true; `otherwise` is what the test fails with when it never is."""
    end = monotonic() + PATIENCE
    while not condition():
        assert monotonic() < end, otherwise
        sleep(0.01)


def waiting() -> int:
    """How many callers wait for a lock in this database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # or a transaction sees for ever what it saw first
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return int(cursor.fetchone()[0])


def _waits_for_us(other: Future[Any]) -> bool:
    until(lambda: other.done() or _blocks_somebody(), "the second call neither ended nor waited")
    return not other.done()


def _blocks_somebody() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))")
        return bool(cursor.fetchone()[0])

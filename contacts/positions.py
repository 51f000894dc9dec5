"""Where the rows of the longest lists stand: every so manieth row of a list is marked, so that a deep page is near one.

Marks are counted as of `taken_at`. Customers made since come later in the order of making, and shift nothing; those
deleted or merged since have left the later positions by one. Pages asked for by number shift so in any list that
changes; what a mark adds is that they do so when it is renewed.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from contacts import clock
from contacts.transactions import verb

# Rows from one mark to the next: reading so many entries of an index takes some ten milliseconds at most.
EVERY = 5_000
JOB = "positions.renew"

_NAMED = "NOT ({name} = '') AND deleted_at IS NULL"
# For each list: its order, and whom it holds. The same as the indexes' own.
_LISTS: dict[tuple[str, bool], tuple[str, str]] = {
    ("id", True): ("id", "deleted_at IS NULL"),
    ("id", False): ("id", "true"),
    ("created_at", True): ("created_at, id", "deleted_at IS NULL"),
    ("updated_at", True): ("updated_at, id", "deleted_at IS NULL AND updated_at IS NOT NULL"),
    ("first_name", True): (
        "lower(first_name) USING ~<~, lower(last_name) USING ~<~, id",
        _NAMED.format(name="first_name"),
    ),
    ("last_name", True): (
        "lower(last_name) USING ~<~, lower(first_name) USING ~<~, id",
        _NAMED.format(name="last_name"),
    ),
}

_COUNTED = """
SELECT coalesce(array_agg(id ORDER BY position) FILTER (WHERE position %% {every} = 0), '{{}}'), count(*)
FROM (SELECT id, row_number() OVER (ORDER BY {order}) AS position FROM contacts_customer
      WHERE tenant_id = %(tenant)s AND {held}) AS counted
"""
_KEEP = """
INSERT INTO contacts_positions (tenant_id, "order", live, every, marked, total, taken_at)
SELECT %(tenant)s, %(order)s, %(live)s, {every}, counted.marked, counted.total, %(now)s
FROM ({counted}) AS counted (marked, total)
ON CONFLICT (tenant_id, "order", live)
DO UPDATE SET every = excluded.every, marked = excluded.marked, total = excluded.total, taken_at = excluded.taken_at
"""
_READ = """
SELECT marked[wanted.mark], wanted.mark * every, total, taken_at
FROM contacts_positions, LATERAL (SELECT CASE WHEN %(descending)s
    THEN ceil((total - %(near)s + 1)::float8 / every)
    ELSE least(floor(%(near)s::float8 / every), cardinality(marked)) END::int AS mark) AS wanted
WHERE tenant_id = %(tenant)s AND "order" = %(order)s AND live = %(live)s
"""


@dataclass(frozen=True, slots=True)
class Course:
    """One of the lists whose positions are marked: a tenant's customers in an order, live ones or all."""

    tenant_id: int
    order: str
    live: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """A row, how many rows of the list there are up to and with it (None: no row is near), and as of when."""

    row: UUID | None
    position: int
    taken_at: datetime


def course(tenant_id: int, order: str, *, live: bool) -> Course | None:
    """None where the list's positions are not marked."""
    return Course(tenant_id, order, live) if (order, live) in _LISTS else None


def courses(tenant_id: int) -> list[Course]:
    return [Course(tenant_id, order, live) for order, live in _LISTS]


def nearest(course: Course, *, to: int, descending: bool) -> Mark | None:
    """The last mark within the first `to` rows of the list, read in this direction; None where none were taken."""
    with connection.cursor() as cursor:
        cursor.execute(_READ, {**_asked(course), "near": to, "descending": descending})
        row = cursor.fetchone()
    if row is None:
        return None
    pk, position, total, taken_at = row
    return Mark(pk, total - position + 1 if descending else position, taken_at)


@verb
def ask_to_renew(course: Course) -> None:
    """By a worker, as soon as one is free. However many ask meanwhile, it waits there once."""
    waiting = app.configure_task(JOB, allow_unknown=False, queueing_lock=f"positions of {course}")
    with suppress(AlreadyEnqueued), transaction.atomic():
        waiting.defer(**asdict(course))


@verb
def renew(course: Course) -> None:
    """Count the list. Reads the whole of an index: seconds for ten million rows. One at a time; others give way."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext(%s))", [f"positions of {course}"])
        if not cursor.fetchone()[0]:
            return
        order, held = _LISTS[course.order, course.live]
        counted = _COUNTED.format(every=EVERY, order=order, held=held)
        cursor.execute(_KEEP.format(every=EVERY, counted=counted), {**_asked(course), "now": clock.now()})


def _asked(course: Course) -> dict[str, Any]:
    return {"tenant": course.tenant_id, "order": course.order, "live": course.live}

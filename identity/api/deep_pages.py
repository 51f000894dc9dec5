"""Pages far down a list that are asked for by their number alone.

Counting off five million rows takes a while, even in an index. So the rows at every so many places of the lists without
filters are marked (contacts.positions), and a deep page is counted off from the nearest mark. Where a deep
page finds them old it asks a worker to renew them; until the first are there, the rows are counted off one by one.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

from django.db.models import Model

from contacts import clock, positions
from contacts.positions import Course, Mark
from identity.api.listings import Listing, Part

# Rows that are counted off where no mark is nearer.
DEEP = 10_000
# Rows behind the last mark that may have come since: what is asked for further on is past the end.
MOST_SINCE = 100_000
RENEWED_AFTER = timedelta(minutes=15)

M = TypeVar("M", bound=Model)


def skipping(listing: Listing[M], skipped: int, number: int) -> tuple[Part, str]:
    """The rows behind the first `skipped`, and as of when these were counted; empty: just now."""
    if skipped <= DEEP or listing.course is None:
        return listing.skipping(skipped, number), ""
    mark = _mark(listing.course, skipped, descending=listing.order.descending)
    if mark is None:
        return listing.skipping(skipped, number), ""
    return _from(mark, listing, skipped, number), mark.taken_at.isoformat()


def _mark(course: Course, skipped: int, *, descending: bool) -> Mark | None:
    mark = positions.nearest(course, to=skipped, descending=descending)
    if mark is None or clock.now() - mark.taken_at > RENEWED_AFTER:
        positions.ask_to_renew(course)
    return mark


def _from(mark: Mark, listing: Listing[M], skipped: int, number: int) -> Part:
    """`mark.row` is None past the list's end, and in a list shorter than the way to its first mark."""
    place = listing.place_of(mark.row) if mark.row else None
    if place is None:
        return listing.skipping(skipped, number)
    beyond = skipped - mark.position
    if beyond > MOST_SINCE:
        return Part([], more=False)
    further = listing.after(place, beyond + number)
    return replace(further, pks=further.pks[beyond:])

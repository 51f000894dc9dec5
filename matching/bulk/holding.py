"""Whom a chunk of records decides on is locked when all is decided, at the version that the decision was taken on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from matching.bulk.known import Known
from matching.locks import lock_many_late, wait_for
from sources.round_trips import Statement


class Holding:
    """The customers that this transaction holds, and those that it has to before it writes."""

    def __init__(self) -> None:
        self._waited_for: set[UUID] = set()
        self._noted: dict[UUID, int] = {}

    def wait_for(self, customers: Iterable[UUID]) -> None:
        """Lock these before they are read: whoever holds one of them is waited for, so it has to come first."""
        self._waited_for = wait_for(customers)

    def note(self, known: Known) -> None:
        """A customer that a decision concerns, before anything is done to it."""
        if not known.held:
            known.held = True
            if known.id not in self._waited_for:
                self._noted[known.id] = known.version

    def lock(self, *, besides: Sequence[Statement]) -> None:
        """Lock those noted since the last time. `besides` are statements that come after it, in the same trip.

        Raises Restart where somebody else holds one of them, or has changed it since it was read.
        """
        noted, self._noted = self._noted, {}
        lock_many_late(noted, besides=besides)

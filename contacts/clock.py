"""What time it is for whoever acts: now, or, where earlier happenings are replayed, the time of each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.utils import timezone

_replayed: ContextVar[datetime | None] = ContextVar("time of what is replayed", default=None)


def now() -> datetime:
    return _replayed.get() or timezone.now()


@contextmanager
def replaying(moment: datetime) -> Iterator[None]:
    """What verbs do inside the block happened at `moment` (aware) in history, events and journals."""
    token = _replayed.set(moment)
    try:
        yield
    finally:
        _replayed.reset(token)

"""How far an import is, and when it will be done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from imports.models import Import

# Without a sign of life for so long, whoever carried it out is taken to be gone.
SILENCE = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Progress:
    """`share` of the file dealt with, 0 to 1; `rate`: records a second while it ran; `seconds_left` at that pace.

    What nobody can tell yet is None.
    """

    share: float
    rate: float | None
    seconds_left: float | None
    expected_end: datetime | None


def progress_of(imported: Import) -> Progress:
    """By bytes of the file, as nobody has counted its records beforehand."""
    share = imported.position / imported.size if imported.size else 1.0
    rate = imported.records / imported.seconds if imported.seconds else None
    left = imported.seconds * (1 - share) / share if imported.seconds and share else None
    under_way = left is not None and imported.state in (Import.State.QUEUED, Import.State.RUNNING)
    end = timezone.now() + timedelta(seconds=left) if under_way and left is not None else None
    return Progress(share, rate, left, end)


def is_silent(imported: Import) -> bool:
    """Whether a running import has not got on for longer than a chunk can take."""
    return imported.touched_at is None or timezone.now() - imported.touched_at > SILENCE

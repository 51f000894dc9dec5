"""An import in the words of the console: its state, what can be done with it, and what has become of its records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from django.db.models.functions import Left
from django.utils import timezone

from imports.models import Import, RejectedRow
from imports.previewing import preview
from imports.progress import Progress, progress_of
from review.console.import_reading import column_choices, field_choices, sources_of

State = Import.State

# Rows that are looked at before anything is let in.
PREVIEWED = 8
REJECTED_SHOWN = 10
LONGEST_SHOWN = 400  # characters of a rejected row; the download has it whole
REASONS_FROM = 2_000  # rejected rows that the frequent reasons are counted among
REASONS_SHOWN = 6
# After so long in the queue somebody should look whether a worker runs.
PATIENCE = timedelta(seconds=20)

STATE_WORDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        State.READY: ("waits for you", ""),
        State.QUEUED: ("about to begin", "mine"),
        State.RUNNING: ("under way", "mine"),
        State.PAUSED: ("paused", "warning"),
        State.CANCELLED: ("cancelled", ""),
        State.DONE: ("done", ""),
        State.FAILED: ("failed", "danger"),
    }
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A count of an import's records, and what it means."""

    words: str
    count: int
    meaning: str
    name: str


@dataclass(frozen=True, slots=True)
class Shown:
    """An import, with what the templates ask of it."""

    row: Import
    progress: Progress

    @property
    def state(self) -> str:
        return STATE_WORDS[self.row.state][0]

    @property
    def tag(self) -> str:
        return STATE_WORDS[self.row.state][1]

    @property
    def percent(self) -> int:
        """Cut, not rounded: 100 is the end."""
        return int(100 * self.progress.share)

    @property
    def begun(self) -> bool:
        return self.row.state != State.READY

    @property
    def ended(self) -> bool:
        return self.row.state in (State.DONE, State.CANCELLED)

    @property
    def moving(self) -> bool:
        return self.row.state in (State.QUEUED, State.RUNNING)

    @property
    def can_resume(self) -> bool:
        return self.row.state in (State.PAUSED, State.FAILED)

    @property
    def can_cancel(self) -> bool:
        return self.row.state not in (State.DONE, State.CANCELLED)

    @property
    def can_follow(self) -> bool:
        """Whether a dry run can be followed by the real one."""
        return self.row.state == State.DONE and self.row.dry_run

    @property
    def can_anything(self) -> bool:
        return self.can_cancel or self.can_follow

    @property
    def left_alone(self) -> bool:
        """Whether no worker has taken it for a while."""
        since = self.row.touched_at
        return self.row.state == State.QUEUED and since is not None and timezone.now() - since > PATIENCE

    @property
    def figures(self) -> list[Figure]:
        row = self.row
        return [
            Figure("Read", row.records, "records", "records"),
            Figure("Created", row.created, "new customers", "created"),
            Figure("Linked", row.linked, "to customers known before", "linked"),
            Figure("Updated", row.updated, "what a source had said", "updated"),
            Figure("Nothing new", row.found, "said again", "found"),
            Figure("Left for review", row.candidates, "candidates", "candidates"),
            Figure("Rejected", row.rejected, "rows not taken", "rejected"),
        ]


def shown(imported: Import) -> Shown:
    return Shown(imported, progress_of(imported))


def context_of(imported: Import, *, errors: Sequence[str] = ()) -> dict[str, Any]:
    """All that the page of an import needs."""
    context = {"import": shown(imported), "errors": list(errors)}
    if imported.state == State.READY:
        return context | _reading(imported)
    return context | {
        "rejected": list(rejected(imported)[:REJECTED_SHOWN]),
        "reasons": _reasons(imported) if imported.rejected > REJECTED_SHOWN else [],
    }


def _reading(imported: Import) -> dict[str, Any]:
    previewed = preview(imported, rows=PREVIEWED)
    return {
        "previewed": previewed,
        "columns": list(column_choices(previewed)),
        "fields": field_choices(imported.tenant),
        "formats": Import.Format.values,
        "sources": sources_of(imported.tenant),
    }


def rejected(imported: Import, *, after: int = 0) -> Any:
    """The rejected rows behind a line, in the order of the file, `shown` as far as they fit on a page."""
    rows = RejectedRow.objects.filter(imported=imported, line__gt=after).order_by("line")
    return rows.defer("raw").annotate(shown=Left("raw", LONGEST_SHOWN))


def _reasons(imported: Import) -> list[tuple[str, int]]:
    """The most frequent reasons among the first rejected rows."""
    rows = RejectedRow.objects.filter(imported=imported).order_by("line").values_list("errors", flat=True)
    return Counter(error for errors in rows[:REASONS_FROM] for error in errors).most_common(REASONS_SHOWN)

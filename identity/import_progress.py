"""An import told to whoever waits at a terminal."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import timedelta

from identity.progress import SECONDS_BETWEEN_LINES, SECONDS_BETWEEN_UPDATES, Out
from imports.models import Import
from imports.progress import progress_of


@dataclass(slots=True)
class ImportProgress:
    """One line kept up to date on a terminal; anywhere else a line every few seconds."""

    out: Out
    _told: float = field(default=0.0)

    def __call__(self, imported: Import) -> None:
        now, on_terminal = time.monotonic(), self.out.isatty()
        if now - self._told < (SECONDS_BETWEEN_UPDATES if on_terminal else SECONDS_BETWEEN_LINES):
            return
        self._told = now
        self.out.write(f"\r{line(imported):<100}" if on_terminal else f"{line(imported)}\n")
        self.out.flush()


def line(imported: Import) -> str:
    progress = progress_of(imported)
    told = f"  {progress.share:.0%}, {imported.records:,} records"
    if progress.rate is not None:
        told += f", {progress.rate:,.0f} a second"
    if progress.seconds_left is not None:
        told += f", {timedelta(seconds=round(progress.seconds_left))} to go"
    return f"{told}, {imported.rejected:,} rejected"


def summary(imported: Import) -> str:
    """What became of the records, or in a dry run would."""
    verb = "would be" if imported.dry_run else "were"
    outcomes = ", ".join(f"{getattr(imported, name):,} {name}" for name in ("created", "linked", "updated", "found"))
    return (
        f"Import {imported.pk}: of {imported.records:,} records {imported.resolved:,} {verb} taken ({outcomes}),"
        f" {imported.rejected:,} rejected, {imported.candidates:,} candidates opened, {imported.seconds:,.1f} seconds"
    )

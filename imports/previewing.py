"""The first rows of a file as they would be read, before anybody lets it in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from contacts.intake import InvalidSubmission
from contacts.record import Record
from contacts.transactions import verb
from imports.checking import check
from imports.columns import Column
from imports.errors import WrongState
from imports.models import Import
from imports.normalising import legible, read
from imports.options import Options
from imports.reading import rows_of, rules_of
from imports.steering import begin_again


@dataclass(frozen=True, slots=True)
class PreviewedRow:
    """A row: its text, its cells where it is CSV, and the record it would be or everything wrong with it."""

    line: int
    raw: str
    cells: Sequence[str] | None
    record: Record | None
    errors: Sequence[str]


@dataclass(frozen=True, slots=True)
class Preview:
    """`columns`: CSV's, with the fields they are mapped to now."""

    columns: Sequence[Column]
    rows: Sequence[PreviewedRow]


def preview(imported: Import, *, rows: int = 10) -> Preview:
    """The first rows that have not been dealt with, under the options the import has."""
    rules = rules_of(imported)
    shown: list[PreviewedRow] = []
    for row in islice(rows_of(imported), rows):
        try:
            record, errors = read(row, rules), []
        except InvalidSubmission as refusal:
            record, errors = None, refusal.errors
        shown.append(PreviewedRow(row.line, legible(row.raw), row.cells, record, errors))
    return Preview(rules.columns or [], shown)


@verb
def choose(imported: Import, options: Options) -> Import:
    """Have a file that waits to be started, or was tried dry, read in another way; then it waits to be started.

    Raises FileGone, UnreadableFile, WrongState.
    """
    locked = Import.objects.select_for_update(no_key=True).get(pk=imported.pk)
    if locked.state == Import.State.DONE and locked.dry_run:
        begin_again(locked)
    elif locked.state != Import.State.READY:
        raise WrongState("changed", locked.state)
    locked.position = locked.lines = 0
    locked.columns = None
    return check(locked, options)

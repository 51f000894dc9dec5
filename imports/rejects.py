"""The rows that were not taken, as a file to correct and send again."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import orjson

from contacts.exports.formats import harmless
from imports.models import Import, RejectedRow

_AT_ONCE = 500


def rejected_rows(imported: Import, *, after: int = 0) -> Iterator[RejectedRow]:
    """In the order of the file, a few hundred at a time in memory; those behind the line `after`."""
    rows = RejectedRow.objects.filter(imported=imported).order_by("line")
    while page := list(rows.filter(line__gt=after)[:_AT_ONCE]):
        yield from page
        after = page[-1].line


def as_ndjson(imported: Import) -> Iterator[bytes]:
    """`{"line", "raw", "errors"}` on each line."""
    for row in rejected_rows(imported):
        yield orjson.dumps({"line": row.line, "raw": row.raw, "errors": row.errors}) + b"\n"


def as_csv(imported: Import) -> Iterator[bytes]:
    """The same for people, with the errors in one cell, divided by `; `: no cell is a spreadsheet's formula."""
    yield _csv(["line", "errors", "raw"])
    for row in rejected_rows(imported):
        yield _csv([row.line, harmless("; ".join(row.errors)), harmless(row.raw)])


def _csv(cells: list[object]) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue().encode()

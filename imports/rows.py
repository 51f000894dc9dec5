"""The rows of a file: one for each record, with the line it begins on and its bytes as they stand there."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from imports.lines import BOM, LONGEST_LINE, Line, too_long

LINE_TOO_LONG = f"the line is longer than {LONGEST_LINE:,} bytes"
NOT_UTF8 = "the line is not UTF-8"


class Row(NamedTuple):
    """One record: NDJSON has no `cells`, they are in its `raw` bytes. `fault` is why it cannot even be read.

    `size`: the bytes of the file it takes, those of blank lines before it included. `last`: the line it ends on.
    """

    line: int
    last: int
    raw: bytes
    size: int
    cells: list[str] | None = None
    fault: str = ""


def ndjson_rows(lines: Iterable[Line], *, before: int = 0) -> Iterator[Row]:
    """`before`: how many lines of the file come before these."""
    skipped = 0
    for number, (raw, size) in enumerate(lines, start=before + 1):
        if number == 1:
            raw = raw.removeprefix(BOM)
        if raw.isspace() or not raw:
            skipped += size
            continue
        yield Row(number, number, raw, skipped + size, fault=LINE_TOO_LONG if too_long(raw) else "")
        skipped = 0


def csv_rows(lines: Iterable[Line], delimiter: str, *, before: int = 0) -> Iterator[Row]:
    """As RFC 4180 has it: a quoted cell may hold line ends. Of a row that is no CSV only the first line is lost."""
    feed = _Feed(lines)
    reader = csv.reader(feed, delimiter=delimiter, strict=True)
    number, skipped = before, 0
    while True:
        cells, fault = _next(reader)
        if cells is None and not fault:
            return
        if fault:
            feed.give_back()
        raw, size, count, bad = feed.taken()
        first, number = number + 1, number + count
        if cells == []:
            skipped += size
            continue
        yield Row(first, number, raw, skipped + size, cells, bad or fault)
        skipped = 0


def _next(reader: Iterator[list[str]]) -> tuple[list[str] | None, str]:
    try:
        return next(reader), ""
    except StopIteration:
        return None, ""
    except csv.Error as error:
        return None, f"the row is no CSV: {error}"


class _Feed:
    """Lines as text, and what the reader took of them for the row it is at."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._lines = iter(lines)
        self._again: deque[Line] = deque()
        self._taken: list[Line] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._lines)
        self._taken.append(line)
        return line[0].decode("utf-8", "surrogateescape").replace("\0", "\ufffd") + "\n"

    def give_back(self) -> None:
        """All but the first line of the row: they are rows of their own."""
        self._again.extendleft(reversed(self._taken[1:]))
        del self._taken[1:]

    def taken(self) -> tuple[bytes, int, int, str]:
        """The row's bytes, how many bytes of the file they take, on how many lines, and what is wrong with them."""
        lines, self._taken = self._taken, []
        raw = b"\n".join(line for line, _ in lines)
        return raw, sum(size for _, size in lines), len(lines), _fault(raw, lines)


def _fault(raw: bytes, lines: list[Line]) -> str:
    if any(too_long(line) for line, _ in lines):
        return LINE_TOO_LONG
    try:
        raw.decode()
    except UnicodeDecodeError:
        return NOT_UTF8
    return ""

"""How rows are written: CSV, CSV for spreadsheets, NDJSON, Parquet."""

from __future__ import annotations

import csv
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from itertools import chain
from typing import Any

import orjson

from contacts.exports.parquet import parquet
from contacts.exports.tables import Kind

Rows = Sequence[tuple[Any, ...]]
Columns = Mapping[str, Kind]

# A spreadsheet takes a cell that begins with one of these for a formula (OWASP, "CSV Injection"), the full-width
# forms among them, and reads a telephone number in E.164 as a sum.
_FORMULA_SIGNS = tuple("=+-@\t\r\n＝＋－＠")
_SHOWN_AS_TEXT = "'"
# Tells Excel that the file is UTF-8.
_BYTE_ORDER_MARK = "\ufeff"
_BROKEN_OFF = "the export broke off here and is not complete"
_GZIP = 16 + zlib.MAX_WBITS
_GZIP_LEVEL = 4  # a quarter larger than the best, in a third of its time


@dataclass(frozen=True, slots=True)
class Format:
    """`write` turns the columns and batches of at most `rows_at_once` rows into the file's bytes, piece by piece.

    `broken_off` is what to write where no more rows can be had, so that nobody takes the file for a whole one.
    """

    extension: str
    content_type: str
    write: Callable[[Columns, Iterable[Rows]], Iterator[bytes]]
    broken_off: Callable[[Columns], bytes]
    rows_at_once: int = 2_000
    is_text: bool = True


def _csv(columns: Columns, batches: Iterable[Rows]) -> Iterator[bytes]:
    """RFC 4180, every value exactly as it is held: what a program reads is what the registry knows."""
    return _lines(columns, batches, csv.QUOTE_MINIMAL, _plain)


def _spreadsheet(columns: Columns, batches: Iterable[Rows]) -> Iterator[bytes]:
    """For Excel and its like: no cell is a formula, at the price of an apostrophe before those that look like one."""
    lines = _lines(columns, batches, csv.QUOTE_ALL, harmless)
    return chain([_BYTE_ORDER_MARK.encode()], lines)


def _lines(
    columns: Columns, batches: Iterable[Rows], quoting: Any, cell: Callable[[object], object]
) -> Iterator[bytes]:
    for rows in chain([[tuple(columns)]], batches):
        out = StringIO(newline="")
        csv.writer(out, quoting=quoting, lineterminator="\r\n").writerows([map(cell, row) for row in rows])
        yield out.getvalue().encode()


def _plain(value: object) -> object:
    """A moment as the API writes it; the connection's time zone is UTC."""
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value


def harmless(value: object) -> object:
    """A cell that no spreadsheet takes for a formula."""
    text = _plain(value)
    return _SHOWN_AS_TEXT + text if isinstance(text, str) and text.startswith(_FORMULA_SIGNS) else text


def _row_too_long(columns: Columns) -> bytes:
    """More fields than the header has: pandas and PostgreSQL refuse it, and people can read it."""
    return ",".join([_BROKEN_OFF] * (len(columns) + 1)).encode() + b"\r\n"


def _ndjson(columns: Columns, batches: Iterable[Rows]) -> Iterator[bytes]:
    """A JSON object on each line; what is not known is null."""
    documents = {place for place, kind in enumerate(columns.values()) if kind is Kind.JSON}
    for rows in batches:
        yield b"".join(_object(columns, row, documents) for row in rows)


def _object(columns: Columns, row: tuple[Any, ...], documents: set[int]) -> bytes:
    values = [orjson.Fragment(value) if place in documents else value for place, value in enumerate(row)]
    said = dict(zip(columns, values, strict=True))
    return orjson.dumps(said, option=orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE)


def _no_json(columns: Columns) -> bytes:
    return _BROKEN_OFF.encode() + b"\n"


def _no_footer(columns: Columns) -> bytes:
    """Parquet is read from its end."""
    return b""


def gzipped(pieces: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP)
    for piece in pieces:
        if packed := packer.compress(piece):
            yield packed
    yield packer.flush()


_CSV_TYPE = "text/csv; charset=utf-8; header=present"

FORMATS = {
    "csv": Format("csv", _CSV_TYPE, _csv, _row_too_long),
    "spreadsheet": Format("csv", _CSV_TYPE, _spreadsheet, _row_too_long),
    "ndjson": Format("ndjson", "application/x-ndjson", _ndjson, _no_json),
    "parquet": Format(
        "parquet", "application/vnd.apache.parquet", parquet, _no_footer, rows_at_once=20_000, is_text=False
    ),
}

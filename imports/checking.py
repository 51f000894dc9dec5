"""What a file is, once it is here whole: its format, its columns, and where its first record begins."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import PurePath

from imports.blocks import stored
from imports.columns import mapped
from imports.errors import UnreadableFile
from imports.lines import BOM, lines
from imports.models import Import
from imports.options import Options
from imports.rows import csv_rows, ndjson_rows

# What a file is by the end of its name, that of gzip left out.
_BY_NAME = {
    ".csv": Import.Format.CSV,
    ".tsv": Import.Format.CSV,
    ".ndjson": Import.Format.NDJSON,
    ".jsonl": Import.Format.NDJSON,
    ".json": Import.Format.NDJSON,
}
_DELIMITERS = (",", ";", "\t", "|")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def check(imported: Import, options: Options) -> Import:
    """Note how the file is to be read, and let it wait to be started. Raises UnreadableFile."""
    start = next(stored(imported), b"")
    if start.startswith(_UTF16):
        raise UnreadableFile(["the file must be UTF-8"])
    start = start.removeprefix(BOM)
    imported.format = options.format or _format(imported.name, start)
    imported.source, imported.only_source, imported.dry_run = options.source, options.only_source, options.dry_run
    if imported.format == Import.Format.CSV:
        _read_header(imported, start, options)
    elif options.mapping:
        raise UnreadableFile(["a mapping is for CSV: records of NDJSON name their fields themselves"])
    elif start.lstrip().startswith(b"["):
        raise UnreadableFile(["the file must hold one JSON object on each line, not an array"])
    elif next(ndjson_rows(lines(stored(imported))), None) is None:
        raise UnreadableFile(["the file holds no records"])
    imported.state = Import.State.READY
    imported.save()
    return imported


def _format(name: str, start: bytes) -> Import.Format:
    suffixes = [suffix for suffix in PurePath(name.lower()).suffixes if suffix != ".gz"]
    by_name = _BY_NAME.get(suffixes[-1]) if suffixes else None
    return by_name or (Import.Format.NDJSON if start.lstrip().startswith((b"{", b"[")) else Import.Format.CSV)


def _read_header(imported: Import, start: bytes, options: Options) -> None:
    imported.delimiter = _delimiter(start)
    header = next(csv_rows(lines(stored(imported)), imported.delimiter), None)
    if header is None:
        raise UnreadableFile(["the file holds no records"])
    if header.fault or header.cells is None:
        raise UnreadableFile([f"the header cannot be read: {header.fault}"])
    names = [name.removeprefix("\ufeff").strip() for name in header.cells]
    columns, errors = mapped(names, options.mapping)
    if not options.columns_follow and not any(field for _, field in columns):
        errors.append("no column is a field of a record")
    if errors:
        raise UnreadableFile(errors)
    imported.columns = columns
    imported.position, imported.lines = header.size, header.last


def _delimiter(start: bytes) -> str:
    """The one that divides the first line into the most columns."""
    first = start.splitlines()[0].decode("utf-8", "replace") if start else ""
    return max(_DELIMITERS, key=lambda delimiter: len(_cells(first, delimiter)))


def _cells(line: str, delimiter: str) -> Sequence[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def beginning(imported: Import) -> tuple[int, int]:
    """The byte where the first record begins, and how many lines come before it."""
    if imported.format != Import.Format.CSV:
        return 0, 0
    header = next(csv_rows(lines(stored(imported)), imported.delimiter))
    return header.size, header.last

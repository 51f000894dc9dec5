"""Statements from Parquet files, of another matching's directory or of another program. Pure: no Django."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from matching.whole_registry.statements import STATEMENTS, Statement, read_back

# Rows of a range, or one row group if that is larger.
ROWS = 50_000


@dataclass(frozen=True, slots=True)
class ParquetMaterial:
    """The files of the folder `statements` in a directory, with the columns of statements.SAID."""

    directory: Path

    @property
    def name(self) -> str:
        return str(self.directory.resolve())

    def cuts(self) -> list[str]:
        """file:first:last, the row groups from the first to before the last."""
        return [cut for file in sorted((self.directory / STATEMENTS).glob("*.parquet")) for cut in _cuts(file)]

    @contextmanager
    def opened(self, cuts: Sequence[str]) -> Iterator[Sequence[Iterable[Statement]]]:
        yield [_RowGroups(self.directory / STATEMENTS, *cut.rsplit(":", 2)) for cut in cuts]


def _cuts(file: Path) -> Iterator[str]:
    told = pq.ParquetFile(file).metadata
    first = rows = 0
    for group in range(told.num_row_groups):
        rows += told.row_group(group).num_rows
        if rows >= ROWS or group + 1 == told.num_row_groups:
            yield f"{file.name}:{first}:{group + 1}"
            first, rows = group + 1, 0


@dataclass(frozen=True, slots=True)
class _RowGroups:
    folder: Path
    file: str
    first: str
    last: str

    def __iter__(self) -> Iterator[Statement]:
        groups = range(int(self.first), int(self.last))
        for batch in pq.ParquetFile(self.folder / self.file).iter_batches(row_groups=groups):
            yield from read_back(batch)

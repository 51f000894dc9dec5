"""Working out keys and compared values of all statements, in parallel processes and bounded memory. Pure: no Django."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from functools import partial
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from matching.model_definition import ModelDefinition
from matching.whole_registry.statements import TABLES, Statement, schema_of, tables

BATCH = 5_000
# Batches under way or waiting for each process: enough that none is idle, few enough to stay in memory.
_AHEAD = 3

Tables = dict[str, pa.Table]


def prepare(
    statements: Iterable[Statement],
    *,
    into: Path,
    model: ModelDefinition,
    scope: int,
    report: Callable[[int], None],
    processes: int | None = None,
) -> int:
    """Write the three tables into directories of `into`. Returns how many statements there were.

    `report` is called with the statements of each batch. `processes`: as many as there are cores if not said.
    """
    done = 0
    work = partial(tables, model=model, scope=scope)
    with ExitStack() as open_files:
        writers = {table: open_files.enter_context(_writer(into, table, model)) for table in TABLES}
        for made in _worked(work, _batches(statements), processes or os.cpu_count() or 1):
            for table, rows in made.items():
                writers[table].write_table(rows)
            more = made[TABLES[0]].num_rows
            done += more
            report(more)
    return done


def _writer(into: Path, table: str, model: ModelDefinition) -> pq.ParquetWriter:
    directory = into / table
    directory.mkdir(parents=True)
    return pq.ParquetWriter(directory / "part-0.parquet", schema_of(table, model))


def _batches(statements: Iterable[Statement]) -> Iterator[list[Statement]]:
    rows = iter(statements)
    while batch := list(islice(rows, BATCH)):
        yield batch


def _worked(
    work: Callable[[Sequence[Statement]], Tables], batches: Iterator[list[Statement]], processes: int
) -> Iterator[Tables]:
    """The batches' tables in the batches' order; a small registry is not worth a process."""
    first = list(islice(batches, 2))
    if len(first) < 2 or processes == 1:
        yield from map(work, first)
        yield from map(work, batches)
        return
    # Fresh processes: a forked one would share the database's connection.
    with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn")) as pool:
        waiting: list[Future[Tables]] = [pool.submit(work, batch) for batch in first]
        for batch in batches:
            if len(waiting) >= _AHEAD * processes:
                yield waiting.pop(0).result()
            waiting.append(pool.submit(work, batch))
        yield from (each.result() for each in waiting)

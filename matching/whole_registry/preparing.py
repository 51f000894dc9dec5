"""Working out keys and compared values of all statements, range by range, in parallel processes. Pure: no Django.

Each range becomes a file of each table, under its name only once it is whole. A run that was broken off goes on with
the ranges that are not there.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import pyarrow.parquet as pq

from matching.child_processes import end_with_parent
from matching.model_definition import ModelDefinition
from matching.whole_registry.statements import STATEMENTS, TABLES, Statement, schema_of, tables

# Statements held by a process at once, and rows of `statements` in a row group.
BATCH = 20_000
_CUTS = "ranges.json"
_UNFINISHED = "unfinished"


class NotPrepared(Exception):
    """A directory that holds something else than what is asked for; the message says what to do."""


class Material(Protocol):
    """Where statements come from, in ranges that can be read by themselves and in any process."""

    @property
    def name(self) -> str: ...

    def cuts(self) -> list[str]:
        """Where the ranges end. The same cuts make the same ranges in a later run."""

    def opened(self, cuts: Sequence[str]) -> AbstractContextManager[Sequence[Iterable[Statement]]]:
        """The statements of each range: to be gone through within the context, here or, pickled, in a process."""


def prepare(
    material: Material,
    *,
    into: Path,
    model: ModelDefinition,
    scope: int,
    report: Callable[[int, int], None],
    processes: int | None = None,
) -> None:
    """Write the three tables into directories of `into`, those of their ranges that are not there.

    `report` is called with the ranges done and their number. `processes`: as many as there are cores if not said.
    Raises NotPrepared where `into` has ranges of something else.
    """
    cuts = _cuts(material, into, {"material": material.name, "model": model.to_dict(), "scope": scope})
    for table in TABLES:
        (into / table).mkdir(parents=True, exist_ok=True)
    missing = [number for number in range(len(cuts)) if not _file(into, STATEMENTS, number).exists()]
    with material.opened(cuts) as ranges:
        work = partial(_write, into=into, model=model, scope=scope)
        worked = _worked(work, [(number, ranges[number]) for number in missing], processes or os.cpu_count() or 1)
        for done, _ in enumerate(worked, start=len(cuts) - len(missing) + 1):
            report(done, len(cuts))
    shutil.rmtree(into / _UNFINISHED, ignore_errors=True)


def _cuts(material: Material, into: Path, task: dict[str, Any]) -> list[str]:
    """Those that the directory was begun with, if it was."""
    begun = into / _CUTS
    if begun.exists():
        told = json.loads(begun.read_text())
        if told["task"] != task:
            raise NotPrepared(f"{into} was begun with other statements, or for another model or tenant")
        return list(told["cuts"])
    if into.exists() and any(into.iterdir()):
        raise NotPrepared(f"{into} is not empty")
    into.mkdir(parents=True, exist_ok=True)
    cuts = material.cuts()
    unfinished = into / f"{_CUTS}.{_UNFINISHED}"
    unfinished.write_text(json.dumps({"task": task, "cuts": cuts}))
    unfinished.rename(begun)
    return cuts


def _file(into: Path, table: str, number: int) -> Path:
    return into / table / f"range-{number:05}.parquet"


def _write(numbered: tuple[int, Iterable[Statement]], *, into: Path, model: ModelDefinition, scope: int) -> None:
    """The files of one range. The one of `statements` gets its name last: with it the range is there."""
    number, statements = numbered
    (into / _UNFINISHED).mkdir(exist_ok=True)
    files = {table: into / _UNFINISHED / f"{table}-{number:05}-{os.getpid()}.parquet" for table in TABLES}
    with ExitStack() as held:
        writers = {
            table: held.enter_context(pq.ParquetWriter(file, schema_of(table, model))) for table, file in files.items()
        }
        for batch in _batches(statements):
            for table, rows in tables(batch, model=model, scope=scope).items():
                writers[table].write_table(rows)
    for table in sorted(TABLES, key=STATEMENTS.__eq__):
        files[table].rename(_file(into, table, number))


def _batches(statements: Iterable[Statement]) -> Iterator[list[Statement]]:
    rows = iter(statements)
    while batch := list(islice(rows, BATCH)):
        yield batch


Numbered = tuple[int, Iterable[Statement]]


def _worked(work: Callable[[Numbered], None], ranges: Sequence[Numbered], processes: int) -> Iterator[None]:
    """As each is done; a small registry is not worth a process."""
    if len(ranges) < 2 or processes == 1:
        yield from map(work, ranges)
        return
    # Fresh processes: a forked one would share the database's connection.
    pool = ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn"), initializer=end_with_parent)
    try:
        for done in as_completed([pool.submit(work, each) for each in ranges]):
            yield done.result()
    finally:
        pool.shutdown(cancel_futures=True)

"""A file read in chunks, normalised ahead of whoever resolves them, in the order of the file."""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings

from contacts.attributes import types_of
from imports.blocks import stored
from imports.columns import Column
from imports.lines import lines
from imports.models import Import
from imports.normalising import Packed, Refused, Rules, begin_process, read_in_process, read_rows
from imports.rows import Row, csv_rows, ndjson_rows
from matching.active import active_model
from matching.plan import Plan
from sources.models import DEFAULT_REQUIRED_FIELDS, SourceSystem

# Of a chunk, which ends with settings.IMPORT_CHUNK_RECORDS if it reaches them first.
CHUNK_BYTES = 4 * 1024 * 1024
# Chunks that are read before they are asked for, by each process.
AHEAD = 2

Outcome = tuple[list[Packed], list[Refused]]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Consecutive `rows`, read: `records` in the order of the file, and what was `refused`.

    `start` and `end`: the bytes of the file they take. `plan`: by which the keys of the records were made.
    """

    start: int
    end: int
    rows: list[Row]
    records: list[Packed]
    refused: list[Refused]
    plan: Plan


def rules_of(imported: Import) -> Rules:
    """As they are now: a source that is registered later is known to whoever begins to read then."""
    systems = SourceSystem.objects.of(imported.tenant).live().filter(built_in=False)
    columns: list[Column] | None = imported.columns and [(name, field) for name, field in imported.columns]
    return Rules(
        region=imported.tenant.region,
        required={system.name: tuple(system.required_fields) for system in systems},
        usually_required=DEFAULT_REQUIRED_FIELDS,
        attribute_types=types_of(imported.tenant),
        plan=active_model(imported.tenant).plan,
        scope=imported.tenant.pk,
        source=imported.source.name if imported.source else "",
        only_source=imported.only_source.name if imported.only_source else "",
        columns=columns,
    )


def rows_of(imported: Import) -> Iterator[Row]:
    """The rows that have not been dealt with."""
    remaining = lines(stored(imported, imported.position))
    if imported.format == Import.Format.CSV:
        return csv_rows(remaining, imported.delimiter, before=imported.lines)
    return ndjson_rows(remaining, before=imported.lines)


@contextmanager
def chunks(imported: Import) -> Iterator[Iterator[Chunk]]:
    """The chunks from where the import stands to its end. Processes that read ahead end with the block."""
    rules, groups = rules_of(imported), grouped(rows_of(imported))
    first = next(groups, None)
    if first is None:
        yield iter(())
    elif (
        len(first) < settings.IMPORT_CHUNK_RECORDS
    ):  # no second chunk, or few: starting processes would take longer than reading
        yield _placed(((group, read_rows(group, rules)) for group in _chained(first, groups)), imported, rules.plan)
    else:
        with _processes(rules) as begin:
            yield _placed(_ahead(_chained(first, groups), begin), imported, rules.plan)


def _chained(first: list[Row], others: Iterator[list[Row]]) -> Iterator[list[Row]]:
    yield first
    yield from others


def grouped(rows: Iterable[Row]) -> Iterator[list[Row]]:
    most = int(settings.IMPORT_CHUNK_RECORDS)
    group: list[Row] = []
    size = 0
    for row in rows:
        group.append(row)
        size += row.size
        if len(group) >= most or size >= CHUNK_BYTES:
            yield group
            group, size = [], 0
    if group:
        yield group


def processes() -> int:
    return int(settings.IMPORT_PROCESSES) or os.cpu_count() or 1


@contextmanager
def _processes(rules: Rules) -> Iterator[Callable[[list[Row]], Future[Outcome]]]:
    """Started afresh, not forked: a fork would share this process's connections and locks."""
    pool = ProcessPoolExecutor(
        processes(), mp_context=multiprocessing.get_context("spawn"), initializer=begin_process, initargs=(rules,)
    )
    try:
        yield lambda group: pool.submit(read_in_process, group)
    finally:
        pool.shutdown(cancel_futures=True)


def _ahead(
    groups: Iterator[list[Row]], begin: Callable[[list[Row]], Future[Outcome]]
) -> Iterator[tuple[list[Row], Outcome]]:
    begun: deque[tuple[list[Row], Future[Outcome]]] = deque()
    for group in groups:
        begun.append((group, begin(group)))
        if len(begun) > AHEAD * processes():
            earliest, outcome = begun.popleft()
            yield earliest, outcome.result()
    while begun:
        earliest, outcome = begun.popleft()
        yield earliest, outcome.result()


def _placed(read: Iterable[tuple[list[Row], Outcome]], imported: Import, plan: Plan) -> Iterator[Chunk]:
    start = imported.position
    for group, (records, refused) in read:
        end = start + sum(row.size for row in group)
        yield Chunk(start, end, group, records, refused, plan)
        start = end

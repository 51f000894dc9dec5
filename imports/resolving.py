"""A chunk of records becomes customers, and the import gets on by as much, in one transaction.

Nothing is locked for it beforehand: the transaction ends with getting on from where the chunk begins. Where the import
was paused, cancelled or carried on by another process meanwhile, that fails and takes the chunk back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import F, QuerySet
from django.utils import timezone

from contacts.transactions import verb
from imports.models import Block, Import, OpenedPair
from imports.normalising import Refused, legible, unpack
from imports.reading import Chunk
from matching.bulk.identify_many import Came, bring_in
from matching.bulk.incoming import Incoming
from matching.identify import Identified, SourceKeyCollision
from sources.models import SourceSystem

OUTCOMES = ("created", "linked", "updated", "found")

_COPY = "COPY imports_rejectedrow (import_id, line, raw, errors) FROM STDIN"


class Overtaken(Exception):
    """The import no longer stands where the chunk begins, or is not running any more."""


class _TakenBack(Exception):
    """Ends a dry run's transaction; carries what would have become of the chunk."""

    def __init__(self, tally: Tally) -> None:
        super().__init__()
        self.tally = tally


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of a chunk's records: how many of each outcome, the ids of pairs opened, and the collisions."""

    outcomes: Counter[str]
    opened: list[int]
    collisions: list[Refused]


def resolve(chunk: Chunk, imported: Import, *, sources: Mapping[str, SourceSystem], seconds: float) -> None:
    """Resolve the records and get on. `seconds`: what it took since the import got on last. Raises Overtaken."""
    if imported.dry_run:
        _get_on(chunk, _foreseen(chunk, imported, sources), imported, seconds)
    else:
        _resolve(chunk, imported, sources, seconds)


@verb
def _resolve(chunk: Chunk, imported: Import, sources: Mapping[str, SourceSystem], seconds: float) -> None:
    _get_on(chunk, _identified(chunk, imported, sources), imported, seconds)


def _foreseen(chunk: Chunk, imported: Import, sources: Mapping[str, SourceSystem]) -> Tally:
    """What would become of the chunk if it were the next to come in: done, counted and taken back."""
    try:
        _done_and_taken_back(chunk, imported, sources)
    except _TakenBack as taken_back:
        return taken_back.tally
    raise AssertionError("unreachable")


@verb
def _done_and_taken_back(chunk: Chunk, imported: Import, sources: Mapping[str, SourceSystem]) -> None:
    raise _TakenBack(_identified(chunk, imported, sources))


def _identified(chunk: Chunk, imported: Import, sources: Mapping[str, SourceSystem]) -> Tally:
    if not chunk.records:
        return Tally(Counter(), [], [])
    lines, records = [], []
    for line, record, keys in map(unpack, chunk.records):
        lines.append(line)
        records.append(Incoming(record, keys, sources[record.source_system]))
    answers = bring_in(records, keyed_by=chunk.plan, tenant=imported.tenant, by=imported.by)
    told = zip(lines, answers, strict=True)
    collisions = {line: answer for line, answer in told if isinstance(answer, SourceKeyCollision)}
    done = [answer for answer in answers if not isinstance(answer, SourceKeyCollision)]
    return Tally(
        Counter(map(_outcome, done)),
        [pair.pk for told in done for pair in told.candidates],
        [
            Refused(row.line, legible(row.raw), [f"{collisions[row.line]}: {collisions[row.line].message}"])
            for row in (chunk.rows if collisions else ())
            if row.line in collisions
        ],
    )


def _outcome(done: Identified | Came) -> str:
    """As told, but for a source that repeats itself: it updates nothing."""
    if isinstance(done, Came):
        return "created"
    repeated = done.outcome == "updated" and done.written and done.written.version == done.members[0].version
    return "found" if repeated else done.outcome


def _get_on(chunk: Chunk, tally: Tally, imported: Import, seconds: float) -> None:
    """Part of a verb: count, keep what was rejected, and be where the chunk ends. Raises Overtaken."""
    rejected = sorted([*chunk.refused, *tally.collisions])
    moved = _here(imported, chunk.start).update(
        position=chunk.end,
        lines=chunk.rows[-1].last,
        records=F("records") + len(chunk.rows),
        rejected=F("rejected") + len(rejected),
        collisions=F("collisions") + len(tally.collisions),
        candidates=F("candidates") + len(tally.opened),
        seconds=F("seconds") + seconds,
        touched_at=timezone.now(),
        **{outcome: F(outcome) + tally.outcomes[outcome] for outcome in OUTCOMES},
    )
    if not moved:
        raise Overtaken
    _keep(rejected, imported)
    if tally.opened and not imported.dry_run:
        _note(tally.opened, imported)


def _here(imported: Import, position: int) -> QuerySet[Import]:
    return Import.objects.filter(pk=imported.pk, state=Import.State.RUNNING, position=position)


def _keep(rejected: Sequence[Refused], imported: Import) -> None:
    if rejected:
        with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(_COPY) as copy:
            for row in rejected:
                copy.write_row((imported.pk, row.line, row.raw, row.errors))


def _note(opened: Sequence[int], imported: Import) -> None:
    """A source that repeats itself opens a pair that waits already once more."""
    noted = [OpenedPair(imported=imported, pair_id=pair) for pair in opened]
    OpenedPair.objects.bulk_create(noted, ignore_conflicts=True)


def finish(imported: Import) -> None:
    """The whole file is dealt with. Raises Overtaken."""
    if not _finish(imported):
        raise Overtaken


@verb
def _finish(imported: Import) -> bool:
    ended = {"state": Import.State.DONE, "finished_at": timezone.now(), "position": F("size")}
    if not Import.objects.filter(pk=imported.pk, state=Import.State.RUNNING).update(**ended):
        return False
    if not imported.dry_run:  # a dry run may be followed by the real one
        Block.objects.filter(imported=imported).delete()
    return True

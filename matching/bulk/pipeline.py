"""A chunk of records in parts: what the next one asks for is read, and the last one written, while one is decided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from itertools import pairwise, zip_longest

from contacts.transactions import begun_again
from matching.bulk.errands import Errands
from matching.bulk.filing import Asking
from matching.bulk.in_memory import Confirm, InMemory
from matching.bulk.incoming import Incoming
from matching.bulk.overlay import Learnt, Overlay
from sources.round_trips import run

# Records of a part, which costs a dozen statements. While the first one is read and the last one written, there is
# nothing to decide: these two are so many times as small.
PART = 500
SMALL = 4

Part = Sequence[Incoming]


def in_parts(records: Sequence[Incoming]) -> Sequence[Part]:
    """All in one where everybody is locked before anything is decided."""
    number, small = len(records), -(-PART // SMALL)
    if number <= PART or begun_again():
        return [records]
    ends = [small, *range(small + PART, number - small, PART), number - small, number]
    return [records[start:end] for start, end in pairwise([0, *ends]) if end > start]


Read = tuple[Learnt, Asking | None]


class Pipeline:
    """Between whoever decides, in memory, and the database, which sees the same as if each waited for the other.

    A part is read before the one before it is decided, and knows of that from the overlay. Where that does not do, it
    is read again when the other one is written, and those that follow are not read ahead.
    """

    def __init__(self, overlay: Overlay, ground: InMemory, errands: Errands) -> None:
        self._overlay = overlay
        self._ground = ground
        self._errands = errands
        self._written: list[Future[Confirm]] = []

    def through(self, parts: Sequence[Part]) -> Iterator[Part]:
        """Each part when all is known that it asks for; by the end all is written. Raises Restart."""
        first, *others = parts
        coming = self._read(first)
        for part, following in zip_longest(parts, others):
            self._learn(*coming.result())
            ahead = self._read(following) if following and not self._overlay.outdated else None
            yield part
            self._write()
            if following:
                coming = ahead if ahead and not self._overlay.outdated else self._read(following)
        self._settle()

    def write(self) -> None:
        """Write all that was done so far, and wait for it. Raises Restart."""
        self._write()
        self._settle()

    def _write(self) -> None:
        self._written.append(self._errands.send(self._ground.writing()))

    def _settle(self) -> None:
        self._errands.settle()
        for written in self._written:
            written.result()()
        self._written.clear()

    def _read(self, part: Part) -> Future[Read]:
        """With what was said of the customers' contacts: whoever asked for it later would wait for all errands."""
        read, cabinet, behind = self._overlay.reading(part), self._ground.cabinet, self._errands.behind

        def reading() -> Read:
            learnt = read()
            if not behind:
                return learnt, None
            said = cabinet.asking(learnt.contacts)
            run(*said.statements)
            return learnt, said

        return self._errands.send(reading)

    def _learn(self, learnt: Learnt, said: Asking | None) -> None:
        self._overlay.learn(learnt)
        if said:
            self._ground.cabinet.learn(said)

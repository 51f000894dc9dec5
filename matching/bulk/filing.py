"""Candidates of a chunk: filed in memory, next to those that were proposed before and what people said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from uuid import UUID

from django.db import connection

from contacts.history import Chronicle
from contacts.transactions import Restart
from matching.bulk.overlay import Overlay
from matching.bulk.reading import array
from matching.models import CandidatePair
from matching.outcomes import Likeness
from sources.models import Tenant
from sources.round_trips import Statement, run

_NUMBERS = "SELECT nextval('matching_candidatepair_id_seq') FROM generate_series(1, %s)"
_AT_ONCE = 100
FEW_TRIPS = 100
# By hand: the ORM takes a parameter for each of thousands of ids.
_PROPOSED = """
SELECT contact_id, customer_id, against_id FROM matching_candidatepair
WHERE contact_id = ANY(%(contacts)s::bigint[])
"""
_KEPT_APART = """
SELECT "left", "right" FROM matching_constraint
WHERE tenant_id = %(tenant)s AND kind = 'not_same' AND lifted_at IS NULL
    AND ("left" && %(contacts)s::bigint[] OR "right" && %(contacts)s::bigint[])
"""

Proposed = tuple[UUID, int | None]
Verdict = tuple[frozenset[int], frozenset[int]]


@dataclass(frozen=True, slots=True)
class Filed:
    """New pairs, and what to read beside when they are written: what is said of those of whom they rely on nothing."""

    pairs: Sequence[CandidatePair]
    asking: Asking | None
    _said: _Said

    @property
    def relied_on(self) -> Sequence[Statement]:
        return self.asking.statements if self.asking else ()

    def confirm(self) -> None:
        """Raises Restart where more has been said meanwhile than was known when something was filed."""
        if self.asking:
            now = _Said()
            now.learn(self.asking)
            if not self._said.covers(now):
                raise Restart


@dataclass(frozen=True, slots=True)
class Asking:
    """What was proposed, or said by people, of some contacts: to be read."""

    contacts: Collection[int]
    proposed: Statement
    apart: Statement

    @property
    def statements(self) -> Sequence[Statement]:
        return self.proposed, self.apart


class ChunkCabinet:
    """Files the candidates of a chunk, to be written with it. `ids` were drawn with the locks: the first ones' ids."""

    def __init__(self, overlay: Overlay, *, tenant: Tenant, ids: Sequence[int]) -> None:
        self._overlay = overlay
        self._tenant = tenant
        self._new: list[CandidatePair] = []
        self._numbers: Iterator[int] = chain(ids, _numbers())
        self._said = _Said()
        # The contacts of which it was read what is said, and how often some were.
        self._read: set[int] = set()
        self._trips = 0
        # Contacts of whom something was filed because nothing had been said before.
        self._relied_on: set[int] = set()

    def keep(self, pairs: Sequence[CandidatePair]) -> None:
        for pair in pairs:
            pair.pk = next(self._numbers)
            self._said.add(pair)
        self._new += pairs

    def settled(self, miss: Likeness, siblings: Sequence[int], *, chronicle: Chronicle) -> bool:
        concerned = {*siblings, *miss.neighbour.contact_ids} & self._overlay.with_candidates
        if not concerned <= self._read:
            self._read_of(concerned)
        owners = {self._overlay.customer_of[pk] for pk in siblings if pk in self._overlay.customer_of}
        settled = self._said.settled(miss, siblings, owners)
        if not settled:
            self._relied_on |= concerned
        return settled

    def _read_of(self, contacts: set[int]) -> None:
        """Of a chunk's thousands of contacts it is seldom asked: of those few; but if often, of all at once."""
        self._trips += 1
        unread = self._overlay.with_candidates.difference(self._read)
        if self._trips <= FEW_TRIPS:
            unread &= contacts
        asking = self.asking(unread)
        run(*asking.statements)
        self.learn(asking)

    def asking(self, contacts: Collection[int]) -> Asking:
        parameters = {"contacts": array(contacts), "tenant": self._tenant.pk}
        return Asking(contacts, Statement(_PROPOSED, parameters), Statement(_KEPT_APART, parameters))

    def learn(self, asked: Asking) -> None:
        """What was read of these contacts. Of those it was read before it stays what is relied on."""
        self._said.learn(asked, but_of=self._read)
        self._read.update(asked.contacts)

    def handed_over(self) -> Filed:
        """What was filed since the last time, to be written."""
        filed = Filed(self._new, self.asking(self._relied_on) if self._relied_on else None, self._said)
        contacts = {pair.contact_id for pair in self._new}
        self._overlay.with_candidates |= contacts
        self._read |= contacts
        self._new, self._relied_on = [], set()
        return filed

    def forget(self) -> None:
        """Somebody else has filed something: read it when it is next asked for.

        Ids drawn and not used are given up, as those have got higher ones.
        """
        self._said, self._read, self._numbers = _Said(), set(), _numbers()


def _numbers() -> Iterator[int]:
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_NUMBERS, [_AT_ONCE])
            drawn = [row[0] for row in cursor.fetchall()]
        yield from drawn


class _Said:
    """What was proposed, or said by people, of some contacts."""

    def __init__(self) -> None:
        self._proposed: dict[int, list[Proposed]] = defaultdict(list)
        self._verdicts: dict[int, list[Verdict]] = defaultdict(list)

    def learn(self, asked: Asking, *, but_of: Container[int] = ()) -> None:
        about = {contact for contact in asked.contacts if contact not in but_of}
        for contact, customer, against in asked.proposed.rows:
            if contact in about:
                self._proposed[contact].append((customer, against))
        for left, right in asked.apart.rows:
            verdict = frozenset(left), frozenset(right)
            for contact in about.intersection((*left, *right)):
                self._verdicts[contact].append(verdict)

    def add(self, pair: CandidatePair) -> None:
        self._proposed[pair.contact_id].append((pair.customer_id, pair.against_id))

    def covers(self, other: _Said) -> bool:
        """Whether all of the other was known here."""
        proposed = (set(told) <= set(self._proposed.get(contact, ())) for contact, told in other._proposed.items())
        verdicts = (set(told) <= set(self._verdicts.get(contact, ())) for contact, told in other._verdicts.items())
        return all(proposed) and all(verdicts)

    def settled(self, miss: Likeness, siblings: Collection[int], owners: Collection[UUID]) -> bool:
        theirs = miss.neighbour.contact_ids
        return (
            self._were_proposed(siblings, {miss.neighbour.customer_id}, theirs)
            or self._were_proposed(theirs, owners, siblings)
            or self._are_kept_apart(siblings, theirs)
        )

    def _were_proposed(self, ours: Iterable[int], customers: Collection[UUID], contacts: Collection[int]) -> bool:
        """Whether one of our contacts was proposed for one of the customers, or against one of the contacts."""
        return any(
            customer in customers or against in contacts
            for contact in ours
            for customer, against in self._proposed.get(contact, ())
        )

    def _are_kept_apart(self, ours: Collection[int], theirs: Collection[int]) -> bool:
        return any(
            (not left.isdisjoint(ours) and not right.isdisjoint(theirs))
            or (not left.isdisjoint(theirs) and not right.isdisjoint(ours))
            for contact in ours
            for left, right in self._verdicts.get(contact, ())
        )

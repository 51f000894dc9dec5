"""Candidates of a chunk: filed in memory, next to those that were proposed before and what people said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from uuid import UUID

from django.db import connection

from contacts.copying import copy_rows
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


class ChunkCabinet:
    """Files the candidates of a chunk, to be written with it."""

    def __init__(self, overlay: Overlay, *, tenant: Tenant) -> None:
        self._overlay = overlay
        self._tenant = tenant
        self._new: list[CandidatePair] = []
        self._numbers = _numbers()
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

    def unsettled(self, misses: Sequence[Likeness], siblings: Sequence[int], *, chronicle: Chronicle) -> list[Likeness]:
        return [miss for miss in misses if not self._settled(miss, siblings)]

    def _settled(self, miss: Likeness, siblings: Sequence[int]) -> bool:
        concerned = self._overlay.with_candidates([*siblings, *miss.neighbour.contact_ids])
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
        if self._trips > FEW_TRIPS:
            contacts = contacts | self._overlay.with_candidates(self._overlay.contacts())
        unread = contacts - self._read
        asked = _asking(unread, self._tenant)
        run(*asked)
        self._said.learn(*asked)
        self._read |= unread

    def relied_on(self) -> Sequence[Statement]:
        """What was said of those of whom something was filed: to be read again when they are locked, and confirmed."""
        return _asking(self._relied_on, self._tenant) if self._relied_on else ()

    def confirm(self, relied_on: Sequence[Statement]) -> None:
        """Raises Restart where more has been said meanwhile than was known when something was filed."""
        self._relied_on = set()
        if relied_on:
            now = _Said()
            now.learn(*relied_on)
            if not self._said.covers(now):
                raise Restart

    def write(self) -> None:
        copy_rows(CandidatePair, self._new)
        self._overlay.filed(pair.contact_id for pair in self._new)
        # Ids drawn and not used are given up: whoever files directly in between must not get higher ones.
        self._new, self._numbers = [], _numbers()

    def forget(self) -> None:
        """What was read is not so any more: read it when it is next asked for."""
        self._said, self._read = _Said(), set()


def _asking(contacts: Collection[int], tenant: Tenant) -> tuple[Statement, Statement]:
    parameters = {"contacts": array(contacts), "tenant": tenant.pk}
    return Statement(_PROPOSED, parameters), Statement(_KEPT_APART, parameters)


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

    def learn(self, proposed: Statement, apart: Statement) -> None:
        for contact, customer, against in proposed.rows:
            self._proposed[contact].append((customer, against))
        for left, right in apart.rows:
            verdict = frozenset(left), frozenset(right)
            for contact in (*left, *right):
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

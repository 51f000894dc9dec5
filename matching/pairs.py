"""Filing candidates for review, and keeping them true while customers merge and split."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from contacts.history import Chronicle
from contacts.models import Contact, Customer, Event
from contacts.newcomers import Newcomer
from contacts.quick_rows import fresh
from contacts.rows import drawn, inserting, reserving
from contacts.transactions import Restart
from matching import constraints
from matching.models import CandidatePair, Constraint
from matching.outcomes import FELLEGI_SUNTER, Likeness
from sources.models import Tenant
from sources.round_trips import Prepared, Statement, run

Status = CandidatePair.Status

_PROPOSED = """
SELECT 1 FROM matching_candidatepair AS pair WHERE pair.contact_id = ANY(%(siblings)s::bigint[])
    AND (pair.customer_id = %(customer)s OR pair.against_id = ANY(%(theirs)s::bigint[]))
UNION ALL
SELECT 1 FROM matching_candidatepair AS pair WHERE pair.contact_id = ANY(%(theirs)s::bigint[])
    AND (pair.against_id = ANY(%(siblings)s::bigint[]) OR pair.customer_id IN (
        SELECT contact.customer_id FROM contacts_contact AS contact WHERE contact.id = ANY(%(siblings)s::bigint[])))
LIMIT 1
"""
_CLOSE = """
UPDATE matching_candidatepair SET status = %(status)s, reviewed_by = %(by)s, reviewed_at = %(at)s
WHERE id = ANY(%(settled)s::bigint[])
"""
_WITHDRAW = f"""
UPDATE matching_candidatepair SET status = '{Status.WITHDRAWN}', reviewed_by = %(by)s, reviewed_at = %(at)s
WHERE status = '{Status.PENDING}' AND (customer_id = %(customer)s OR contact_id = ANY(%(held)s::bigint[]))
RETURNING id, contact_id, customer_id
"""
_CONCERNING = f"""
SELECT id, contact_id, customer_id FROM matching_candidatepair
WHERE status = '{Status.PENDING}' AND customer_id = ANY(%(sides)s::uuid[]) ORDER BY confidence DESC, id
"""
_FOLLOW = "UPDATE matching_candidatepair SET customer_id = %(target)s WHERE id = ANY(%(moved)s::bigint[])"


class Cabinet(Protocol):
    """Where candidates are filed."""

    def keep(self, pairs: Sequence[CandidatePair]) -> None:
        """Give these new pairs their ids and see to it that they are written."""

    def unsettled(self, misses: Sequence[Likeness], siblings: Sequence[int], *, chronicle: Chronicle) -> list[Likeness]:
        """The near misses that were not proposed before to the customer of these contacts, nor are kept apart."""


@dataclass(slots=True)
class InDatabase:
    """Candidates are written with the chronicle. `ids` were drawn with the locks, for want of asking for them later."""

    chronicle: Chronicle
    ids: list[int] = field(default_factory=list)

    def keep(self, pairs: Sequence[CandidatePair]) -> None:
        if not pairs:
            return
        if len(self.ids) < len(pairs):
            drawing = reserving(CandidatePair, len(pairs))
            run(drawing)
            self.ids = drawn(drawing)
        for pair in pairs:
            pair.pk = self.ids.pop(0)
        self.chronicle.beside.append(inserting(pairs))

    def unsettled(self, misses: Sequence[Likeness], siblings: Sequence[int], *, chronicle: Chronicle) -> list[Likeness]:
        """Asked in one trip: somebody of a frequent name is like many others."""
        asked = [(miss, *_asking(miss, siblings, chronicle.tenant)) for miss in misses]
        run(*(statement for _, *asking in asked for statement in asking))
        return [miss for miss, proposed, kept_apart in asked if not proposed.rows and not kept_apart.rows]


def _asking(miss: Likeness, siblings: Sequence[int], tenant: Tenant) -> tuple[Statement, Statement]:
    """Whether a near miss was proposed before to the customer of these contacts; whether the two are kept apart."""
    theirs = miss.neighbour.contact_ids
    asked = {"customer": miss.neighbour.customer_id, "theirs": theirs, "siblings": list(siblings)}
    return Prepared(_PROPOSED, asked), constraints.asking_kept_apart(tenant, siblings, theirs)


def file(
    near_misses: Sequence[Likeness],
    *,
    contact: Contact | Newcomer,
    model_version: int,
    chronicle: Chronicle,
    cabinet: Cabinet | None = None,
) -> list[CandidatePair]:
    """Open a candidate for each near miss of a contact, best first; the chronicle writes it."""
    pairs = [_pair(miss, contact=contact, model_version=model_version, chronicle=chronicle) for miss in near_misses]
    (cabinet or InDatabase(chronicle)).keep(pairs)
    for pair in pairs:
        told(Event.Kind.CANDIDATE_OPENED, pair, chronicle=chronicle)
    return pairs


def file_for_known(
    near_misses: Sequence[Likeness],
    *,
    contact: Contact,
    siblings: Sequence[int],
    model_version: int,
    chronicle: Chronicle,
    cabinet: Cabinet | None = None,
) -> list[CandidatePair]:
    """Like `file`, for a contact of a customer that was there before; `siblings` are all contacts of that customer.

    A pair of customers that was proposed before, whatever became of it, or that a human keeps apart, is left out.
    """
    cabinet = cabinet or InDatabase(chronicle)
    unsaid = cabinet.unsettled(near_misses, siblings, chronicle=chronicle)
    return file(unsaid, contact=contact, model_version=model_version, chronicle=chronicle, cabinet=cabinet)


def _pair(miss: Likeness, *, contact: Contact | Newcomer, model_version: int, chronicle: Chronicle) -> CandidatePair:
    return fresh(
        CandidatePair,
        related={"tenant": chronicle.tenant},
        contact_id=contact.contact_id if isinstance(contact, Newcomer) else contact.id,
        source_id=contact.source.id if isinstance(contact, Newcomer) else contact.source_id,
        customer_id=miss.neighbour.customer_id,
        against_id=miss.against,
        confidence=miss.confidence,
        algorithm=FELLEGI_SUNTER,
        model_version=model_version,
        evidence=miss.evidence.to_dict(),
        search_tokens=list(miss.neighbour.tokens),
        created_at=chronicle.at,
    )


def close(pairs: Sequence[CandidatePair], status: CandidatePair.Status, *, chronicle: Chronicle) -> None:
    """Settle pending pairs, as the chronicle's actor at its time."""
    run(*_closing(pairs, status, chronicle=chronicle))


def _closing(pairs: Sequence[CandidatePair], status: CandidatePair.Status, *, chronicle: Chronicle) -> list[Statement]:
    if not pairs:
        return []
    for pair in pairs:
        pair.status, pair.reviewed_by, pair.reviewed_at = status, chronicle.by, chronicle.at
        told(Event.Kind.CANDIDATE_CLOSED, pair, chronicle=chronicle)
    settled = {"settled": [pair.pk for pair in pairs], "status": str(status), "by": chronicle.by, "at": chronicle.at}
    return [Prepared(_CLOSE, settled)]


def withdraw(customer: UUID, *, held: Sequence[int], chronicle: Chronicle) -> None:
    """Of a customer that is deleted with these contacts, nothing waits any more: neither for them, nor for others."""
    asked = {"customer": customer, "held": list(held), "by": chronicle.by, "at": chronicle.at}
    settled = Prepared(_WITHDRAW, asked)
    run(settled)
    for pk, contact, proposed in sorted(settled.rows):
        pair = CandidatePair(pk=pk, contact_id=contact, customer_id=proposed, status=Status.WITHDRAWN)
        told(Event.Kind.CANDIDATE_CLOSED, pair, chronicle=chronicle)


def told(kind: Event.Kind, pair: CandidatePair, *, chronicle: Chronicle) -> None:
    """Tell of a pair by ids."""
    chronicle.happened(kind, pair.customer_id, candidate=pair.pk, contact=pair.contact_id, status=str(pair.status))


def concerning(target: UUID, source: UUID) -> Statement:
    """Reads the pending pairs proposed to either of two customers, best first, for `follow_merge`."""
    return Prepared(_CONCERNING, {"sides": [target, source]})


def follow_merge(
    concerned: Statement, *, target: UUID, source: UUID, contacts: Sequence[int], chronicle: Chronicle
) -> list[dict[str, Any]]:
    """Point the source's candidates at the target; settle what the merge answered. Returns what undo must restore.

    Pairs between the two sides are approved: they are one customer now. A contact that had both as candidates keeps
    the better pair. `concerned` (see `concerning`) has been read; `contacts` are all contacts of the merged customer.
    """
    touched = [CandidatePair(pk=pk, contact_id=contact, customer_id=to) for pk, contact, to in concerned.rows]
    trace = [traced(pair) for pair in touched]
    ours = set(contacts)
    inside = [pair for pair in touched if pair.contact_id in ours]
    outside = [pair for pair in touched if pair.contact_id not in ours]
    chronicle.beside += _closing(inside, Status.APPROVED, chronicle=chronicle)
    chronicle.beside += _closing(_duplicates(outside), Status.SUPERSEDED, chronicle=chronicle)
    moved = [pair.pk for pair in touched if pair.customer_id == source]
    if moved:
        chronicle.beside.append(Prepared(_FOLLOW, {"moved": moved, "target": target}))
    return trace


def _duplicates(best_first: Sequence[CandidatePair]) -> list[CandidatePair]:
    kept: set[int] = set()
    duplicates = []
    for pair in best_first:
        if pair.contact_id in kept:
            duplicates.append(pair)
        kept.add(pair.contact_id)
    return duplicates


def traced(pair: CandidatePair) -> dict[str, Any]:
    """A pending pair as a merge's journal keeps it."""
    return {"id": pair.pk, "customer": str(pair.customer_id)}


def places(trace: Sequence[dict[str, Any]], *, reviving: UUID) -> set[UUID]:
    """The customers that the pairs of a merge's journal belong to once `reviving` is alive again; undo locks them."""
    return {place for _, place in _placed(trace, reviving=reviving)}


def _placed(trace: Sequence[dict[str, Any]], *, reviving: UUID) -> list[tuple[CandidatePair, UUID]]:
    """Each pair, best first, with the customer of the contact it was filed against, else what its customer became."""
    before = {entry["id"]: UUID(entry["customer"]) for entry in trace}
    known = Customer.objects.filter(pk__in=before.values()).exclude(pk=reviving)
    survivors = {customer.pk: customer.merged_into_id or customer.pk for customer in known}
    rows = CandidatePair.objects.filter(pk__in=before).select_related("contact", "against")
    return [
        (pair, pair.against.customer_id if pair.against else survivors.get(before[pair.pk], reviving))
        for pair in rows.order_by("-confidence", "pk")
    ]


def restore(
    trace: Sequence[dict[str, Any]], *, reviving: UUID, locked: Collection[UUID], since: datetime, chronicle: Chronicle
) -> None:
    """Put pairs back to what they were before a merge, unless a person decided on them after `since`.

    To be called when the contacts have moved back and nothing else was said. `locked` are the live customers that the
    verb holds. Raises Restart when a pair belongs to one that it does not hold.
    """
    for pair, place in _placed(trace, reviving=reviving):
        if place not in locked and Customer.objects.live().filter(pk=place).exists():
            raise Restart
        if pair.status == Status.PENDING and not _proposed(pair, place):
            CandidatePair.objects.filter(pk=pair.pk).update(customer_id=place)
        elif pair.reviewed_at == since and _open_again(pair, place, since=since):
            pair.customer_id, pair.status, pair.reviewed_by, pair.reviewed_at = place, Status.PENDING, None, None
            pair.save(update_fields=["customer", "status", "reviewed_by", "reviewed_at"])
            told(Event.Kind.CANDIDATE_OPENED, pair, chronicle=chronicle)


def _open_again(pair: CandidatePair, place: UUID, *, since: datetime) -> bool:
    if pair.contact.deleted_at is not None or pair.contact.customer_id == place or _proposed(pair, place):
        return False
    theirs = (
        [pair.against_id] if pair.against_id else Contact.objects.filter(customer=place).values_list("pk", flat=True)
    )
    verdicts = constraints.standing(pair.tenant, Constraint.Kind.NOT_SAME, [pair.contact_id], list(theirs))
    return not verdicts.filter(said_at__gt=since).exists()


def _proposed(pair: CandidatePair, place: UUID) -> bool:
    """Whether the contact and the customer are proposed already, by another pair."""
    same = CandidatePair.objects.filter(contact=pair.contact_id, customer=place, status=Status.PENDING)
    return same.exclude(pk=pair.pk).exists()


def follow_split(*, old: UUID, new: UUID, moved: Sequence[int]) -> None:
    """Pairs that were filed against a contact that left follow it to its new customer."""
    CandidatePair.objects.filter(status=Status.PENDING, customer_id=old, against_id__in=moved).update(customer_id=new)

"""Filing candidates for review, and keeping them true while customers merge and split."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from django.db.models import Q

from contacts.history import Chronicle
from contacts.models import Contact, Customer, Event
from contacts.transactions import Restart
from matching import constraints
from matching.models import CandidatePair, Constraint
from matching.outcomes import FELLEGI_SUNTER, Likeness

Status = CandidatePair.Status


class Cabinet(Protocol):
    """Where candidates are filed."""

    def keep(self, pairs: Sequence[CandidatePair]) -> None:
        """Give these new pairs their ids and see to it that they are written."""

    def settled(self, miss: Likeness, siblings: Sequence[int], *, chronicle: Chronicle) -> bool:
        """Whether the customer of these contacts and the near miss were proposed before, or are kept apart."""


class _Database:
    def keep(self, pairs: Sequence[CandidatePair]) -> None:
        CandidatePair.objects.bulk_create(pairs)

    def settled(self, miss: Likeness, siblings: Sequence[int], *, chronicle: Chronicle) -> bool:
        theirs = miss.neighbour.contact_ids
        ours = Q(contact_id__in=siblings) & (Q(customer_id=miss.neighbour.customer_id) | Q(against_id__in=theirs))
        proposed = CandidatePair.objects.filter(
            ours
            | Q(contact_id__in=theirs, customer__contacts__in=siblings)
            | Q(contact_id__in=theirs, against_id__in=siblings)
        )
        return proposed.exists() or constraints.kept_apart(chronicle.tenant, siblings, theirs)


DATABASE: Cabinet = _Database()


def file(
    near_misses: Sequence[Likeness],
    *,
    contact: Contact,
    model_version: int,
    chronicle: Chronicle,
    cabinet: Cabinet = DATABASE,
) -> list[CandidatePair]:
    """Open a candidate for each near miss of a contact, best first."""
    pairs = [_pair(miss, contact=contact, model_version=model_version, chronicle=chronicle) for miss in near_misses]
    cabinet.keep(pairs)
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
    cabinet: Cabinet = DATABASE,
) -> list[CandidatePair]:
    """Like `file`, for a contact of a customer that was there before; `siblings` are all contacts of that customer.

    A pair of customers that was proposed before, whatever became of it, or that a human keeps apart, is left out.
    """
    fresh = [miss for miss in near_misses if not cabinet.settled(miss, siblings, chronicle=chronicle)]
    return file(fresh, contact=contact, model_version=model_version, chronicle=chronicle, cabinet=cabinet)


def _pair(miss: Likeness, *, contact: Contact, model_version: int, chronicle: Chronicle) -> CandidatePair:
    return CandidatePair(
        tenant=chronicle.tenant,
        contact=contact,
        source_id=contact.source_id,
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
    for pair in pairs:
        pair.status, pair.reviewed_by, pair.reviewed_at = status, chronicle.by, chronicle.at
        told(Event.Kind.CANDIDATE_CLOSED, pair, chronicle=chronicle)
    CandidatePair.objects.bulk_update(pairs, ["status", "reviewed_by", "reviewed_at"])


def told(kind: Event.Kind, pair: CandidatePair, *, chronicle: Chronicle) -> None:
    """Tell of a pair by ids."""
    chronicle.happened(kind, pair.customer_id, candidate=pair.pk, contact=pair.contact_id, status=str(pair.status))


def follow_merge(*, target: UUID, source: UUID, contacts: Sequence[int], chronicle: Chronicle) -> list[dict[str, Any]]:
    """Point the source's candidates at the target; settle what the merge answered. Returns what undo must restore.

    Pairs between the two sides are approved: they are one customer now. A contact that had both as candidates keeps
    the better pair. `contacts` are all contacts of the merged customer.
    """
    touched = list(
        CandidatePair.objects.filter(status=Status.PENDING)
        .filter(Q(customer_id=source) | Q(customer_id=target))
        .order_by("-confidence", "pk")
    )
    trace = [traced(pair) for pair in touched]
    inside = [pair for pair in touched if pair.contact_id in set(contacts)]
    outside = [pair for pair in touched if pair.contact_id not in set(contacts)]
    close(inside, Status.APPROVED, chronicle=chronicle)
    close(_duplicates(outside), Status.SUPERSEDED, chronicle=chronicle)
    moved = [pair.pk for pair in touched if pair.customer_id == source]
    CandidatePair.objects.filter(pk__in=moved).update(customer_id=target)
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

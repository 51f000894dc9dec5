"""Filing candidates for review, and keeping them true while customers merge and split."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from contacts.history import Chronicle
from contacts.models import Contact, Event
from matching import constraints
from matching.models import CandidatePair
from matching.outcomes import FELLEGI_SUNTER, Likeness

Status = CandidatePair.Status


def file(
    near_misses: Sequence[Likeness], *, contact: Contact, model_version: int, chronicle: Chronicle
) -> list[CandidatePair]:
    """Open a candidate for each near miss of a contact, best first."""
    pairs = [_pair(miss, contact=contact, model_version=model_version, chronicle=chronicle) for miss in near_misses]
    CandidatePair.objects.bulk_create(pairs)
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
) -> list[CandidatePair]:
    """Like `file`, for a contact of a customer that was there before; `siblings` are all contacts of that customer.

    A pair of customers that was proposed before, whatever became of it, or that a human keeps apart, is left out.
    """
    fresh = [miss for miss in near_misses if not _settled(miss, siblings, chronicle=chronicle)]
    return file(fresh, contact=contact, model_version=model_version, chronicle=chronicle)


def _settled(miss: Likeness, siblings: Sequence[int], *, chronicle: Chronicle) -> bool:
    theirs = miss.neighbour.contact_ids
    proposed = CandidatePair.objects.filter(
        Q(contact_id__in=siblings, customer_id=miss.neighbour.customer_id)
        | Q(contact_id__in=theirs, customer__contacts__in=siblings)
    )
    return proposed.exists() or constraints.kept_apart(chronicle.tenant, siblings, theirs)


def _pair(miss: Likeness, *, contact: Contact, model_version: int, chronicle: Chronicle) -> CandidatePair:
    return CandidatePair(
        tenant=chronicle.tenant,
        contact=contact,
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
        CandidatePair.objects.select_for_update()
        .filter(status=Status.PENDING)
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


def places(trace: Sequence[dict[str, Any]]) -> set[UUID]:
    """The customers that pairs of a merge's journal belong to by now; undo locks them."""
    return {place for _, place in _placed(trace) if place}


def _placed(trace: Sequence[dict[str, Any]]) -> list[tuple[CandidatePair, UUID]]:
    """Each pair with the customer of the contact it was filed against, or else what has become of its customer."""
    before = {entry["id"]: UUID(entry["customer"]) for entry in trace}
    rows = (
        CandidatePair.objects.filter(pk__in=before).select_related("contact", "against").order_by("-confidence", "pk")
    )
    merged = Customer.objects.filter(pk__in=before.values(), merged_into__isnull=False)
    survivors = dict(merged.values_list("pk", "merged_into"))
    placed = []
    for pair in rows:
        traced = before[pair.pk]
        place = pair.against.customer_id if pair.against else survivors.get(traced, traced)
        placed.append((pair, place))
    return placed


def restore(
    trace: Sequence[dict[str, Any]], *, locked: Collection[UUID], since: datetime, chronicle: Chronicle
) -> None:
    """Put pairs back to what they were before a merge, unless a person decided on them after `since`.

    `locked` are the live customers that the verb holds. Raises Restart when a pair belongs to one that it does not.
    """
    for pair, place in _placed(trace):
        if pair.status == Status.PENDING:
            CandidatePair.objects.filter(pk=pair.pk).update(customer_id=place)
        elif pair.reviewed_at == since and _open_again(pair, place, locked, since=since, tenant=chronicle.tenant):
            pair.customer_id, pair.status, pair.reviewed_by, pair.reviewed_at = place, Status.PENDING, None, None
            pair.save(update_fields=["customer", "status", "reviewed_by", "reviewed_at"])
            told(Event.Kind.CANDIDATE_OPENED, pair, chronicle=chronicle)


def follow_split(*, old: UUID, new: UUID, moved: Sequence[int]) -> None:
    """Pairs that were filed against a contact that left follow it to its new customer."""
    CandidatePair.objects.filter(status=Status.PENDING, customer_id=old, against_id__in=moved).update(customer_id=new)

"""What a person decides of who is who: approve, reject, merge, split, undo. Each is one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from contacts.errors import Invalid, NotFound, Stale
from contacts.history import Chronicle
from contacts.models import Contact, Customer
from contacts.transactions import Restart, verb
from matching import constraints, merging, pairs, splitting, undoing
from matching.locks import lock_customers
from matching.models import CandidatePair, Merge, Split
from matching.splitting import CustomerNotFound
from review import decisions, feedback
from review.models import Decision
from sources.models import Tenant

Status = CandidatePair.Status


class AliasNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("Alias not found")


class CandidateNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("Candidate not found")


class CandidateAlreadyReviewed(Invalid):
    def __init__(self, status: str) -> None:
        super().__init__(f"Candidate already {status}")


class CandidateCustomerGone(NotFound):
    def __init__(self) -> None:
        super().__init__("Candidate customer no longer exists")


class SeenOtherwise(Stale):
    def __init__(self) -> None:
        super().__init__("One of the two customers has changed since this was looked at")


@dataclass(frozen=True, slots=True)
class Seen:
    """What somebody had in view when deciding: the versions of the alias's customer and of the candidate."""

    version: int
    candidate_id: UUID
    candidate_version: int


def live_customer(tenant: Tenant, customer_id: UUID) -> Customer:
    """Raises CustomerNotFound."""
    customer = Customer.objects.of(tenant).live().filter(pk=customer_id).first()
    if customer is None:
        raise CustomerNotFound
    return customer


def alias_of(customer: Customer, alias_id: int) -> Contact:
    """A live contact of the customer. Raises AliasNotFound."""
    contact = Contact.objects.live().filter(customer=customer, pk=alias_id).first()
    if contact is None:
        raise AliasNotFound
    return contact


@verb
def approve(
    *, customer_id: UUID, alias_id: int, candidate_id: int, tenant: Tenant, by: str, seen: Seen | None = None
) -> Customer:
    """The alias's customer is the candidate's: merge it into that one, and reject the alias's other candidates.

    Follows the candidate's customer through merges. Raises CustomerNotFound, AliasNotFound, CandidateNotFound,
    CandidateAlreadyReviewed, CandidateCustomerGone, and SeenOtherwise where `seen` is no longer so.
    """
    pair = _pending(customer_id, alias_id, candidate_id, tenant=tenant, seen=seen)
    if pair.customer.deleted_at is not None:
        raise CandidateCustomerGone
    chronicle = Chronicle(tenant, by)
    pending = CandidatePair.objects.filter(contact=pair.contact_id, status=Status.PENDING)
    siblings = list(pending.exclude(pk=pair.pk).order_by("pk"))
    answered = [pairs.traced(each) for each in (pair, *siblings)]
    pairs.close([pair], Status.APPROVED, chronicle=chronicle)
    pairs.close(siblings, Status.REJECTED, chronicle=chronicle)
    survivor, journal = merging.merge(
        target_id=pair.customer_id,
        source_id=customer_id,
        reason=Merge.Reason.APPROVAL,
        chronicle=chronicle,
        answered=answered,
    )
    feedback.record_missed_match(journal, confidence=pair.confidence, algorithm=pair.algorithm, chronicle=chronicle)
    decisions.record(Decision.Kind.APPROVED, pair, merge_id=journal.pk, chronicle=chronicle)
    chronicle.write()
    return survivor


@verb
def reject(
    *, customer_id: UUID, alias_id: int, candidate_id: int, tenant: Tenant, by: str, seen: Seen | None = None
) -> CandidatePair:
    """The alias's record and the candidate's are not the same person; no machine proposes them again.

    Raises CustomerNotFound, AliasNotFound, CandidateNotFound, CandidateAlreadyReviewed, SeenOtherwise.
    """
    pair = _pending(customer_id, alias_id, candidate_id, tenant=tenant, seen=seen)
    chronicle = Chronicle(tenant, by)
    theirs = list(Contact.objects.filter(customer=pair.customer_id).values_list("pk", flat=True))
    # The same two records may have been proposed the other way round as well.
    mirrored = CandidatePair.objects.filter(
        status=Status.PENDING, contact__in=theirs, customer=customer_id, against=pair.contact_id
    )
    pairs.close([pair, *mirrored.order_by("pk")], Status.REJECTED, chronicle=chronicle)
    constraints.say_not_same([pair.contact_id], theirs, chronicle=chronicle)
    decisions.record(Decision.Kind.REJECTED, pair, chronicle=chronicle)
    chronicle.write()
    return pair


def _pending(
    customer_id: UUID, alias_id: int, candidate_id: int, *, tenant: Tenant, seen: Seen | None = None
) -> CandidatePair:
    """The pair to decide on, under the locks of the alias's customer and of all that are proposed to the alias."""
    alias_of(live_customer(tenant, customer_id), alias_id)
    proposed = _proposed(alias_id)
    locked = lock_customers(tenant, [customer_id, *proposed.values()])
    held = Contact.objects.live().filter(pk=alias_id, customer=customer_id)
    if _proposed(alias_id) != proposed or not held.exists():
        raise Restart
    shown = CandidatePair.objects.exclude(status=Status.SUPERSEDED).select_related("customer")
    pair = shown.filter(contact=alias_id, pk=candidate_id).first()
    if pair is None:
        raise CandidateNotFound
    if pair.status == Status.WITHDRAWN:
        raise CandidateCustomerGone
    if pair.status != Status.PENDING:
        raise CandidateAlreadyReviewed(pair.status)
    if seen is not None and seen != _seen_now(customer_id, pair.customer_id, locked):
        raise SeenOtherwise
    return pair


def _seen_now(customer_id: UUID, candidate_id: UUID, locked: Mapping[UUID, Customer]) -> Seen | None:
    ours, theirs = locked.get(customer_id), locked.get(candidate_id)
    return Seen(ours.version, candidate_id, theirs.version) if ours and theirs else None


def _proposed(alias_id: int) -> dict[int, UUID]:
    """The customers that are pending candidates of an alias, by pair."""
    return dict(CandidatePair.objects.filter(contact=alias_id, status=Status.PENDING).values_list("pk", "customer_id"))


@verb
def merge(*, target_id: UUID, source_id: UUID, tenant: Tenant, by: str) -> Customer:
    """The two customers are one person, which the machine missed; `target` survives.

    Raises matching.merging's MergeIntoItself, TargetNotFound, SourceNotFound, AlreadyMerged.
    """
    chronicle = Chronicle(tenant, by)
    survivor, journal = merging.merge(
        target_id=target_id, source_id=source_id, reason=Merge.Reason.MANUAL, chronicle=chronicle
    )
    feedback.record_missed_match(journal, confidence=None, algorithm=None, chronicle=chronicle)
    chronicle.write()
    return survivor


@verb
def split(*, customer_id: UUID, aliases: Sequence[int], tenant: Tenant, by: str) -> tuple[Customer, Customer, Split]:
    """These aliases are somebody else; open disputes about them are settled. Raises CustomerNotFound, InvalidSplit."""
    chronicle = Chronicle(tenant, by)
    kept, new, journal = splitting.split(customer_id, aliases=aliases, chronicle=chronicle)
    feedback.settle(journal.contacts, chronicle=chronicle)
    chronicle.write()
    return kept, new, journal


@verb
def undo_merge(merge_id: int, *, tenant: Tenant, by: str) -> Merge:
    """The merge was wrong: give each side its own back. Raises matching.undoing's errors."""
    chronicle = Chronicle(tenant, by)
    journal = undoing.undo_merge(merge_id, chronicle=chronicle)
    feedback.withdraw(journal, chronicle=chronicle)
    decisions.take_back(Decision.objects.filter(merge_id=journal.pk), chronicle=chronicle)
    chronicle.write()
    return journal

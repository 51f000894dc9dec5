"""Second thoughts: putting a candidate off, opening a rejected one again, taking back whatever was decided."""

from __future__ import annotations

from uuid import UUID

from contacts.errors import Conflict, Invalid, NotFound
from contacts.history import Chronicle
from contacts.models import Contact, Customer, Event
from contacts.transactions import Restart, verb
from matching import constraints, pairs
from matching.locks import lock_customers
from matching.models import CandidatePair
from review import decisions, verdicts
from review.models import Decision
from review.verdicts import CandidateAlreadyReviewed, CandidateNotFound
from sources.models import Tenant

Status = CandidatePair.Status
NOTE_LIMIT = 500


class NotRejected(Invalid):
    def __init__(self) -> None:
        super().__init__("Only a rejected candidate can be opened again")


class CannotReopen(Conflict):
    """The record or the candidate is gone, they are one customer by now, or the two are proposed already."""


class DecisionNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("Decision not found")


class AlreadyTakenBack(Conflict):
    def __init__(self) -> None:
        super().__init__("This decision has been taken back already")


@verb
def defer(candidate_id: int, *, note: str, tenant: Tenant, by: str) -> Decision:
    """Somebody cannot tell, and says why: the record goes on waiting for others.

    Raises CandidateNotFound, CandidateAlreadyReviewed.
    """
    pair = CandidatePair.objects.select_for_update().filter(tenant=tenant, pk=candidate_id).first()
    if pair is None:
        raise CandidateNotFound
    if pair.status != Status.PENDING:
        raise CandidateAlreadyReviewed(pair.status)
    return decisions.record(Decision.Kind.DEFERRED, pair, chronicle=Chronicle(tenant, by), note=note[:NOTE_LIMIT])


@verb
def reopen(candidate_id: int, *, tenant: Tenant, by: str) -> CandidatePair:
    """A rejection was wrong: the candidate waits again, and what the rejection said of the two is lifted.

    Raises CandidateNotFound, NotRejected, CannotReopen.
    """
    pair = _rejected(candidate_id, tenant)
    sides = _sides(pair)
    locked = lock_customers(tenant, sides)
    if _sides(_rejected(candidate_id, tenant)) != sides:
        raise Restart
    place = sides[1]
    _check(pair, place, alive=all(side in locked for side in sides))
    chronicle = Chronicle(tenant, by)
    if pair.reviewed_by and pair.reviewed_at:
        constraints.lift([pair.contact_id], said_by=pair.reviewed_by, said_at=pair.reviewed_at, chronicle=chronicle)
    for each in [pair, *_mirrored(pair, place)]:
        _open(each, place if each is pair else each.customer_id, chronicle=chronicle)
    decisions.take_back(Decision.objects.filter(pair=pair, kind=Decision.Kind.REJECTED), chronicle=chronicle)
    chronicle.write()
    return pair


def _rejected(candidate_id: int, tenant: Tenant) -> CandidatePair:
    pair = CandidatePair.objects.filter(tenant=tenant, pk=candidate_id).select_related("contact", "against").first()
    if pair is None:
        raise CandidateNotFound
    if pair.status != Status.REJECTED:
        raise NotRejected
    return pair


def _sides(pair: CandidatePair) -> tuple[UUID, UUID]:
    """The customers of the two records today: a rejected pair follows neither merges nor splits."""
    if pair.against is not None:
        return pair.contact.customer_id, pair.against.customer_id
    merged = Customer.objects.filter(pk=pair.customer_id, merged_into__isnull=False)
    return pair.contact.customer_id, merged.values_list("merged_into", flat=True).first() or pair.customer_id


def _check(pair: CandidatePair, place: UUID, *, alive: bool) -> None:
    if not alive or pair.contact.deleted_at is not None:
        raise CannotReopen("One of the two is no longer there")
    if pair.contact.customer_id == place:
        raise CannotReopen("The two are one customer by now")
    if CandidatePair.objects.filter(contact=pair.contact_id, customer=place, status=Status.PENDING).exists():
        raise CannotReopen("The two are proposed already")


def _mirrored(pair: CandidatePair, place: UUID) -> list[CandidatePair]:
    """The same two records proposed the other way round, closed by the same rejection."""
    theirs = Contact.objects.live().filter(customer=place)
    closed = CandidatePair.objects.filter(
        status=Status.REJECTED,
        contact__in=theirs,
        against=pair.contact_id,
        customer=pair.contact.customer_id,
        reviewed_at=pair.reviewed_at,
    ).exclude(pk=pair.pk)
    return list(closed.order_by("pk"))


def _open(pair: CandidatePair, place: UUID, *, chronicle: Chronicle) -> None:
    pair.customer_id, pair.status, pair.reviewed_by, pair.reviewed_at = place, Status.PENDING, None, None
    pair.save(update_fields=["customer", "status", "reviewed_by", "reviewed_at"])
    pairs.told(Event.Kind.CANDIDATE_OPENED, pair, chronicle=chronicle)


@verb
def take_back(decision_id: int, *, tenant: Tenant, by: str) -> Decision:
    """Undo a decision: an approval's merge, a rejection, a deferral.

    Raises DecisionNotFound, AlreadyTakenBack, and what undoing a merge (matching.undoing) and `reopen` raise.
    """
    decision = Decision.objects.filter(tenant=tenant, pk=decision_id).first()
    if decision is None:
        raise DecisionNotFound
    if decision.undone_at is not None:
        raise AlreadyTakenBack
    match decision.kind:
        case Decision.Kind.APPROVED:
            verdicts.undo_merge(decision.merge_id or 0, tenant=tenant, by=by)
        case Decision.Kind.REJECTED:
            reopen(decision.pair_id, tenant=tenant, by=by)
        case Decision.Kind.DEFERRED:
            decisions.take_back(Decision.objects.filter(pk=decision.pk), chronicle=Chronicle(tenant, by))
    decision.refresh_from_db()
    return decision

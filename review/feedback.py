"""What people report of the machine's links, and what their merges tell of those it missed."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Max, QuerySet

from contacts import clock
from contacts.errors import Invalid, NotFound
from contacts.history import Chronicle
from contacts.models import Contact, Customer
from contacts.transactions import verb
from matching.models import Merge
from matching.splitting import CustomerNotFound
from review.models import Feedback
from sources.models import Tenant

Type = Feedback.Type


class NotAnAutoMatch(Invalid):
    def __init__(self) -> None:
        super().__init__("This alias was not an auto-match — no feedback applicable")


class FeedbackNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("Feedback not found")


class AliasUnknown(NotFound):
    def __init__(self) -> None:
        super().__init__("Alias not found")


@verb
def report(*, customer_id: UUID, alias_id: int, notes: str | None, tenant: Tenant, by: str) -> Feedback:
    """Somebody says that an automatic link is wrong. Raises CustomerNotFound, AliasUnknown, NotAnAutoMatch."""
    customer = Customer.objects.of(tenant).live().filter(pk=customer_id).first()
    if customer is None:
        raise CustomerNotFound
    alias = Contact.objects.live().filter(customer=customer, pk=alias_id).first()
    if alias is None:
        raise AliasUnknown
    if alias.match_confidence is None:
        raise NotAnAutoMatch
    return Feedback.objects.create(
        tenant=tenant,
        type=Type.FALSE_POSITIVE,
        customer=customer,
        alias=alias,
        original_confidence=alias.match_confidence,
        original_algorithm=alias.match_algorithm,
        reported_by=by,
        reported_at=clock.now(),
        notes=notes,
    )


def record_missed_match(
    journal: Merge, *, confidence: float | None, algorithm: str | None, chronicle: Chronicle
) -> Feedback:
    """A person merged what the machine had left apart: a false negative, settled as it is written."""
    return Feedback.objects.create(
        tenant=chronicle.tenant,
        type=Type.FALSE_NEGATIVE,
        customer_id=journal.target_id,
        related_customer_id=journal.source_id,
        merge_id=journal.pk,
        original_confidence=confidence,
        original_algorithm=algorithm,
        reported_by=chronicle.by,
        reported_at=chronicle.at,
        resolved=True,
        resolved_by=chronicle.by,
        resolved_at=chronicle.at,
    )


def settle(aliases: Sequence[int], *, chronicle: Chronicle) -> None:
    """Resolve the open reports about aliases that were split off."""
    Feedback.objects.filter(alias__in=list(aliases), resolved=False).update(
        resolved=True, resolved_by=chronicle.by, resolved_at=chronicle.at
    )


def withdraw(journal: Merge, *, chronicle: Chronicle) -> None:
    """The merge was no missed match after all: its false negative counts no more."""
    Feedback.objects.filter(merge_id=journal.pk, type=Type.FALSE_NEGATIVE).update(withdrawn_at=chronicle.at)


@verb
def resolve(feedback_id: int, *, resolved: bool, notes: str | None, tenant: Tenant, by: str) -> Feedback:
    """Settle or reopen a report, with an optional note. Raises FeedbackNotFound."""
    row = Feedback.objects.select_for_update().filter(tenant=tenant, pk=feedback_id).first()
    if row is None:
        raise FeedbackNotFound
    if resolved != row.resolved:
        row.resolved = resolved
        row.resolved_by, row.resolved_at = (by, clock.now()) if resolved else (None, None)
    if notes is not None:
        row.notes = notes
    row.save()
    return row


def listed(tenant: Tenant) -> QuerySet[Feedback]:
    """The tenant's feedback, newest first, without what was withdrawn."""
    return Feedback.objects.filter(tenant=tenant, withdrawn_at=None).select_related("alias")


def customers_under_review(tenant: Tenant) -> QuerySet[Customer]:
    """Customers with an open false positive, the most recently reported first, each once."""
    disputed = Feedback.Type.FALSE_POSITIVE
    return (
        Customer.objects.of(tenant)
        .live()
        .filter(contacts__feedback__type=disputed, contacts__feedback__resolved=False)
        .annotate(disputed_at=Max("contacts__feedback__reported_at"))
        .order_by("-disputed_at", "id")
    )

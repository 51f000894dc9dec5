"""A customer's aliases and their candidates, as people see them."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Prefetch, QuerySet

from contacts.models import Change, Contact, Customer
from matching.models import CandidatePair
from matching.splitting import CustomerNotFound
from review.verdicts import CandidateNotFound, alias_of, live_customer
from sources.models import Tenant


def any_customer(tenant: Tenant, customer_id: UUID) -> Customer:
    """Also a deleted or merged one. Raises CustomerNotFound."""
    customer = Customer.objects.of(tenant).filter(pk=customer_id).first()
    if customer is None:
        raise CustomerNotFound
    return customer


def aliases_of(customer: Customer) -> QuerySet[Contact]:
    """Oldest first; those of a deleted customer are the ones it ended with, a merged one has none."""
    held = Contact.objects.filter(customer=customer)
    if customer.deleted_at is None:
        held = held.live()
    return held.select_related("source").prefetch_related(Prefetch("candidates", shown_pairs())).order_by("pk")


def records_of(customer: Customer) -> list[Contact]:
    """What a live customer's golden record is resolved from, oldest first."""
    return list(Contact.objects.live().filter(customer=customer).select_related("source").order_by("pk"))


def shown_pairs() -> QuerySet[CandidatePair]:
    """Candidates, best first; what a better one took the place of is shown nowhere."""
    return CandidatePair.objects.exclude(status=CandidatePair.Status.SUPERSEDED).order_by("-confidence", "pk")


def candidates_of(*, customer_id: UUID, alias_id: int, tenant: Tenant) -> QuerySet[CandidatePair]:
    """Raises CustomerNotFound, AliasNotFound."""
    alias = alias_of(live_customer(tenant, customer_id), alias_id)
    return shown_pairs().filter(contact=alias)


def candidate(*, customer_id: UUID, alias_id: int, candidate_id: int, tenant: Tenant) -> CandidatePair:
    """Raises CustomerNotFound, AliasNotFound, CandidateNotFound."""
    pairs = candidates_of(customer_id=customer_id, alias_id=alias_id, tenant=tenant)
    pair = pairs.filter(pk=candidate_id).first()
    if pair is None:
        raise CandidateNotFound
    return pair


def newest_alias(customer: Customer, source_system: str) -> Contact | None:
    """What a source said last of a live customer."""
    held = Contact.objects.live().filter(customer=customer, source__name=source_system)
    return held.select_related("source").order_by("-added_at", "-pk").first()


def changes_of(customer: Customer) -> QuerySet[Change]:
    """Oldest first."""
    return Change.objects.filter(customer=customer).order_by("pk")

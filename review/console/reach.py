"""Which customers and records a seat may see, and decide on: an admin the tenant's all, a steward those of sources
that name them as a reviewer, and, to look at, the customers proposed for such records."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from contacts.errors import Forbidden
from contacts.models import Contact, Customer
from matching.models import CandidatePair
from matching.splitting import CustomerNotFound
from review.console.access import Seat


class NotYours(Forbidden):
    def __init__(self, what: str) -> None:
        super().__init__(f"{what} are of sources whose reviewers' lists do not name you")


def customers(seat: Seat) -> QuerySet[Customer, Any]:
    """Those the seat may look at, deleted ones included."""
    rows = Customer.objects.of(seat.tenant)
    return rows if seat.is_admin else rows.filter(_own(seat) | _proposed(seat))


def _own(seat: Seat) -> Q:
    return Q(Exists(Contact.objects.filter(customer=OuterRef("pk"), source__in=seat.source_ids)))


def _proposed(seat: Seat) -> Q:
    pairs = CandidatePair.objects.filter(customer=OuterRef("pk"), status=CandidatePair.Status.PENDING)
    return Q(Exists(pairs.filter(source__in=seat.source_ids)))


def customer(seat: Seat, customer_id: UUID) -> Customer:
    """One of them, or the survivor of a merged one. Raises CustomerNotFound, whether it is hidden or not there."""
    asked = Customer.objects.of(seat.tenant).filter(pk=customer_id).values_list("merged_into", flat=True).first()
    found = customers(seat).filter(pk=asked or customer_id).first()
    if found is None:
        raise CustomerNotFound
    return found


def records(held: Customer) -> list[Contact]:
    """A customer's, oldest first; of a deleted one those it ended with."""
    rows = Contact.objects.filter(customer=held)
    rows = rows if held.deleted_at else rows.live()
    return list(rows.select_related("source").order_by("pk"))


def decidable(seat: Seat) -> list[int] | None:
    """The sources whose records the seat may decide on; None: all."""
    return None if seat.is_admin else seat.source_ids


def check_all(seat: Seat, contacts: Collection[Contact]) -> None:
    """Raises NotYours unless the seat may decide on each of these records."""
    if not seat.is_admin and any(contact.source_id not in seat.source_ids for contact in contacts):
        raise NotYours("Some of these records")


def decides_on_any(seat: Seat, contacts: Sequence[Contact]) -> bool:
    return seat.is_admin or any(contact.source_id in seat.source_ids for contact in contacts)


def check_any(seat: Seat, contacts: Sequence[Contact]) -> None:
    """Raises NotYours unless the seat may decide on one of these records."""
    if not decides_on_any(seat, contacts):
        raise NotYours("These records")

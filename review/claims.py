"""Who is at work on which incoming record: taken, kept for a while, given back."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q

from contacts import clock
from contacts.errors import Conflict, NotFound
from contacts.models import Contact
from contacts.transactions import verb
from review.models import Claim
from sources.models import Tenant

# Long enough for a hard case, short enough that what somebody left open for lunch is free again before they return.
KEPT_FOR = timedelta(minutes=15)


class RecordNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("Record not found")


class ClaimedByAnother(Conflict):
    def __init__(self, claim: Claim) -> None:
        super().__init__(f"{claim.by} is at work on this record")
        self.claim = claim


@verb
def take(contact_id: int, *, tenant: Tenant, by: str, from_others: bool = False) -> Claim:
    """Take a record for KEPT_FOR, or keep it for that long again. Raises RecordNotFound, ClaimedByAnother.

    `from_others` takes it over from whoever has it.
    """
    if not Contact.objects.of(tenant).live().filter(pk=contact_id).exists():
        raise RecordNotFound
    now = clock.now()
    free = Q(by=by) | Q(until__lte=now)
    Claim.objects.filter(Q() if from_others else free, contact=contact_id).delete()
    try:
        with transaction.atomic():
            return Claim.objects.create(tenant=tenant, contact_id=contact_id, by=by, at=now, until=now + KEPT_FOR)
    except IntegrityError:
        raise ClaimedByAnother(Claim.objects.get(contact=contact_id)) from None


@verb
def release(contact_id: int, *, tenant: Tenant, by: str) -> None:
    """Give a record back; releasing what one does not hold does nothing."""
    Claim.objects.filter(tenant=tenant, contact=contact_id, by=by).delete()


def held_by_another(contact_id: int, *, tenant: Tenant, by: str, at: datetime) -> Claim | None:
    """The claim that keeps somebody from deciding on a record."""
    return Claim.objects.filter(tenant=tenant, contact=contact_id, until__gt=at).exclude(by=by).first()

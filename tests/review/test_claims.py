"""A record is somebody's for a quarter of an hour."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from contacts import clock
from review import claims
from review.claims import KEPT_FOR, ClaimedByAnother, RecordNotFound
from review.models import Claim
from sources.models import Tenant
from tests.registry import default_tenant
from tests.review.desk import near_miss

pytestmark = pytest.mark.django_db


def take(contact_id: int, by: str, **options: bool) -> Claim:
    return claims.take(contact_id, tenant=default_tenant(), by=by, **options)


def test_nobody_takes_what_another_has_until_it_is_given_back() -> None:
    record = near_miss().contact.pk
    take(record, "jane")
    with pytest.raises(ClaimedByAnother, match="jane is at work"):
        take(record, "joan")
    claims.release(record, tenant=default_tenant(), by="joan")
    with pytest.raises(ClaimedByAnother):
        take(record, "joan")
    claims.release(record, tenant=default_tenant(), by="jane")
    assert take(record, "joan").by == "joan"


def test_a_claim_ends_by_itself() -> None:
    record = near_miss().contact.pk
    with clock.replaying(timezone.now() - KEPT_FOR - timedelta(seconds=1)):
        take(record, "jane")
    assert take(record, "joan").by == "joan"
    assert Claim.objects.count() == 1


def test_taking_it_again_keeps_it_longer() -> None:
    record = near_miss().contact.pk
    with clock.replaying(timezone.now() - timedelta(minutes=10)):
        earlier = take(record, "jane")
    assert take(record, "jane").until > earlier.until


def test_it_can_be_taken_over() -> None:
    record = near_miss().contact.pk
    take(record, "jane")
    assert take(record, "joan", from_others=True).by == "joan"
    assert claims.held_by_another(record, tenant=default_tenant(), by="jane", at=timezone.now()) is not None


def test_a_record_of_another_tenant_is_not_there() -> None:
    record = near_miss().contact.pk
    with pytest.raises(RecordNotFound):
        claims.take(record, tenant=Tenant.objects.create(name="others"), by="jane")

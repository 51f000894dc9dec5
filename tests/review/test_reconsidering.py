"""Second thoughts: what was decided can be taken back, and what was seen otherwise is not decided."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from contacts.models import Change, Contact, Customer, Event
from matching.constraints import kept_apart
from matching.identify import Identified
from matching.models import CandidatePair, Constraint
from matching.revising import retire
from review import decisions, reconsidering, verdicts
from review.models import Decision
from review.reconsidering import AlreadyTakenBack, CannotReopen, DecisionNotFound, NotRejected
from review.verdicts import CandidateAlreadyReviewed, CandidateNotFound, Seen, SeenOtherwise
from sources.models import Tenant
from tests.registry import default_tenant, live_customers, post, put
from tests.review.desk import near_miss

pytestmark = pytest.mark.django_db


def about(record: Identified) -> dict[str, Any]:
    pair = record.candidates[0]
    return {
        "customer_id": record.customer.pk,
        "alias_id": record.contact.pk,
        "candidate_id": pair.pk,
        "tenant": default_tenant(),
        "by": "jane",
    }


def take_back(decision: Decision) -> Decision:
    return reconsidering.take_back(decision.pk, tenant=default_tenant(), by="jane")


def reopen(pair: CandidatePair) -> CandidatePair:
    return reconsidering.reopen(pair.pk, tenant=default_tenant(), by="jane")


def last() -> Decision:
    return decisions.standing(decisions.latest(default_tenant(), by="jane"))[0]


def seen(record: Identified) -> Seen:
    pair = record.candidates[0]
    versions = dict(Customer.objects.values_list("pk", "version"))
    return Seen(versions[record.customer.pk], pair.customer_id, versions[pair.customer_id])


def standing() -> int:
    return Constraint.objects.filter(lifted_at=None, kind="not_same").count()


def test_a_rejection_taken_back_waits_again_and_keeps_nothing_apart() -> None:
    record = near_miss()
    pair = verdicts.reject(**about(record))
    theirs = list(Contact.objects.filter(customer=pair.customer_id).values_list("pk", flat=True))
    assert kept_apart(default_tenant(), [record.contact.pk], theirs)
    undone = take_back(last())
    pair.refresh_from_db()
    assert (pair.status, pair.reviewed_by, pair.reviewed_at) == ("pending", None, None)
    assert not kept_apart(default_tenant(), [record.contact.pk], theirs)
    assert undone.undone_by == "jane"
    assert Event.objects.filter(kind="candidate_opened").order_by("-pk")[0].body["candidate"] == pair.pk


def test_a_reopened_candidate_can_be_approved() -> None:
    record = near_miss()
    reopen(verdicts.reject(**about(record)))
    verdicts.approve(**about(record))
    assert live_customers() == 1


def test_reopening_lifts_what_this_rejection_said_and_nothing_else() -> None:
    first, second = near_miss(1), near_miss(2)
    verdicts.reject(**about(second))
    reopen(verdicts.reject(**about(first)))
    assert standing() == 1


def test_an_approval_taken_back_separates_the_two_and_keeps_them_apart() -> None:
    record = near_miss()
    verdicts.approve(**about(record))
    take_back(last())
    assert live_customers() == 2
    assert standing() == 1


def test_undoing_the_merge_elsewhere_marks_the_decision_as_taken_back() -> None:
    verdicts.approve(**about(near_miss()))
    decision = last()
    verdicts.undo_merge(decision.merge_id or 0, tenant=default_tenant(), by="joan")
    with pytest.raises(AlreadyTakenBack):
        take_back(decision)


def test_a_deferral_decides_nothing_and_can_be_taken_back() -> None:
    record = near_miss()
    events = Event.objects.count()
    decision = reconsidering.defer(record.candidates[0].pk, note="x" * 900, tenant=default_tenant(), by="jane")
    assert len(decision.note) == 500
    assert Event.objects.count() == events
    assert CandidatePair.objects.get().status == "pending"
    assert take_back(decision).undone_at is not None


def test_what_was_decided_cannot_be_put_off() -> None:
    record = near_miss()
    verdicts.reject(**about(record))
    with pytest.raises(CandidateAlreadyReviewed):
        reconsidering.defer(record.candidates[0].pk, note="", tenant=default_tenant(), by="jane")


def test_only_a_rejection_can_be_reopened() -> None:
    record = near_miss()
    with pytest.raises(NotRejected):
        reopen(record.candidates[0])
    with pytest.raises(CandidateNotFound):
        reconsidering.reopen(record.candidates[0].pk, tenant=Tenant.objects.create(name="others"), by="jane")
    with pytest.raises(DecisionNotFound):
        reconsidering.take_back(10**12, tenant=default_tenant(), by="jane")


def test_a_rejection_of_somebody_gone_stays() -> None:
    record = near_miss()
    pair = verdicts.reject(**about(record))
    retire(pair.customer_id, tenant=default_tenant(), by="jane")
    with pytest.raises(CannotReopen, match="no longer there"):
        reopen(pair)


def test_a_rejection_of_what_was_merged_since_by_hand_stays() -> None:
    record = near_miss()
    pair = verdicts.reject(**about(record))
    verdicts.merge(target_id=pair.customer_id, source_id=record.customer.pk, tenant=default_tenant(), by="jane")
    with pytest.raises(CannotReopen, match="one customer by now"):
        reopen(pair)


def test_a_reopened_candidate_is_looked_for_where_its_record_is_by_now() -> None:
    record, elsewhere = near_miss(1), post(key="other")
    pair = verdicts.reject(**about(record))
    verdicts.merge(target_id=elsewhere.customer.pk, source_id=pair.customer_id, tenant=default_tenant(), by="jane")
    assert reopen(pair).customer_id == elsewhere.customer.pk


@pytest.mark.parametrize("decide", [verdicts.approve, verdicts.reject])
def test_what_was_seen_as_it_is_gets_decided(decide: Any) -> None:
    record = near_miss()
    decide(**about(record), seen=seen(record))
    assert last().pair_id == record.candidates[0].pk


@pytest.mark.parametrize("decide", [verdicts.approve, verdicts.reject])
@pytest.mark.parametrize("side", ["record", "candidate"])
def test_what_has_changed_since_it_was_seen_is_not_decided(decide: Any, side: str) -> None:
    record = near_miss()
    before = seen(record)
    if side == "record":
        put(record.customer.pk, by_source="BILLING", phone="+12148679999")
    else:
        put(record.candidates[0].customer_id, phone="+12148679998")
    traces = Change.objects.count(), Event.objects.count(), Decision.objects.count()
    with pytest.raises(SeenOtherwise):
        decide(**about(record), seen=before)
    assert CandidatePair.objects.get(pk=record.candidates[0].pk).status == "pending"
    assert (Change.objects.count(), Event.objects.count(), Decision.objects.count()) == traces


def test_a_candidate_that_was_merged_into_another_since_it_was_seen_is_not_approved() -> None:
    record, elsewhere = near_miss(1), post(key="other")
    before = seen(record)
    into: UUID = elsewhere.customer.pk
    verdicts.merge(target_id=into, source_id=before.candidate_id, tenant=default_tenant(), by="joan")
    with pytest.raises(SeenOtherwise):
        verdicts.approve(**about(record), seen=before)

"""What a person said stands, whatever merges, splits and undos come after it, in whatever order."""

from __future__ import annotations

from uuid import UUID

import pytest

from contacts.models import Contact
from matching import constraints
from matching.identify import Identified
from matching.merging import KeptApart
from matching.models import CandidatePair, Merge
from review import verdicts
from tests.properties.invariants import breaches
from tests.properties.operations import decision, machine_merge
from tests.registry import default_tenant, pending, post

pytestmark = pytest.mark.django_db

BY = "steward"


def alike(number: int) -> list[Identified]:
    """Records that differ in their e-mail only: each is proposed to all before it."""
    return [post(to=f"source {n}", email=f"{n}@example.org") for n in range(number)]


def merge(target: Identified, source: Identified) -> Merge:
    verdicts.merge(target_id=target.customer.pk, source_id=source.customer.pk, tenant=default_tenant(), by=BY)
    return Merge.objects.latest("id")


def undo(journal: Merge) -> None:
    verdicts.undo_merge(journal.pk, tenant=default_tenant(), by=BY)


def split(customer: UUID, *aliases: int) -> UUID:
    return verdicts.split(customer_id=customer, aliases=aliases, tenant=default_tenant(), by=BY)[1].pk


def reject(pair: CandidatePair) -> None:
    verdicts.reject(**decision(CandidatePair.objects.get(pk=pair.pk), default_tenant()))


def proposed(contact: Contact) -> set[int | None]:
    return {pair.against_id for pair in pending() if pair.contact_id == contact.pk}


def kept_apart(one: Identified, other: Identified) -> bool:
    return constraints.kept_apart(default_tenant(), [one.contact.pk], [other.contact.pk])


def test_undoing_a_merge_does_not_reopen_what_was_rejected_since() -> None:
    one, other, third = alike(3)
    merged = merge(one, other)
    (left,) = [pair for pair in pending() if pair.contact_id == third.contact.pk]
    reject(left)
    undo(merged)
    assert proposed(third.contact) == set()


def test_merges_undone_in_the_order_they_were_made_give_each_candidate_back_once() -> None:
    one, other, third, fourth = alike(4)
    # Of equal candidates the older stays: the second merge puts that of `one` in the place of that of `other`.
    first, second = merge(third, other), merge(third, one)
    undo(first)
    assert breaches(default_tenant()) == []
    undo(second)
    assert breaches(default_tenant()) == []
    assert one.contact.pk in proposed(fourth.contact)


def test_a_rejection_of_two_records_outlives_the_merge_with_one_of_them() -> None:
    one, other, third = alike(3)
    whole = merge(one, other).target_id
    reject(next(pair for pair in pending() if pair.contact_id == third.contact.pk))
    away = split(whole, other.contact.pk)
    verdicts.merge(target_id=third.customer.pk, source_id=away, tenant=default_tenant(), by=BY)
    assert not kept_apart(third, other)
    assert kept_apart(third, one)
    assert breaches(default_tenant()) == []


def test_rejecting_settles_the_same_two_records_proposed_the_other_way_round() -> None:
    one, other = alike(2)
    (pair,) = pending()
    mirrored = CandidatePair.objects.get(pk=pair.pk)
    mirrored.pk, mirrored.contact, mirrored.customer, mirrored.against = (
        None,
        one.contact,
        other.customer,
        other.contact,
    )
    mirrored.save()
    reject(pair)
    assert pending() == []


def test_no_machine_merges_what_a_person_keeps_apart() -> None:
    one, other = alike(2)
    reject(pending()[0])
    for reason in (Merge.Reason.FOLD, Merge.Reason.BRIDGE):
        with pytest.raises(KeptApart):
            machine_merge(one.customer, other.customer, reason=reason, tenant=default_tenant())
    assert Merge.objects.count() == 0


def test_a_person_may_merge_what_was_kept_apart_and_undo_it() -> None:
    one, other = alike(2)
    reject(pending()[0])
    merged = merge(one, other)
    assert not kept_apart(one, other)
    undo(merged)
    assert kept_apart(one, other)
    assert pending() == []


def test_undoing_leaves_a_candidate_with_the_contact_that_was_split_off_since() -> None:
    one, other, third = alike(3)
    more = post(to="elsewhere", email="1@example.org")
    assert more.customer.pk == other.customer.pk
    to_one, to_other = sorted(third.candidates, key=lambda pair: pair.customer_id != one.customer.pk)
    reject(to_one)
    merged = merge(one, other)
    away = split(one.customer.pk, other.contact.pk)
    undo(merged)
    assert CandidatePair.objects.get(pk=to_other.pk).customer_id == away
    assert breaches(default_tenant()) == []

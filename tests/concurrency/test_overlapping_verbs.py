"""A verb that begins before another one has committed: what it read may be gone by the time it holds the locks."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event
from typing import Any
from uuid import UUID

import pytest
from django.db import OperationalError, transaction

from contacts import transactions
from contacts.models import Contact, Customer
from matching.applying import apply
from matching.identify import Identified
from matching.locks import lock_customers
from matching.merging import AlreadyMerged, SourceNotFound, TargetNotFound
from matching.models import CandidatePair, Merge
from matching.revising import retire
from matching.splitting import CustomerNotFound
from matching.undoing import NotTheLatest
from review import verdicts
from review.verdicts import AliasNotFound, CandidateAlreadyReviewed
from sources.models import Tenant
from tests.concurrency.threads import PATIENCE, Call, at_once, outcome, overlap, until, waiting
from tests.properties.invariants import breaches
from tests.registry import aliases_of, live_customers, pending, post, put, source

pytestmark = pytest.mark.django_db(transaction=True)

OTTO = {"first_name": "Otto", "last_name": "Zimmer", "email": "otto@example.net", "phone": "+13125550100"}
BY = "steward"


@pytest.fixture(autouse=True)
def sound(tenant: Tenant) -> object:
    """Whatever happened, the registry is in order afterwards."""
    for name in ("CRM", "BILLING", "SHOP"):
        source(name)
    yield
    assert breaches(tenant) == []


@pytest.fixture
def restarts(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """One entry for each time that a verb began again: the pause before, in seconds, which nobody makes."""
    told: list[object] = []
    monkeypatch.setattr(transactions, "sleep", told.append)
    return told


@pytest.fixture
def between(monkeypatch: pytest.MonkeyPatch) -> Callable[[Call], None]:
    """Has a call made, and committed, between the next reading of a post and its writing."""

    def once(call: Call) -> None:
        calls = [call]

        def later(*args: Any, **kwargs: Any) -> Identified:
            if calls:
                at_once([calls.pop()])
            return apply(*args, **kwargs)

        monkeypatch.setattr("matching.identify.apply", later)

    return once


def merge(tenant: Tenant, target: UUID, source_: UUID) -> Call:
    return partial(verdicts.merge, target_id=target, source_id=source_, tenant=tenant, by=BY)


def split(tenant: Tenant, customer: UUID, *aliases: int) -> Call:
    return partial(verdicts.split, customer_id=customer, aliases=aliases, tenant=tenant, by=BY)


def decide(verb: Callable[..., object], tenant: Tenant, done: Identified, pair: CandidatePair) -> Call:
    return partial(
        verb,
        customer_id=done.customer.pk,
        alias_id=done.contact.pk,
        candidate_id=pair.pk,
        tenant=tenant,
        by=BY,
    )


def owner(contact: Contact) -> UUID:
    return Contact.objects.live().get(pk=contact.pk).customer_id


def test_crossing_merges_leave_one_survivor(tenant: Tenant) -> None:
    one, other = post().customer.pk, post(OTTO, to="BILLING").customer.pk
    first, second = at_once([merge(tenant, one, other), merge(tenant, other, one)])
    refused = [each for each in (first, second) if isinstance(each, TargetNotFound | AlreadyMerged)]
    assert len(refused) == 1
    assert live_customers() == 1
    assert len(aliases_of(Customer.objects.live().get())) == 2


def test_a_crossing_merge_waits_and_is_refused(tenant: Tenant) -> None:
    one, other = post().customer.pk, post(OTTO, to="BILLING").customer.pk
    done = overlap(merge(tenant, one, other), merge(tenant, other, one))
    assert done.waited
    assert isinstance(done.second, TargetNotFound)


def test_a_post_to_a_customer_that_is_merged_away_ends_on_the_survivor(tenant: Tenant, restarts: list[object]) -> None:
    moved, survivor = post(), post(OTTO, to="BILLING")
    done = overlap(merge(tenant, survivor.customer.pk, moved.customer.pk), partial(post, to="SHOP"))
    assert done.waited
    assert len(restarts) == 1, "nobody is locked before the writing"
    assert done.second.outcome == "linked"
    assert owner(done.second.contact) == survivor.customer.pk


def test_a_link_to_a_customer_that_was_merged_away_since_it_was_read_begins_again(
    tenant: Tenant, restarts: list[object], between: Callable[[Call], None]
) -> None:
    moved, survivor = post(), post(OTTO, to="BILLING")
    between(merge(tenant, survivor.customer.pk, moved.customer.pk))
    done = post(to="SHOP")
    assert len(restarts) == 1
    assert (done.outcome, owner(done.contact)) == ("linked", survivor.customer.pk)


def test_a_link_to_a_customer_that_took_another_one_in_since_it_was_read_begins_again(
    tenant: Tenant, restarts: list[object], between: Callable[[Call], None]
) -> None:
    survivor, moved = post(), post(OTTO, to="BILLING")
    between(merge(tenant, survivor.customer.pk, moved.customer.pk))
    done = post(to="SHOP")
    assert len(restarts) == 1
    assert (done.outcome, done.customer.pk) == ("linked", survivor.customer.pk)
    assert done.customer.version == 3
    assert [held.id for member in done.members for held in member.contacts] == [survivor.contact.pk, moved.contact.pk]


def test_a_candidate_for_a_customer_that_was_deleted_since_it_was_read_is_not_filed(
    tenant: Tenant, restarts: list[object], between: Callable[[Call], None]
) -> None:
    first = post()
    between(partial(retire, first.customer.pk, tenant=tenant, by=BY))
    done = post(to="SHOP", email="somebody.else@example.com")
    assert len(restarts) == 1
    assert (done.outcome, list(done.candidates)) == ("created", [])
    assert not CandidatePair.objects.exists()


def test_a_candidate_for_a_customer_that_is_being_merged_away_goes_to_the_survivor(
    tenant: Tenant, restarts: list[object]
) -> None:
    moved, survivor = post(), post(OTTO, to="BILLING")
    newcomer = partial(post, to="SHOP", email="somebody.else@example.com")
    done = overlap(merge(tenant, survivor.customer.pk, moved.customer.pk), newcomer)
    assert done.waited
    assert len(restarts) == 1
    assert [pair.customer_id for pair in pending()] == [survivor.customer.pk]


def test_a_post_to_a_customer_known_by_name_that_is_merged_away_begins_again(
    tenant: Tenant, restarts: list[object]
) -> None:
    by_name = partial(post, email=None, phone=None)
    moved, survivor = by_name(), post(OTTO, to="BILLING")
    done = overlap(merge(tenant, survivor.customer.pk, moved.customer.pk), partial(by_name, to="SHOP"))
    assert done.waited
    assert len(restarts) == 1, "names lead to too many to lock them all beforehand"
    assert owner(done.second.contact) == survivor.customer.pk


def test_a_post_that_waits_for_a_survivor_holds_nobody_who_was_merged_into_it(tenant: Tenant) -> None:
    """Whoever holds the survivor by then may ask for the other one, and each would wait for the other."""
    moved, survivor = post().customer.pk, post(OTTO, to="BILLING").customer.pk
    holding, enough = Event(), Event()

    def keep() -> None:
        with transaction.atomic():
            lock_customers(tenant, [survivor])
            holding.set()
            enough.wait(2 * PATIENCE)

    with ThreadPoolExecutor(2) as pool:
        with transaction.atomic():
            merge(tenant, survivor, moved)()
            keeping = pool.submit(outcome, keep)
            until(lambda: waiting() == 1, "nobody waits for the survivor")
            posting = pool.submit(outcome, partial(post, to="SHOP"))
            until(lambda: waiting() == 2, "the post does not wait for the customer whose e-mail it has")
        try:
            # Where the post came to the survivor first, it waited for nobody.
            until(
                lambda: posting.done() or (holding.is_set() and waiting() == 1),
                "the post neither ended nor waits for the survivor",
            )
            until(lambda: posting.done() or is_free(moved), "the post holds one customer and waits for another")
        finally:
            enough.set()
        keeping.result()
        assert posting.result().customer_id == survivor


def is_free(customer: UUID) -> bool:
    try:
        with transaction.atomic():
            return Customer.objects.select_for_update(nowait=True, no_key=True).filter(pk=customer).exists()
    except OperationalError:
        return False


def test_a_merge_takes_the_contact_along_that_was_posted_meanwhile(tenant: Tenant) -> None:
    moved, survivor = post(), post(OTTO, to="BILLING")
    done = overlap(partial(post, to="SHOP"), merge(tenant, survivor.customer.pk, moved.customer.pk))
    assert done.waited
    assert {contact.customer_id for contact in Contact.objects.live()} == {survivor.customer.pk}
    assert Merge.objects.get().contacts == [moved.contact.pk, done.first.contact.pk]


def test_a_post_to_a_customer_that_is_split_sees_both_halves(tenant: Tenant, restarts: list[object]) -> None:
    first, second = post(), post(to="BILLING")
    done = overlap(split(tenant, first.customer.pk, second.contact.pk), partial(post, to="SHOP"))
    assert done.waited
    assert len(restarts) == 1
    assert done.second.outcome == "created", "two customers fit it equally well"
    assert {pair.against_id for pair in pending()} == {first.contact.pk, second.contact.pk}


def test_a_split_leaves_the_contact_that_was_posted_meanwhile_where_it_is(tenant: Tenant) -> None:
    first, second = post(), post(to="BILLING")
    done = overlap(partial(post, to="SHOP"), split(tenant, first.customer.pk, second.contact.pk))
    assert done.waited
    assert owner(done.first.contact) == first.customer.pk
    assert owner(second.contact) != first.customer.pk


def test_undoing_waits_for_the_merge_of_the_survivor_and_is_refused(tenant: Tenant) -> None:
    one, other, third = (post(OTTO, key=str(n), email=f"{n}@x.org", phone=f"+1312555010{n}") for n in range(3))
    merge(tenant, one.customer.pk, other.customer.pk)()
    undo = partial(verdicts.undo_merge, Merge.objects.get().pk, tenant=tenant, by=BY)
    done = overlap(merge(tenant, third.customer.pk, one.customer.pk), undo)
    assert done.waited
    assert isinstance(done.second, NotTheLatest)
    assert live_customers() == 1


def test_merging_on_waits_for_the_undo_and_takes_what_is_left(tenant: Tenant) -> None:
    one, other, third = (post(OTTO, key=str(n), email=f"{n}@x.org", phone=f"+1312555010{n}") for n in range(3))
    merge(tenant, one.customer.pk, other.customer.pk)()
    undo = partial(verdicts.undo_merge, Merge.objects.get().pk, tenant=tenant, by=BY)
    done = overlap(undo, merge(tenant, third.customer.pk, one.customer.pk))
    assert done.waited
    assert owner(one.contact) == third.customer.pk
    assert owner(other.contact) == other.customer.pk


def test_a_merge_undone_twice_at_once_is_undone_once(tenant: Tenant) -> None:
    one, other = post(), post(OTTO, to="BILLING")
    merge(tenant, one.customer.pk, other.customer.pk)()
    undo = partial(verdicts.undo_merge, Merge.objects.get().pk, tenant=tenant, by=BY)
    outcomes = [type(each).__name__ for each in at_once([undo] * 4)]
    assert sorted(outcomes) == ["AlreadyUndone"] * 3 + ["Merge"]


def test_a_post_to_a_customer_that_is_deleted_makes_a_new_one(tenant: Tenant, restarts: list[object]) -> None:
    first = post()
    done = overlap(partial(retire, first.customer.pk, tenant=tenant, by=BY), post)
    assert done.waited
    assert len(restarts) == 1
    assert done.second.outcome == "created"
    assert live_customers() == 1


def test_a_delete_takes_the_contact_along_that_was_posted_meanwhile(tenant: Tenant) -> None:
    first = post()
    done = overlap(partial(post, to="SHOP"), partial(retire, first.customer.pk, tenant=tenant, by=BY))
    assert done.waited
    assert not Contact.objects.live().exists()


def test_a_post_waits_for_the_correction_that_gives_somebody_its_e_mail(tenant: Tenant) -> None:
    first = post(phone=None, address=None)
    correct = partial(put, first.customer.pk, email="new@example.org")
    done = overlap(correct, partial(post, to="SHOP", email="new@example.org", phone=None, address=None))
    assert done.waited
    assert (done.second.outcome, owner(done.second.contact)) == ("linked", first.customer.pk)


def test_a_correction_to_an_e_mail_that_is_posted_meanwhile_files_the_pair(tenant: Tenant) -> None:
    first = post(phone=None, address=None)
    newcomer = partial(post, to="SHOP", email="new@example.org", phone=None, address=None)
    done = overlap(newcomer, partial(put, first.customer.pk, email="new@example.org"))
    assert done.waited
    assert {(pair.contact_id, pair.customer_id) for pair in pending()} >= {
        (first.contact.pk, done.first.customer.pk),
    }


def candidates(tenant: Tenant) -> tuple[Identified, list[CandidatePair]]:
    """A record with two customers that it may be of."""
    post()
    post(to="BILLING", email="other@example.com")
    third = post(to="SHOP", email="third@example.com")
    return third, [pair for pair in pending() if pair.contact_id == third.contact.pk]


def test_two_candidates_approved_at_once_are_one_approval(tenant: Tenant) -> None:
    third, pairs = candidates(tenant)
    outcomes = at_once([decide(verdicts.approve, tenant, third, pair) for pair in pairs])
    refused = [each for each in outcomes if isinstance(each, CandidateAlreadyReviewed | CustomerNotFound)]
    assert len(refused) == 1
    assert live_customers() == 2


def test_a_candidate_rejected_while_it_is_approved_stays_approved(tenant: Tenant) -> None:
    third, (pair, _) = candidates(tenant)
    done = overlap(decide(verdicts.approve, tenant, third, pair), decide(verdicts.reject, tenant, third, pair))
    assert done.waited
    assert isinstance(done.second, CustomerNotFound), "its customer was merged away by the approval"
    assert CandidatePair.objects.get(pk=pair.pk).status == "approved"


def test_a_candidate_approved_while_it_is_rejected_stays_rejected(tenant: Tenant) -> None:
    third, (pair, _) = candidates(tenant)
    done = overlap(decide(verdicts.reject, tenant, third, pair), decide(verdicts.approve, tenant, third, pair))
    assert done.waited
    assert isinstance(done.second, CandidateAlreadyReviewed)
    assert live_customers() == 3


def test_a_candidate_decided_while_its_record_is_deleted_is_not_found(tenant: Tenant) -> None:
    third, (pair, _) = candidates(tenant)
    delete = partial(retire, third.customer.pk, tenant=tenant, by=BY)
    done = overlap(delete, decide(verdicts.reject, tenant, third, pair))
    assert done.waited
    assert isinstance(done.second, CustomerNotFound | AliasNotFound)
    assert CandidatePair.objects.get(pk=pair.pk).status == "withdrawn"


def test_an_approval_waits_for_the_merge_of_another_candidate_of_its_record(tenant: Tenant) -> None:
    """It rejects that other candidate, so it must not overwrite what the merge makes of it."""
    third, (one, other) = candidates(tenant)
    elsewhere = post(OTTO, key="9")
    swallow = merge(tenant, elsewhere.customer.pk, other.customer_id)
    done = overlap(swallow, decide(verdicts.approve, tenant, third, one))
    assert done.waited
    assert CandidatePair.objects.get(pk=other.pk).customer_id == elsewhere.customer.pk
    verdicts.undo_merge(Merge.objects.latest("id").pk, tenant=tenant, by=BY)
    assert {pair.customer_id for pair in pending()} >= {elsewhere.customer.pk, one.customer_id}


def test_merging_two_customers_twice_at_once_merges_them_once(tenant: Tenant) -> None:
    one, other = post().customer.pk, post(OTTO, to="BILLING").customer.pk
    outcomes = at_once([merge(tenant, one, other)] * 6)
    assert sum(isinstance(each, AlreadyMerged | SourceNotFound) for each in outcomes) == 5
    assert Merge.objects.count() == 1

"""Cases that have gone wrong in other registries, each by its name."""

from uuid import UUID

import pytest

from contacts.models import Customer
from matching.identify import Identified
from matching.merging import AlreadyMerged
from matching.models import CandidatePair, Constraint, Merge
from matching.revising import retire
from matching.splitting import CustomerNotFound
from review import verdicts
from review.verdicts import AliasNotFound, CandidateAlreadyReviewed, CandidateCustomerGone, CandidateNotFound
from tests.registry import SYLVIA, aliases_of, default_tenant, live_customers, pending, post, put

pytestmark = pytest.mark.django_db


def near_misses() -> tuple[Identified, Identified]:
    """Two customers that differ in their e-mail only, with one candidate between them."""
    return post(), post(to="BILLING", email="other@example.com")


def approve(done: Identified, pair: CandidatePair, *, on: UUID | None = None) -> Customer:
    return verdicts.approve(
        customer_id=on or done.customer.pk,
        alias_id=done.contact.pk,
        candidate_id=pair.pk,
        tenant=default_tenant(),
        by="steward",
    )


def reject(done: Identified, pair: CandidatePair, *, on: UUID | None = None) -> CandidatePair:
    return verdicts.reject(
        customer_id=on or done.customer.pk,
        alias_id=done.contact.pk,
        candidate_id=pair.pk,
        tenant=default_tenant(),
        by="steward",
    )


def merge(target: UUID, source: UUID) -> Customer:
    return verdicts.merge(target_id=target, source_id=source, tenant=default_tenant(), by="steward")


def split(customer: UUID, *aliases: int) -> tuple[Customer, Customer]:
    kept, new, _ = verdicts.split(customer_id=customer, aliases=aliases, tenant=default_tenant(), by="steward")
    return kept, new


def test_a_record_that_matches_two_customers_once_split_apart_joins_neither() -> None:
    first, second = post(), post(to="BILLING")
    kept, new = split(first.customer.pk, second.contact.pk)
    third = post(to="SHOP")
    assert third.outcome == "created"
    assert {pair.customer_id for pair in third.candidates} == {kept.pk, new.pk}
    assert live_customers() == 3


def test_approving_one_of_two_split_customers_leaves_the_other_apart() -> None:
    first, second = post(), post(to="BILLING")
    kept, new = split(first.customer.pk, second.contact.pk)
    third = post(to="SHOP")
    survivor = approve(third, next(pair for pair in third.candidates if pair.customer_id == kept.pk))
    assert survivor.pk == kept.pk
    assert {c.pk for c in Customer.objects.live()} == {kept.pk, new.pk}
    assert Constraint.objects.filter(kind="not_same", lifted_at=None).count() == 1


def test_a_chain_does_not_glue_its_ends_together() -> None:
    # A ~ B share a phone, B ~ C share an e-mail; A and C share neither.
    a = post(email="a@example.org", phone="+12148675301")
    b = post(to="BILLING", email="c@example.org", phone="+12148675301")
    c = post(to="SHOP", email="c@example.org", phone="+12148675303")
    assert live_customers() == 3
    assert {(p.contact_id, p.customer_id) for p in pending()} == {
        (b.contact.pk, a.customer.pk),
        (c.contact.pk, b.customer.pk),
    }


def test_approving_a_second_candidate_after_the_first_is_refused() -> None:
    first, second = near_misses()
    third = post(to="SHOP", email="third@example.com")
    to_first, to_second = sorted(third.candidates, key=lambda pair: pair.customer_id)
    survivor = approve(third, to_first)
    with pytest.raises(CandidateAlreadyReviewed, match="Candidate already rejected"):
        approve(third, to_second, on=survivor.pk)
    assert {c.pk for c in Customer.objects.live()} == {first.customer.pk, second.customer.pk}


def test_rejecting_the_second_after_approving_the_first_is_refused_too() -> None:
    near_misses()
    third = post(to="SHOP", email="third@example.com")
    to_first, to_second = third.candidates
    survivor = approve(third, to_first)
    with pytest.raises(CandidateAlreadyReviewed, match="Candidate already rejected"):
        reject(third, to_second, on=survivor.pk)


def test_a_decided_candidate_is_not_found_on_the_customer_that_was_merged_away() -> None:
    _, second = near_misses()
    pair = pending()[0]
    approve(second, pair)
    with pytest.raises(CustomerNotFound):
        approve(second, pair)


def test_approving_follows_a_candidate_that_was_merged_since() -> None:
    first, second = near_misses()
    elsewhere = post(to="SHOP", email="x@example.net", phone="+12148675999", first_name="Otto")
    merge(elsewhere.customer.pk, first.customer.pk)
    assert approve(second, pending()[0]).pk == elsewhere.customer.pk
    assert live_customers() == 1
    assert len(aliases_of(elsewhere.customer)) == 3


def test_approving_a_candidate_that_was_deleted_since_is_refused_as_it_was_withdrawn() -> None:
    first, second = near_misses()
    [pair] = pending()
    retire(first.customer.pk, tenant=default_tenant(), by="steward")
    with pytest.raises(CandidateCustomerGone, match="Candidate customer no longer exists"):
        approve(second, pair)
    pair.refresh_from_db()
    assert (pair.status, pair.reviewed_by) == ("withdrawn", "steward")


def test_a_candidate_follows_the_contact_it_was_filed_against_through_a_split() -> None:
    first = post()
    otto = post(to="SHOP", first_name="Otto", last_name="Zimmermann", email="o@example.net", phone="+12148675999")
    merge(otto.customer.pk, first.customer.pk)
    second = post(to="BILLING", email="other@example.com")
    assert [pair.against_id for pair in pending()] == [first.contact.pk]
    _, new = split(otto.customer.pk, first.contact.pk)
    assert approve(second, pending()[0]).pk == new.pk


def test_a_contact_that_was_split_off_takes_its_candidates_along() -> None:
    first, second = near_misses()
    otto = post(to="SHOP", first_name="Otto", last_name="Zimmermann", email="o@example.net", phone="+12148675999")
    merge(otto.customer.pk, second.customer.pk)
    _, new = split(otto.customer.pk, second.contact.pk)
    with pytest.raises(AliasNotFound):
        approve(second, pending()[0], on=otto.customer.pk)
    assert approve(second, pending()[0], on=new.pk).pk == first.customer.pk


def test_two_contacts_with_different_strong_identifiers_but_one_mailbox_stay_apart() -> None:
    mother = post()
    son = post(to="BILLING", first_name="Kevin", phone="+12148675301")
    assert son.outcome == "created"
    assert mother.customer.pk != son.customer.pk


def test_a_deleted_customers_key_can_be_posted_again() -> None:
    first = post()
    retire(first.customer.pk, tenant=default_tenant(), by="steward")
    again = post()
    assert again.outcome == "created"
    assert again.customer.pk != first.customer.pk
    assert not again.candidates


def test_two_merges_in_a_row_work() -> None:
    ids = [post(to="CRM", key=str(n), email=f"{n}@example.org", phone=f"+1214867530{n}").customer.pk for n in range(3)]
    merge(ids[0], ids[1])
    survivor = merge(ids[0], ids[2])
    assert len(aliases_of(survivor)) == 3
    with pytest.raises(AlreadyMerged):
        merge(ids[0], ids[2])


def test_merging_a_survivor_on_leaves_every_redirect_one_hop_long() -> None:
    ids = [post(to="CRM", key=str(n), email=f"{n}@example.org", phone=f"+1214867530{n}").customer.pk for n in range(3)]
    merge(ids[1], ids[0])
    merge(ids[2], ids[1])
    assert set(Customer.objects.exclude(merged_into=None).values_list("merged_into", flat=True)) == {ids[2]}


def test_constructor_is_a_first_name_like_any_other() -> None:
    done = post(first_name="constructor")
    assert done.customer.first_name == "constructor"
    assert post(to="BILLING", first_name="constructor").outcome == "linked"


def test_a_rejected_pair_is_not_proposed_again() -> None:
    first, second = near_misses()
    reject(second, pending()[0])
    # The same person as the second, from elsewhere, fits the first as little as the second did.
    third = post(to="SHOP", email="other@example.com")
    assert (third.outcome, third.customer.pk) == ("linked", second.customer.pk)
    put(second.customer.pk, by_source="BILLING", address={"city": "Plano"})
    assert pending() == []
    assert first.customer.pk != second.customer.pk


def test_an_undone_merge_is_not_redone_by_the_machine() -> None:
    first, second = near_misses()
    approve(second, pending()[0])
    verdicts.undo_merge(Merge.objects.get().pk, tenant=default_tenant(), by="steward")
    assert live_customers() == 2
    # Both sources say all they said once more, now with one e-mail: a person said they are two.
    assert post(to="BILLING").outcome == "updated"
    post()
    assert live_customers() == 2
    assert first.customer.pk != second.customer.pk


def test_undoing_an_approval_puts_the_candidate_back_into_the_queue() -> None:
    _, second = near_misses()
    pair = pending()[0]
    approve(second, pair)
    verdicts.undo_merge(Merge.objects.get().pk, tenant=default_tenant(), by="steward")
    assert [p.pk for p in pending()] == [pair.pk]
    approve(second, pair)
    assert live_customers() == 1


def test_a_candidate_of_nobody_is_not_found() -> None:
    first, _ = near_misses()
    with pytest.raises(CandidateNotFound):
        approve(first, pending()[0])


def test_a_source_that_posts_a_familiar_record_beside_a_duplicate_links_and_files_the_duplicate() -> None:
    first = post(address=None)
    duplicate = post(to="SHOP", phone="+12148675301", address=None)
    assert duplicate.outcome == "created"
    done = post(to="BILLING", address=None)
    assert done.customer.pk == first.customer.pk
    assert len(pending()) == 1, "the pair of customers is proposed already"
    assert done.candidates == []
    assert SYLVIA["email"] == done.customer.email

"""Three tiers: linked, created with candidates, created."""

from typing import Any

import pytest
from django.db.models import QuerySet

from contacts.models import Change, Contact, Event
from matching import pinning
from matching.identify import SourceKeyCollision
from tests.registry import SYLVIA, aliases_of, default_tenant, live_customers, pending, post

pytestmark = pytest.mark.django_db


def test_it_creates_a_customer_for_somebody_new() -> None:
    done = post()
    assert done.outcome == "created"
    assert done.customer.first_name == "Sylvia"
    assert done.contact.match_confidence is None
    assert [e.kind for e in Event.objects.all()] == ["created"]
    assert not Change.objects.exists()


def test_it_links_the_same_person_from_another_source_and_says_why() -> None:
    first = post()
    done = post(to="BILLING", phone="(214) 867-5309", email="SYLVIA.abernathy@example.org")
    assert (done.outcome, done.customer.pk) == ("linked", first.customer.pk)
    assert done.contact.match_confidence == 1.0
    assert done.contact.match_model == 1
    assert done.contact.match_evidence is not None
    assert done.contact.match_evidence["fields"][0]["field"] == "first_name"
    assert Change.objects.get().delta["aliases"] == {
        "action": "added",
        "source_system": "BILLING",
        "source_key": "1",
    }


def test_a_correction_leaves_what_it_does_not_say() -> None:
    """Why the record was linked, when and by whom, and what a person pinned."""
    customer = post().customer.pk
    linked = Contact.objects.filter(pk=post(to="BILLING").contact.pk)
    alias = linked.get().pk
    pinning.pin(customer, field="phone", alias_id=alias, reason="seen", tenant=default_tenant(), by="steward")
    before = row_of(linked)
    done = post(to="BILLING", address={**SYLVIA["address"], "city": "Fort Worth"})  # type: ignore[dict-item]
    after = row_of(linked)
    assert done.outcome == "updated"
    assert before["match_evidence"]
    assert before["pins"]
    changed = {name for name, value in before.items() if value != after[name]}
    assert changed == {"city", "original_payload", "updated_by", "updated_at"}


def row_of(contact: QuerySet[Contact]) -> dict[str, Any]:
    (row,) = contact.values()
    return dict(row)


def test_it_files_a_near_miss_for_review() -> None:
    first = post()
    done = post(to="BILLING", email="other@example.com")
    assert done.outcome == "created"
    pair = pending()[0]
    assert (pair.contact_id, pair.customer_id) == (done.contact.pk, first.customer.pk)
    assert pair.confidence == pytest.approx(0.7454, abs=1e-4)
    assert pair.search_tokens == ["ph:+12148675309"]
    assert pair.against_id == first.contact.pk


def test_it_updates_the_record_of_a_known_key() -> None:
    first = post()
    done = post(address={"street": "12 Oak Avenue", "city": "Fort Worth", "state": "TX", "zip": "75201"})
    assert (done.outcome, done.customer.pk) == ("updated", first.customer.pk)
    assert done.customer.city == "Fort Worth"
    assert len(aliases_of(done.customer)) == 1
    assert Change.objects.get().delta == {
        "aliases": {"action": "updated", "source_system": "CRM", "source_key": "1"},
        "address.city": {"from": "Dallas", "to": "Fort Worth"},
    }


def test_it_writes_nothing_when_the_same_request_comes_again() -> None:
    post()
    events = Event.objects.count()
    assert post().outcome == "updated"
    assert Event.objects.count() == events
    assert not Change.objects.exists()


def test_it_refuses_a_key_held_by_somebody_else() -> None:
    first = post()
    with pytest.raises(SourceKeyCollision) as refused:
        post(first_name="Otto", last_name="Zimmermann", email="otto@example.net", phone="+13125550100", address=None)
    assert refused.value.customer_id == first.customer.pk
    assert live_customers() == 1


def test_it_links_to_neither_of_two_equally_good_customers() -> None:
    one = post(phone=None)
    other = post(to="BILLING", phone=None, address=None, email="else@example.com")
    assert other.outcome == "created"
    # A bare twin of both: same names, nothing that tells the two apart.
    done = post(to="SHOP", email=None, phone=None, address=None)
    assert done.outcome == "created"
    assert live_customers() == 3
    assert one.customer.pk != other.customer.pk


def test_a_name_alone_identifies_nobody() -> None:
    bare = {"first_name": "Sylvia", "last_name": "Abernathy"}
    first = post(bare)
    done = post(bare, to="BILLING")
    assert done.outcome == "created"
    assert done.customer.pk != first.customer.pk
    assert [pair.confidence for pair in pending()] == [1.0]

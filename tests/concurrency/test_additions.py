"""Something new of somebody known at the checkout is added by one trip, which asks again under the locks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from contacts.models import Change, Contact, Customer, Event
from contacts.record import Facts, Record
from matching import checkout
from matching.checkout import check_out
from matching.locks import lock_customers
from matching.lookups import LookupDefinition, create_lookup
from matching.models import LookupKey, MatchKey
from matching.revising import retire
from sources.models import SourceSystem, Tenant
from tests.concurrency.checkouts import meanwhile
from tests.concurrency.threads import at_once, overlap
from tests.registry import Bought, aliases_of, buy, live_customers, post, source

pytestmark = pytest.mark.django_db(transaction=True)

MAIL, OLD, NEW = "ada@x.org", "5550001", "5550002"


@pytest.fixture
def ada(tenant: Tenant) -> Customer:
    """She came before, behind somebody else."""
    buy(email="first@x.org")
    return buy(email=MAIL, phone=OLD).customer


def again(phone: str = NEW) -> Bought:
    return buy(email=MAIL, phone=phone)


def the_longer_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkout, "add_if_unchanged", lambda *_, **__: None)


def messages(said: Facts, tenant: Tenant) -> int:
    record, storefront = Record(said, {}, "storefront"), source("storefront")
    with CaptureQueriesContext(connection) as queries:
        check_out(record, source=storefront, tenant=tenant, by="tester")
    return len([each for each in queries if each["sql"] not in ("BEGIN", "COMMIT")])


def stored(customer: Customer) -> list[Any]:
    """All there is of a customer with two contacts, with what differs from one to another left out."""
    rows: list[Any] = [
        Customer.objects.filter(pk=customer.pk).values().get(),
        *Contact.objects.filter(customer=customer).order_by("pk").values(),
        *Change.objects.filter(customer=customer).values(),
        *Event.objects.filter(customer_id=customer.pk).order_by("pk").values(),
    ]
    first, second = (contact.pk for contact in aliases_of(customer))
    assert first < second
    told = rows[-1].pop("body")
    assert told == {
        "contact": second,
        "before": {str(customer.pk): [first]},
        "after": {str(customer.pk): [first, second]},
    }
    own = {"id", "customer_id", "created_at", "updated_at", "added_at", "changed_at", "at", "body"}
    return [{name: value for name, value in row.items() if name not in own} for row in rows]


def test_an_addition_takes_one_trip_behind_the_reading(ada: Customer, tenant: Tenant) -> None:
    assert messages(Facts(email=MAIL, phone=NEW), tenant) == 2


def test_it_writes_what_the_longer_way_writes(ada: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    done = again()
    quick = stored(ada)
    assert (done.outcome, quick[0]["version"], quick[0]["phone"]) == ("linked", 2, NEW)
    retire(ada.pk, tenant=ada.tenant, by="tester")
    other = again(OLD).customer
    the_longer_way(monkeypatch)
    again()
    assert stored(other) == quick


def test_who_came_with_the_new_value_meanwhile_is_the_same_customer(
    ada: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    meanwhile(monkeypatch, lambda: buy(email="b@x.org", phone=NEW))
    assert again().outcome == "merged"
    assert live_customers() == 2


def test_who_came_with_the_new_mail_meanwhile_is_the_same_customer(
    ada: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    meanwhile(monkeypatch, lambda: buy(email="new@x.org", phone="5550009"))
    assert buy(email="new@x.org", phone=OLD).outcome == "merged"
    assert live_customers() == 2


def test_what_the_customer_was_told_meanwhile_is_not_lost(ada: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    meanwhile(monkeypatch, lambda: again("5550003"))
    done = again()
    assert done.customer.version == 3
    assert [contact.phone for contact in aliases_of(ada)] == [OLD, "5550003", NEW]
    assert len(done.members[0].contacts) == 2


def test_what_was_added_meanwhile_is_not_added_again(ada: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    meanwhile(monkeypatch, again)
    assert again().outcome == "found"
    assert len(aliases_of(ada)) == 2


def test_who_was_merged_away_meanwhile_is_found_in_the_survivor(ada: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    meanwhile(monkeypatch, lambda: buy(email="first@x.org", phone=OLD))
    assert again().outcome == "linked"
    assert live_customers() == 1


def test_who_was_deleted_meanwhile_is_somebody_new(ada: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    meanwhile(monkeypatch, lambda: retire(ada.pk, tenant=ada.tenant, by="tester"))
    assert again().outcome == "created"


def test_the_keys_of_a_lookup_made_meanwhile_are_stored(
    ada: Customer, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailbox = LookupDefinition("Mailbox", ["EmailAddress"], "unique")
    meanwhile(monkeypatch, lambda: create_lookup(mailbox, tenant=tenant, by="tester"))
    again()
    assert LookupKey.objects.get().customer_id == ada.pk


def test_who_has_a_name_goes_the_longer_way(tenant: Tenant) -> None:
    """It is stored under the keys of its name."""
    buy(email="first@x.org")
    named = post(address=None)
    done = buy(email="sylvia.abernathy@example.org", phone=NEW)
    assert (done.outcome, done.customer_id) == ("linked", named.customer_id)
    assert messages(Facts(email="sylvia.abernathy@example.org", phone="5550007"), tenant) > 2
    assert not MatchKey.objects.exclude(customer=named.customer_id).exists()


def test_who_is_about_to_add_the_same_is_waited_for(ada: Customer) -> None:
    both = overlap(again, again)
    assert both.waited
    assert (both.first.outcome, both.second.outcome) == ("linked", "found")


def test_who_is_about_to_come_with_the_new_value_is_waited_for(ada: Customer) -> None:
    both = overlap(lambda: buy(email="b@x.org", phone=NEW), again)
    assert both.waited
    assert (both.first.outcome, both.second.outcome) == ("created", "merged")


def test_who_holds_the_customer_is_waited_for(ada: Customer, tenant: Tenant) -> None:
    both = overlap(lambda: lock_customers(tenant, [ada.pk]), again)
    assert both.waited
    assert (both.second.outcome, ada_now(ada).version) == ("linked", 2)


def test_what_its_holder_does_to_the_customer_counts(ada: Customer, tenant: Tenant) -> None:
    """It has no lock of the e-mail or the phone."""
    both = overlap(lambda: retire(ada.pk, tenant=tenant, by="tester"), again)
    assert both.waited
    assert both.second.outcome == "created"
    assert Contact.objects.filter(customer=ada).count() == 1


def ada_now(ada: Customer) -> Customer:
    return Customer.objects.get(pk=ada.pk)


def _stays_pinned(contact: Contact) -> None:
    """A person said that the first phone stands."""
    contact.pins = {"phone": {"value": OLD, "by": "steward", "at": "2026-01-01T00:00:00+00:00", "reason": ""}}
    contact.save()


def _is_the_truth(contact: Contact) -> None:
    contact.source_of_truth = True
    contact.save()


@pytest.mark.parametrize("stands", [_stays_pinned, _is_the_truth])
def test_what_stands_of_the_customer_is_no_phone_of_a_shop(ada: Customer, stands: Callable[[Contact], None]) -> None:
    stands(aliases_of(ada)[0])
    again()
    assert ada_now(ada).phone == OLD


@pytest.mark.parametrize(
    "more",
    [
        {"source_key": "7"},
        {"source_of_truth": True},
        {"effective_date": datetime(2026, 1, 1, tzinfo=UTC)},
        {"facts": Facts(email=MAIL, phone=NEW, city="Paris")},
        {"facts": Facts(email=MAIL, phone=NEW, attributes={"FacebookId": "ada"})},
    ],
)
def test_what_says_more_goes_the_longer_way(ada: Customer, tenant: Tenant, more: dict[str, Any]) -> None:
    said = {"facts": Facts(email=MAIL, phone=NEW), "original_payload": {}, "source_system": "storefront", **more}
    record = Record(**said)
    done = check_out(record, source=source("storefront"), tenant=tenant, by="tester")
    stored = aliases_of(ada)[1]
    assert done.added is not None
    assert done.added.id == stored.pk
    assert {name: getattr(stored, name) for name in more} == more


def test_what_breaks_leaves_nothing(ada: Customer, tenant: Tenant) -> None:
    """A foreign key shows at the commit, behind all that was written."""
    before = stored_of(ada)
    gone = SourceSystem(pk=10**9, tenant=tenant, name="gone")
    record = Record(Facts(email=MAIL, phone=NEW), original_payload={}, source_system="gone")
    with pytest.raises(IntegrityError):
        check_out(record, source=gone, tenant=tenant, by="tester")
    assert stored_of(ada) == before


def stored_of(ada: Customer) -> tuple[object, ...]:
    told = (table.objects.filter(customer_id=ada.pk).count() for table in (Contact, Change, Event))
    return ada_now(ada).version, ada_now(ada).phone, *told


def test_as_a_part_of_another_transaction_it_is_undone_with_it(ada: Customer) -> None:
    with transaction.atomic():
        assert again().outcome == "linked"
        transaction.set_rollback(True)
    assert len(aliases_of(ada)) == 1


def test_twelve_additions_at_once_are_all_there_in_order(ada: Customer) -> None:
    done = at_once([partial(again, f"55510{n:02}") for n in range(12)])
    assert {each.outcome for each in done} == {"linked"}
    held = aliases_of(ada)
    assert len(held) == 13
    assert sorted(held, key=lambda contact: contact.added_at)[0].phone == OLD
    bodies = [event.body for event in Event.objects.filter(customer_id=ada.pk).order_by("pk")]
    assert [len(body["after"][str(ada.pk)]) for body in bodies] == list(range(1, 14))
    assert all(body["contact"] == max(body["after"][str(ada.pk)]) for body in bodies)
    assert Customer.objects.get(pk=ada.pk).version == 13

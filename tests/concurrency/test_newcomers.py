"""Somebody whom nobody knew when it was asked without locks is created by one trip, which asks again under them."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from contacts.models import Contact, Customer, Event
from contacts.record import Facts, Record
from matching import checkout, lookup_index
from matching.checkout import check_out
from matching.lookups import LookupDefinition, create_lookup, remove_lookup
from matching.models import LookupKey, MatchKey
from sources.models import SourceSystem, Tenant
from tests.concurrency.checkouts import meanwhile
from tests.concurrency.threads import at_once, overlap
from tests.registry import Bought, buy, live_customers, source

pytestmark = pytest.mark.django_db(transaction=True)

ADA = Facts(email="ada@x.org", phone="5550001")
# Messages that the longer way takes to the database, with those that begin and end its transaction.
LONGER = 5


@pytest.fixture(autouse=True)
def _somebody_came_before(tenant: Tenant) -> None:
    """So that the lookups are remembered, and a lookup that stores keys is known to be one."""
    buy(email="first@x.org")


def come(said: Facts) -> Bought:
    return buy(email=said.email, phone=said.phone)


def messages(said: Facts, tenant: Tenant, key: str | None = None) -> int:
    """How many a checkout of somebody new takes."""
    record, storefront = Record(said, {}, "storefront", source_key=key), source("storefront")
    with CaptureQueriesContext(connection) as queries:
        assert check_out(record, source=storefront, tenant=tenant, by="tester").outcome == "created"
    return len(queries)


def rows(done: Bought) -> list[dict[str, Any]]:
    """All that is stored of a newcomer, without what is another one's in another's."""
    own: dict[type[Model], tuple[str, ...]] = {
        Customer: ("id", "created_at"),
        Contact: ("id", "customer_id", "added_at"),
        Event: ("id", "customer_id", "at", "body"),
    }
    said = []
    for table, differing in own.items():
        named = "id" if table is Customer else "customer_id"
        (row,) = table._default_manager.filter(**{named: done.customer_id}).values()
        said.append({name: value for name, value in row.items() if name not in differing})
    return said


def test_a_newcomer_takes_one_trip_behind_the_reading(tenant: Tenant) -> None:
    assert messages(ADA, tenant) == 2


@pytest.mark.parametrize("said", [ADA, Facts(email="ada@x.org"), Facts(phone="5550001"), Facts(email="a\"\\'b@x.org")])
def test_it_writes_what_the_longer_way_writes(said: Facts, monkeypatch: pytest.MonkeyPatch) -> None:
    quick = come(said)
    stored = rows(quick)
    assert (stored[1]["email"], stored[1]["phone"]) == (said.email, said.phone)
    Contact.objects.filter(customer=quick.customer_id).update(deleted_at="2026-01-01T00:00Z")
    monkeypatch.setattr(checkout, "create_if_still_unknown", lambda *_, **__: None)
    slow = come(said)
    assert stored[0] == rows(slow)[0]
    assert stored[1:] == rows(slow)[1:]
    assert told(quick) == told(slow)


def told(done: Bought) -> tuple[object, ...]:
    """Of the event, that it names the contact; of the answer, what it says of the rows."""
    contact, customer = done.contact, str(done.customer_id)
    body = Event.objects.get(customer_id=done.customer_id).body
    assert body == {"contact": contact.pk, "before": {}, "after": {customer: [contact.pk]}}
    assert (contact.customer_id, contact.added_at) == (done.customer_id, done.customer.created_at)
    assert done.added == (contact.pk, contact.email, contact.phone, contact.original_payload)
    return done.outcome, list(done.members), list(done.candidates)


@pytest.mark.parametrize("shared", [ADA, Facts(email="ada@x.org"), Facts(phone="5550001")])
def test_who_came_with_the_same_value_meanwhile_is_found(shared: Facts, monkeypatch: pytest.MonkeyPatch) -> None:
    meanwhile(monkeypatch, lambda: come(shared))
    assert come(ADA).outcome == ("found" if shared == ADA else "linked")
    assert live_customers() == 2


def test_who_is_about_to_come_with_the_same_value_is_waited_for_and_found() -> None:
    both = overlap(lambda: come(ADA), lambda: come(ADA._replace(phone="5550002")))
    assert both.waited
    assert (both.first.outcome, both.second.outcome) == ("created", "linked")
    assert both.second.contact.pk > both.first.contact.pk


def test_the_longer_way_waits_for_it_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """It holds the same locks."""

    def slowly() -> Bought:
        monkeypatch.setattr(checkout, "create_if_still_unknown", lambda *_, **__: None)
        return come(ADA)

    both = overlap(partial(come, ADA), slowly)
    assert both.waited
    assert (both.first.outcome, both.second.outcome) == ("created", "found")


def test_thirty_newcomers_of_ten_values_are_ten_customers() -> None:
    at_once([partial(buy, email=f"{n % 10}@x.org", phone=f"555000{n % 10}") for n in range(30)])
    assert live_customers() == 11
    assert Contact.objects.count() == 11


def test_the_keys_of_a_lookup_made_meanwhile_are_stored(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    mailbox = LookupDefinition("Mailbox", ["EmailAddress"], "unique")
    meanwhile(monkeypatch, lambda: create_lookup(mailbox, tenant=tenant, by="tester"))
    done = come(ADA)
    assert LookupKey.objects.get().customer_id == done.customer_id


def test_a_lookup_removed_meanwhile_is_no_hindrance(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    mailbox = LookupDefinition("Mailbox", ["EmailAddress"], "unique")
    create_lookup(mailbox, tenant=tenant, by="tester")
    buy(email="second@x.org")
    meanwhile(monkeypatch, lambda: remove_lookup("Mailbox", tenant=tenant, by="tester"))
    come(ADA)
    assert LookupKey.objects.count() == 1


def test_a_newcomer_with_keys_goes_the_longer_way(tenant: Tenant) -> None:
    create_lookup(LookupDefinition("Mailbox", ["EmailAddress"], "unique"), tenant=tenant, by="tester")
    buy(email="second@x.org")
    done = come(ADA)
    assert set(LookupKey.objects.values_list("customer_id", "held")) >= {(done.customer_id, True)}
    assert LookupKey.objects.count() == 2


def test_who_has_a_name_goes_the_longer_way(tenant: Tenant) -> None:
    """It is stored under the keys of its name."""
    facts = Facts(first_name="Ada", last_name="Byron")
    record = Record(facts, original_payload={}, source_system="storefront")
    done = check_out(record, source=source("storefront"), tenant=tenant, by="tester")
    assert MatchKey.objects.filter(customer=done.customer_id).exists()


def test_what_has_a_source_key_goes_the_longer_way(tenant: Tenant) -> None:
    """Others may have it."""
    assert messages(ADA, tenant, key="1") == LONGER


def test_who_shares_what_identifies_nobody_goes_the_longer_way_at_once(tenant: Tenant) -> None:
    Tenant.objects.update(blocked_values=[ADA.phone])
    tenant.refresh_from_db()
    come(ADA)
    assert messages(Facts(phone=ADA.phone), tenant) == LONGER


def test_it_needs_no_memory(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup_index, "_remembered", {})
    assert messages(ADA, tenant) == 2


def test_whose_keys_it_remembers_goes_the_longer_way_at_once(tenant: Tenant) -> None:
    create_lookup(LookupDefinition("Mailbox", ["EmailAddress"], "unique"), tenant=tenant, by="tester")
    come(Facts(email="second@x.org"))
    assert messages(ADA, tenant) == LONGER
    assert messages(Facts(phone="5550009"), tenant) == 2


def test_what_breaks_leaves_nothing(tenant: Tenant) -> None:
    """A foreign key shows at the commit, behind all that was written."""
    before = Customer.objects.count(), Contact.objects.count(), Event.objects.count()
    gone = SourceSystem(pk=10**9, tenant=tenant, name="gone")
    record = Record(ADA, original_payload={}, source_system="gone")
    with pytest.raises(IntegrityError):
        check_out(record, source=gone, tenant=tenant, by="tester")
    assert (Customer.objects.count(), Contact.objects.count(), Event.objects.count()) == before


def test_a_connection_that_is_killed_meanwhile_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def kill() -> None:
        with connection.cursor() as cursor, pytest.raises(OperationalError):
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    meanwhile(monkeypatch, kill)
    with pytest.raises(OperationalError):
        come(ADA)
    connection.close()
    assert live_customers() == 1
    assert come(ADA).outcome == "created"


def test_as_a_part_of_another_transaction_it_is_undone_with_it() -> None:
    with transaction.atomic():
        come(ADA)
        transaction.set_rollback(True)
    assert live_customers() == 1

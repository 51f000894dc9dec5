"""The contact centre's door on real connections: a key belongs to one contact, whoever comes at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from contacts.intake import read_submission
from contacts.models import Contact, Customer
from matching import identify as identifying
from matching.attributes import define_attribute
from matching.identify_contact import ContactAnswer, ContactRequest, identify_contact
from matching.lookup_building import build
from matching.lookups import LookupDefinition, create_lookup
from matching.media_types import MediaSettings, change_media_type
from matching.models import CandidatePair, Lookup, LookupKey
from matching.revising import retire
from sources.models import Tenant
from tests.concurrency.threads import PATIENCE, at_once, outcome, overlap
from tests.jobs import work
from tests.registry import SYLVIA, live_customers, post, source

pytestmark = pytest.mark.django_db(transaction=True)

MANY = 30


def asking(tenant: Tenant, media: str = "any", **attributes: Any) -> Callable[[], ContactAnswer]:
    asked = ContactRequest(attributes, attributes, media_type=media)
    return partial(identify_contact, asked, tenant=tenant, by="tester")


def chat_by(lookup: str, tenant: Tenant) -> None:
    change_media_type("chat", MediaSettings(options=[lookup]), tenant=tenant, by="tester")


def submitting(tenant: Tenant, key: str, facebook_id: str, **said: Any) -> Callable[[], Any]:
    body = {**SYLVIA, **said, "attributes": {"FacebookId": facebook_id}, "source_system": "CRM", "source_key": key}
    record = read_submission(body, required_fields=(), attribute_types={"FacebookId": "string"})
    return partial(identifying.identify, record, source=source("CRM"), tenant=tenant, by="tester")


def test_thirty_identifies_on_a_unique_lookup_make_one_contact(tenant: Tenant) -> None:
    chat_by("FacebookIdLookup", tenant)
    answers = at_once([asking(tenant, "chat", FacebookId="ada")] * MANY)
    assert sum(answer.created is not None for answer in answers) == 1
    assert Contact.objects.count() == 1
    only = Customer.objects.get().pk
    assert {answer.created or answer.found.answers[0].customer_id for answer in answers} == {only}
    assert LookupKey.objects.get().held


@pytest.mark.parametrize("attribute", ["EmailAddress", "PhoneNumber"])
def test_thirty_identifies_on_a_regular_lookup_make_one_contact(tenant: Tenant, attribute: str) -> None:
    value = {"EmailAddress": "ada@byron.example", "PhoneNumber": "2148675309"}[attribute]
    at_once([asking(tenant, **{attribute: value, "FirstName": "Ada"})] * MANY)
    assert live_customers() == 1


def test_identifies_of_different_people_do_not_wait_for_each_other(tenant: Tenant) -> None:
    other = overlap(asking(tenant, EmailAddress="a@x.org"), asking(tenant, EmailAddress="b@x.org"))
    assert not other.waited
    assert live_customers() == 2


def test_thirty_records_of_thirty_people_with_one_unique_value_leave_one_holder(tenant: Tenant) -> None:
    people = [
        {"first_name": f"Name{n:02}x", "last_name": f"Fam{n:02}y", "email": f"p{n}@x.org", "phone": f"+121486753{n:02}"}
        for n in range(MANY)
    ]
    calls = [submitting(tenant, str(n), "ada", address=None, **said) for n, said in enumerate(people)]
    assert {each.outcome for each in at_once(calls)} == {"created"}
    assert live_customers() == MANY
    holder = LookupKey.objects.get(held=True)
    assert LookupKey.objects.filter(key=holder.key).count() == MANY
    assert set(CandidatePair.objects.values_list("customer_id", flat=True)) == {holder.customer_id}
    assert CandidatePair.objects.count() == MANY - 1


def test_the_contact_centre_waits_for_the_record_that_brings_the_key(tenant: Tenant) -> None:
    chat_by("FacebookIdLookup", tenant)
    done = overlap(submitting(tenant, "1", "ada"), asking(tenant, "chat", FacebookId="ada"))
    assert done.waited
    assert done.second.found is None
    assert done.second.created is None
    assert "FacebookIdLookup" in done.second.creation.reason


def test_records_written_while_an_index_is_built_are_all_in_it(tenant: Tenant) -> None:
    define_attribute("_club", "string", tenant=tenant, by="tester")
    for n in range(20):
        post(key=str(n), phone=f"+1214867{5300 + n}", email=f"p{n}@x.org", first_name=f"N{n}abc", last_name=f"L{n}xyz")
    lookup = create_lookup(LookupDefinition("Mailbox", ["EmailAddress"], "unique"), tenant=tenant, by="tester")
    calls: list[Callable[[], Any]] = [partial(build, lookup)]
    calls += [
        partial(
            post, key=str(n), phone=f"+1214867{5300 + n}", email=f"p{n}@x.org", first_name=f"N{n}abc", last_name="Q"
        )
        for n in range(20, 30)
    ]
    source("CRM")
    at_once(calls)
    lookup.refresh_from_db()
    assert lookup.state == Lookup.State.READY
    indexed = set(LookupKey.objects.filter(lookup=lookup).values_list("customer_id", flat=True))
    assert indexed == set(Customer.objects.live().values_list("pk", flat=True))


def test_a_build_waits_for_a_record_that_began_before_the_lookup(tenant: Tenant) -> None:
    """It read the lookups before there was this one, and would not be in the index."""

    def make_and_build() -> None:
        create_lookup(LookupDefinition("Mailbox", ["EmailAddress"], "unique"), tenant=tenant, by="tester")
        work()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            post()
            building = pool.submit(outcome, make_and_build)
            with pytest.raises(TimeoutError):
                building.result(timeout=1)
        building.result(timeout=PATIENCE)
    assert LookupKey.objects.count() == 1
    assert Lookup.objects.get(name="Mailbox").state == Lookup.State.READY


def test_two_runners_of_one_build_take_turns(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matching.lookup_building.BATCH", 3)
    for n in range(20):
        post(key=str(n), phone=f"+1214867{5300 + n}", email=f"p{n}@x.org", first_name=f"N{n}abc", last_name=f"L{n}xyz")
    lookup = create_lookup(LookupDefinition("Mailbox", ["EmailAddress"], "unique"), tenant=tenant, by="tester")
    at_once([partial(build, lookup)] * 3)
    lookup.refresh_from_db()
    assert (lookup.state, lookup.customers_built) == (Lookup.State.READY, 20)
    assert LookupKey.objects.filter(held=True).count() == 20


def test_a_key_that_is_given_up_while_somebody_queues_for_it_is_held_by_them(tenant: Tenant) -> None:
    first = submitting(tenant, "1", "ada")().customer
    second = submitting(tenant, "2", "bob", first_name="Bob", email="bob@x.org", phone="+13125550199")().customer
    # Nobody is asked about keys of a lookup that is not in force: neither of the two locks the other's customer.
    Lookup.objects.filter(tenant=tenant, name="FacebookIdLookup").update(state=Lookup.State.FAILED)
    queueing = submitting(tenant, "2", "ada", first_name="Bob", email="bob@x.org", phone="+13125550199")
    both = overlap(queueing, partial(retire, first.pk, tenant=tenant, by="tester"))
    assert both.waited
    assert LookupKey.objects.get(held=True).customer_id == second.pk

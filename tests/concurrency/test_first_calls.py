"""A caller whom no lookup found without locks is created by one trip, which asks again under them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from contacts.models import Contact, Customer, Event
from matching import identify_contact as identifying
from matching import strategies
from matching.attributes import define_attribute
from matching.first_call import create_if_still_unknown
from matching.identify_contact import ContactAnswer, ContactRequest, identify_contact
from matching.lookups import LookupDefinition, create_lookup
from matching.media_types import MediaSettings, change_media_type
from matching.models import Lookup, LookupKey, MatchKey
from sources.models import Tenant
from sources.round_trips import run
from tests.concurrency.threads import at_once, overlap
from tests.registry import buy, live_customers, post

pytestmark = pytest.mark.django_db(transaction=True)

ADA = {"EmailAddress": "ada@x.org", "LastName": "Byron"}


@pytest.fixture(autouse=True)
def _somebody_called_before(tenant: Tenant) -> None:
    """So that the set-up is remembered."""
    call(tenant, EmailAddress="first@x.org")


def call(tenant: Tenant, media: str = "email", **said: Any) -> ContactAnswer:
    return identify_contact(ContactRequest(said, said, media_type=media), tenant=tenant, by="tester")


def meanwhile(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    """Have something happen once, after the reading without locks and before the trip."""

    def create(*asked: Any, **named: Any) -> UUID | None:
        monkeypatch.setattr(identifying, "create_if_still_unknown", create_if_still_unknown)
        happens()
        return create_if_still_unknown(*asked, **named)

    monkeypatch.setattr(identifying, "create_if_still_unknown", create)


def the_longer_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identifying, "create_if_still_unknown", lambda *_, **__: None)


def messages(tenant: Tenant, media: str = "email", **said: Any) -> int:
    with CaptureQueriesContext(connection) as queries:
        call(tenant, media, **said)
    return len([each for each in queries if each["sql"] not in ("BEGIN", "COMMIT")])


def stored(customer_id: UUID) -> list[dict[str, Any]]:
    """All there is of a new customer, without what differs from one to another."""
    own = {"id", "customer_id", "created_at", "added_at", "at", "body"}
    tables: tuple[type[Model], ...] = (Contact, Event)
    rows: list[Any] = [Customer.objects.filter(pk=customer_id).values().get()]
    rows += [table._default_manager.filter(customer_id=customer_id).values().get() for table in tables]
    contact = rows[1]["id"]
    assert rows[2]["body"] == {"contact": contact, "before": {}, "after": {str(customer_id): [contact]}}
    return [{name: value for name, value in row.items() if name not in own} for row in rows]


@pytest.mark.parametrize(
    ("media", "said"),
    [
        ("email", ADA),
        ("voice", {"PhoneNumber": "2148675309", "FirstName": "Ada", "LastName": "Byron"}),
        ("sms", {"PhoneNumber": "2148675309", "EmailAddress": "a\"\\'b@x.org"}),
        ("email", {**ADA, "_club": "b\\\"'"}),
    ],
)
def test_it_takes_one_trip_and_writes_what_the_longer_way_writes(
    media: str, said: dict[str, str], tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    define_attribute("_club", "string", tenant=tenant, by="tester")
    call(tenant, EmailAddress="second@x.org")
    assert messages(tenant, media, **said) == 2
    quick = call(tenant, media, **said).found
    assert quick is not None
    (found,) = quick.answers
    rows = stored(found.customer_id)
    Contact.objects.filter(customer=found.customer_id).update(deleted_at="2026-01-01T00:00Z")
    the_longer_way(monkeypatch)
    slow = call(tenant, media, **said).created
    assert slow is not None
    assert stored(slow) == rows


def test_the_answer_names_the_new_customer(tenant: Tenant) -> None:
    answer = call(tenant, **ADA)
    assert answer.created == Contact.objects.get(email="ada@x.org").customer_id


def test_who_called_with_the_same_value_meanwhile_is_found(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    meanwhile(monkeypatch, lambda: buy(email="ada@x.org"))
    answer = call(tenant, **ADA)
    assert answer.found
    assert live_customers() == 2


def test_who_is_about_to_come_with_the_same_value_is_waited_for_and_found(tenant: Tenant) -> None:
    both = overlap(lambda: buy(email="ada@x.org"), lambda: call(tenant, **ADA))
    assert both.waited
    assert (both.second.created, both.second.found.answers[0].customer_id) == (None, both.first.customer_id)


def test_others_wait_for_it_as_well(tenant: Tenant) -> None:
    both = overlap(lambda: call(tenant, **ADA), lambda: buy(email="ada@x.org", phone="5550001"))
    assert both.waited
    assert (both.second.outcome, both.second.customer_id) == ("linked", both.first.created)


def test_thirty_calls_of_ten_people_make_ten_customers(tenant: Tenant) -> None:
    at_once([partial(call, tenant, EmailAddress=f"{n % 10}@x.org", LastName="Byron") for n in range(30)])
    assert live_customers() == 11


def test_a_lookup_made_meanwhile_has_the_key(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    mailbox = LookupDefinition("Mailbox", ["EmailAddress"], "unique")
    meanwhile(monkeypatch, lambda: create_lookup(mailbox, tenant=tenant, by="tester"))
    answer = call(tenant, **ADA)
    assert LookupKey.objects.get().customer_id == answer.created


def test_a_media_type_that_must_not_create_since_meanwhile_creates_nobody(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    never = MediaSettings({"create_contact": False})
    meanwhile(monkeypatch, lambda: change_media_type("email", never, tenant=tenant, by="tester"))
    answer = call(tenant, **ADA)
    assert (answer.created, answer.creation.allowed) == (None, False)
    assert live_customers() == 1


def test_who_shares_the_mail_with_somebody_of_another_name_goes_the_longer_way_at_once(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    post()
    meanwhile(monkeypatch, lambda: pytest.fail("it was tried"))
    answer = call(tenant, EmailAddress="sylvia.abernathy@example.org", LastName="Byron")
    assert answer.created is not None
    assert live_customers() == 3


def test_who_shares_what_no_lookup_asked_by_goes_the_longer_way(tenant: Tenant) -> None:
    """Whom it leads to is compared under the locks."""
    post()
    assert messages(tenant, "voice", PhoneNumber="3125550199", EmailAddress="sylvia.abernathy@example.org") == 4
    assert live_customers() == 3


def test_who_has_keys_of_the_model_goes_the_longer_way(tenant: Tenant) -> None:
    change_media_type("chat", MediaSettings(options=["FacebookIdLookup"]), tenant=tenant, by="tester")
    answer = call(tenant, "chat", FacebookId="ada", FirstName="Ada", LastName="Byron")
    assert MatchKey.objects.filter(customer=answer.created).exists()
    assert LookupKey.objects.get().customer_id == answer.created


def state(tenant: Tenant) -> str:
    asking = strategies.asking(tenant)
    run(asking)
    return str(asking.rows[0][0])


def test_how_far_an_index_has_come_is_no_other_set_up(tenant: Tenant) -> None:
    create_lookup(LookupDefinition("Mailbox", ["EmailAddress"], "unique"), tenant=tenant, by="tester")
    Lookup.objects.filter(name="Mailbox").update(state=Lookup.State.BUILDING)
    before = state(tenant)
    Lookup.objects.filter(name="Mailbox").update(customers_built=7)
    assert state(tenant) == before
    Lookup.objects.filter(name="Mailbox").update(state=Lookup.State.READY)
    assert state(tenant) != before


def test_what_is_read_again_and_the_same_is_the_set_up_that_is_remembered(tenant: Tenant) -> None:
    assert strategies.read(tenant) is strategies.remembered(tenant)
    define_attribute("_club", "string", tenant=tenant, by="tester")
    before = strategies.remembered(tenant)
    assert strategies.read(tenant) is not before
    assert strategies.read(tenant).attribute_types["_club"] == "string"

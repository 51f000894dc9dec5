"""Contact identification: the request's attributes, what is found and what is created."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from contacts.models import Change, Contact, Customer, Event
from matching.models import LookupKey, Merge
from matching.revising import retire
from review import verdicts
from sources.tenants import open_subtenant
from tests.contract.centre import Centre, define
from tests.identity.api.callers import another_tenant, operator, with_key
from tests.registry import SYLVIA, default_tenant, live_customers, pending, post

pytestmark = pytest.mark.django_db

ADA = {"FirstName": "Ada", "LastName": "Byron", "EmailAddress": "ada@byron.example"}


@pytest.fixture
def ask() -> Centre:
    return Centre("write")


def test_it_matches_the_request_with_contacts_known_by_any_door(ask: Centre) -> None:
    known = post()
    answer = ask(EmailAddress="Sylvia.Abernathy@example.org")
    assert answer["ContactId"] == str(known.customer.pk)
    assert answer["NumberOfContactsFound"] == 1
    assert answer["ContactCreated"] is False


def test_a_unique_match_comes_with_the_contacts_attributes(ask: Centre) -> None:
    post()
    answer = ask(PhoneNumber="(214) 867-5309")
    assert (answer["FirstName"], answer["LastName"]) == ("Sylvia", "Abernathy")
    assert (answer["EmailAddress"], answer["PhoneNumber"]) == (SYLVIA["email"], SYLVIA["phone"])


@pytest.mark.parametrize("path", ["/contacts/identify", "/OMContacts/Identify", "/OMContacts/IdentifyContact"])
@pytest.mark.parametrize("wrapped", [False, True])
def test_it_answers_at_three_addresses_flat_or_under_parameters(ask: Centre, path: str, wrapped: bool) -> None:
    created = ask(at=path, **({"Parameters": ADA} if wrapped else ADA))
    assert created["ContactCreated"] is True
    assert ask(**ADA)["ContactId"] == created["ContactId"]


def test_names_are_case_sensitive(ask: Centre) -> None:
    assert ask(status=400, emailaddress="a@x.org") == {"errors": ["attribute 'emailaddress' is not defined"]}
    assert ask(status=400, parameters=ADA)["errors"] == ["attribute 'parameters' is not defined"]


def test_everything_wrong_with_a_request_is_told_at_once(ask: Centre) -> None:
    refused = ask(status=400, MediaType="fax", _x="1", EmailAddress="nobody", PhoneNumber="anonymous", LastName=[])
    assert refused["errors"] == [
        "MediaType 'fax' is not known",
        "LastName must be a string",
        "EmailAddress format is invalid",
        "PhoneNumber has no digits",
        "attribute '_x' is not defined",
    ]
    refused = ask(status=400, CreateContact="perhaps", ReturnUnique=1, TenantId=1.5, MediaType=5, DatePattern=[])
    assert len(refused["errors"]) == 5
    refused = ask(status=400, CreateContact="perhaps", MediaType="fax", _x="1", EmailAddress="nobody")
    assert refused["errors"] == [
        "CreateContact must be true or false",
        "MediaType 'fax' is not known",
        "EmailAddress format is invalid",
        "attribute '_x' is not defined",
    ]
    refused = ask(status=400, CreateContact="perhaps", **ADA)
    assert refused["errors"] == ["CreateContact must be true or false"]
    assert ask(status=400, Parameters=ADA, LastName="Byron")["errors"] == ["'LastName' stands beside Parameters"]
    assert not Contact.objects.exists()


def test_date_pattern_says_how_dates_in_the_request_are_written(ask: Centre) -> None:
    define("Birthday", "date")
    usual = ask(**ADA, Birthday="1815-12-10T08:30:00+0100")
    assert usual["Birthday"] == "1815-12-10"
    other = ask(EmailAddress="b@x.org", DatePattern="dd/MM/yyyy", Birthday="10/12/1815")
    assert other["Birthday"] == "1815-12-10"


@pytest.mark.parametrize(
    ("pattern", "written"),
    [("dd/MM/yyyy", "1815-12-10"), ("dd/MM/yyyy", "31/02/1815"), ("yyyy-MM-dd", 18151210), (None, "1815-12-10")],
)
def test_a_date_that_does_not_fit_the_pattern_is_refused(ask: Centre, pattern: str | None, written: object) -> None:
    define("Birthday", "date")
    refused = ask(status=400, **ADA, Birthday=written, DatePattern=pattern)
    assert refused == {"errors": ["Birthday is not a valid date, as DatePattern has it"]}
    assert not Contact.objects.exists()


@pytest.mark.parametrize("pattern", ["yyyy-MM-dd YYYY", "w", "yyyy-MM-dd'T", "HH:mm"])
def test_a_date_pattern_with_unknown_letters_is_refused(ask: Centre, pattern: str) -> None:
    assert ask(status=400, **ADA, DatePattern=pattern)["errors"][0].startswith("DatePattern cannot be read: ")


def test_custom_attributes_are_read_by_their_types(ask: Centre) -> None:
    define("_points", "number")
    define("_club")
    answer = ask(**ADA, _points="1e2", _club=7, Title="Countess")
    assert (answer["_points"], answer["_club"], answer["Title"]) == ("100", "7", "Countess")
    assert ask(status=400, **ADA, _points="many")["errors"] == ["_points is not a valid number"]
    assert Contact.objects.get().attributes == {"_points": "100", "_club": "7", "Title": "Countess"}


def test_tenant_id_names_the_tenant_by_id_or_name() -> None:
    north = another_tenant("north")
    ask = Centre(api=operator())
    created = ask(TenantId="north", **ADA)
    assert Customer.objects.get().tenant == north
    assert ask(TenantId=north.pk, **ADA)["ContactId"] == created["ContactId"]
    assert ask(**ADA)["ContactId"] != created["ContactId"]
    assert ask(TenantId="nowhere", status=404, **ADA) == {"error": "Tenant not found"}


def test_a_tenants_caller_reaches_no_other_tenant(ask: Centre) -> None:
    another_tenant("north")
    assert ask(TenantId="north", status=404, **ADA) == {"error": "Tenant not found"}
    assert ask(TenantId="default", **ADA)["ContactCreated"] is True
    assert not Customer.objects.filter(tenant__name="north").exists()


def test_subscriber_id_is_the_subtenant_where_the_contact_is_found_or_created(ask: Centre) -> None:
    east = open_subtenant("east", tenant=default_tenant(), by="test")
    west = open_subtenant("west", tenant=default_tenant(), by="test")
    created = ask(SubscriberId="east", **ADA)
    assert Contact.objects.get().subtenant == east
    assert ask(SubscriberId=east.pk, **ADA)["ContactId"] == created["ContactId"]
    other = ask(SubscriberId=str(west.pk), **ADA)
    assert other["ContactCreated"] is True
    assert other["ContactId"] != created["ContactId"]


def test_an_unknown_subscriber_is_not_found(ask: Centre) -> None:
    another = open_subtenant("east", tenant=another_tenant(), by="test")
    for unknown in ("nobody", 4711, another.pk, "east"):
        assert ask(SubscriberId=unknown, status=404, **ADA) == {"error": "Subtenant not found"}
    assert not Contact.objects.exists()


def test_a_unique_key_of_another_subtenants_contact_is_not_given_twice(ask: Centre) -> None:
    for name in ("east", "west"):
        open_subtenant(name, tenant=default_tenant(), by="test")
    Centre().media("chat", strategy=["FacebookId"])
    ask(MediaType="chat", SubscriberId="east", FacebookId="1")
    answer = ask(MediaType="chat", SubscriberId="west", FacebookId="1")
    assert (answer["ContactId"], answer["ContactCreated"]) == (None, False)
    assert "another subtenant's contact has this key of FacebookIdLookup" in answer["Reason"]
    assert Contact.objects.count() == 1


def test_nor_is_it_where_the_answer_is_kept_for_a_repetition() -> None:
    for name in ("east", "west"):
        open_subtenant(name, tenant=default_tenant(), by="test")
    Centre().media("chat", strategy=["FacebookId"])
    ask = Centre(api=with_key("write"))
    ask(MediaType="chat", SubscriberId="east", FacebookId="1")
    ask.api.headers |= {"Idempotency-Key": "k1"}
    answers = [ask(MediaType="chat", SubscriberId="west", FacebookId="1") for _ in range(2)]
    assert "another subtenant's contact has this key of FacebookIdLookup" in answers[0]["Reason"]
    assert answers[1] == answers[0]
    assert (Contact.objects.count(), live_customers(), LookupKey.objects.count()) == (1, 1, 1)


def test_a_contact_that_is_not_found_is_created_and_its_id_returned(ask: Centre) -> None:
    answer = ask(**ADA)
    customer = Customer.objects.get()
    assert answer == {
        **ADA,
        "NumberOfContactsFound": 0,
        "ContactId": str(customer.pk),
        "ContactCreated": True,
    }
    contact = Contact.objects.get()
    assert (contact.source.name, contact.source_key) == ("contact-centre", None)
    assert contact.original_payload == ADA
    assert [event.kind for event in Event.objects.all()] == ["created"]


def test_a_contact_that_is_found_has_its_id_returned_and_nothing_is_written(ask: Centre) -> None:
    created = ask(**ADA)
    for asked in (ADA, {**ADA, "Title": "Countess"}, {"EmailAddress": "ADA@byron.example "}, {"FirstName": "ada"}):
        found = ask(**asked)
        assert (found["ContactId"], found["ContactCreated"]) == (created["ContactId"], False)
    assert Contact.objects.count() == 1
    assert Event.objects.count() == 1
    assert not Change.objects.exists()


@pytest.mark.parametrize("false", [False, "false"])
def test_with_create_contact_false_it_only_identifies(ask: Centre, false: object) -> None:
    answer = ask(**ADA, CreateContact=false)
    assert (answer["NumberOfContactsFound"], answer["ContactId"], answer["ContactCreated"]) == (0, None, False)
    assert answer["Reason"] == "Not found, and not created: CreateContact is false"
    assert not Contact.objects.exists()
    created = ask(**ADA)
    assert ask(**ADA, CreateContact=false)["ContactId"] == created["ContactId"]


def test_create_contact_is_true_by_default(ask: Centre) -> None:
    assert ask(**ADA)["ContactCreated"] is True
    assert ask(EmailAddress="b@x.org", CreateContact="true")["ContactCreated"] is True
    assert ask(EmailAddress="c@x.org", CreateContact=None)["ContactCreated"] is True


def test_creation_can_be_disabled_for_a_media_type_and_the_request_overrides_that(ask: Centre) -> None:
    Centre().media("email", **{"create-contact": "false"})
    assert ask(MediaType="email", **ADA)["ContactCreated"] is False
    assert ask(**ADA, MediaType="voice", PhoneNumber="2148675309")["ContactCreated"] is True
    assert ask(MediaType="email", EmailAddress="b@x.org", CreateContact=True)["ContactCreated"] is True


def test_creation_takes_the_media_types_minimum_attributes(ask: Centre) -> None:
    Centre().media("email", **{"minimum-creation-attributes": "EmailAddress, LastName,FirstName"})
    answer = ask(MediaType="email", EmailAddress="ada@byron.example", FirstName="")
    assert answer["ContactCreated"] is False
    assert answer["MissingAttributes"] == ["LastName", "FirstName"]
    assert not Contact.objects.exists()
    forced = ask(MediaType="email", EmailAddress="ada@byron.example", CreateContact=True)
    assert forced["MissingAttributes"] == ["LastName", "FirstName"]
    assert ask(MediaType="email", **ADA)["ContactCreated"] is True
    assert ask(MediaType="email", EmailAddress="ada@byron.example")["NumberOfContactsFound"] == 1


@pytest.mark.parametrize("nothing", [{}, {"EmailAddress": ""}, {"LastName": None, "Title": "Dr."}])
def test_a_request_without_an_identifying_attribute_is_refused(ask: Centre, nothing: dict[str, Any]) -> None:
    refused = ask(status=400, **nothing)["errors"]
    assert refused == [
        "no identifying attribute: MediaType 'any' identifies by EmailAddress, PhoneNumber, LastName, FirstName"
    ]
    assert ask(status=400, MediaType="email", PhoneNumber="2148675309")["errors"][0].endswith("by EmailAddress")


def test_a_new_contact_is_never_linked_but_likely_namesakes_are_filed_for_people(ask: Centre) -> None:
    known = post()
    said = {"FirstName": "Silvia", "LastName": "Abernathy", "EmailAddress": SYLVIA["email"]}
    answer = ask(MediaType="voice", PhoneNumber="2148675309", **said)
    assert answer["ContactCreated"] is True
    assert live_customers() == 2
    assert [pair.customer_id for pair in pending()] == [known.customer.pk]


def test_a_nameless_customer_is_known_by_contact_details_alone(ask: Centre) -> None:
    bought = with_key("write").post("/identify", {"email": ADA["EmailAddress"]}).json()
    answer = ask(**ADA)
    assert answer["ContactCreated"] is False
    assert str(Contact.objects.get(pk=bought["contact"]["primaryContatctId"]).customer_id) == answer["ContactId"]


def test_a_customer_is_found_by_what_any_of_its_records_says(ask: Centre) -> None:
    known = post()
    other = post(to="BILLING", phone="+13125550100").customer
    verdicts.merge(target_id=known.customer.pk, source_id=other.pk, tenant=default_tenant(), by="steward")
    for asked in ({"PhoneNumber": "+13125550100"}, {"PhoneNumber": "2148675309", "LastName": "ABERNATHY"}):
        assert ask(**asked)["ContactId"] == str(known.customer.pk)


def test_merged_customers_are_found_as_one_and_split_ones_apart(ask: Centre) -> None:
    one, other = ask(**ADA)["ContactId"], ask(EmailAddress="augusta@byron.example")["ContactId"]
    verdicts.merge(target_id=UUID(one), source_id=UUID(other), tenant=default_tenant(), by="steward")
    assert ask(EmailAddress="augusta@byron.example")["ContactId"] == one
    verdicts.undo_merge(Merge.objects.get().pk, tenant=default_tenant(), by="steward")
    assert ask(EmailAddress="augusta@byron.example")["ContactId"] == other


def test_a_deleted_customer_is_not_found(ask: Centre) -> None:
    created = ask(**ADA)["ContactId"]
    retire(Customer.objects.get().pk, tenant=default_tenant(), by="steward")
    answer = ask(**ADA)
    assert answer["ContactCreated"] is True
    assert answer["ContactId"] != created


def test_a_customer_the_contact_centre_made_is_found_at_the_other_doors(ask: Centre) -> None:
    created = ask(FirstName="Sylvia", LastName="Abernathy", EmailAddress=SYLVIA["email"], PhoneNumber="214-867-5309")
    assert str(post(address=None).customer.pk) == created["ContactId"]
    told = with_key("write").post("/identify", {"phoneNumber": "2148675309"}).json()["contact"]
    assert str(Contact.objects.get(pk=told["primaryContatctId"]).customer_id) == created["ContactId"]
    assert told["phoneNumbers"] == ["214-867-5309"]


@pytest.mark.parametrize("scope", ["read", "review"])
def test_it_takes_the_scope_to_write(scope: str) -> None:
    Centre(scope)(status=403, **ADA)

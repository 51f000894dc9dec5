"""Lookup tables: unique, multiple and regular ones."""

from __future__ import annotations

from uuid import UUID

import pytest

from contacts.models import Contact
from matching.models import LookupKey
from matching.predefined_lookups import BY_EMAIL, BY_PHONE
from review import verdicts
from tests.contract.centre import Centre
from tests.registry import default_tenant, live_customers

pytestmark = pytest.mark.django_db

HOME = "home@byron.example"


@pytest.fixture
def ask() -> Centre:
    return Centre()


def test_a_lookup_indexes_contacts_by_one_or_more_attributes(ask: Centre) -> None:
    keys = {key["name"]: key["attributes"] for key in ask.api.get("/identification-keys").json()}
    assert keys == {
        "EmailAddressLastNameFirstNameLookup": ["EmailAddress", "LastName", "FirstName"],
        "PhoneNumberLastNameFirstNameLookup": ["PhoneNumber", "LastName", "FirstName"],
        "LastNameFirstNameLookup": ["LastName", "FirstName"],
        "FirstNameLookup": ["FirstName"],
        "FacebookIdLookup": ["FacebookId"],
        "TwitterIdLookup": ["TwitterId"],
    }


def test_there_are_predefined_lookups_of_each_kind(ask: Centre) -> None:
    kinds = {key["name"]: (key["kind"], key["unique"]) for key in ask.api.get("/identification-keys").json()}
    assert kinds[BY_EMAIL] == kinds[BY_PHONE] == ("regular", False)
    assert kinds["LastNameFirstNameLookup"] == kinds["FirstNameLookup"] == ("multiple", False)
    assert kinds["FacebookIdLookup"] == kinds["TwitterIdLookup"] == ("unique", True)


@pytest.mark.parametrize("attribute", ["FacebookId", "TwitterId"])
def test_facebook_and_twitter_lookups_have_a_key_of_one_attribute(ask: Centre, attribute: str) -> None:
    ask.media("chat", strategy=[f"{attribute}Lookup"])
    created = ask(MediaType="chat", **{attribute: "ada"})
    assert created["ContactCreated"] is True
    found = ask(MediaType="chat", **{attribute: "ada", "FirstName": "Ada"})
    assert (found["ContactId"], found["NumberOfContactsFound"]) == (created["ContactId"], 1)
    assert ask(MediaType="chat", **{attribute: "augusta"})["ContactId"] != created["ContactId"]


def test_a_composite_key_tracks_people_on_one_line_separately(ask: Centre) -> None:
    made = ask.key("PhoneNumber", "FirstName", unique=True)
    assert (made["name"], made["state"]) == ("PhoneNumberFirstNameLookup", "ready")
    ask.media("voice", strategy=["PhoneNumber,FirstName"])
    line = {"MediaType": "voice", "PhoneNumber": "2148675309"}
    ada, george = ask(**line, FirstName="Ada")["ContactId"], ask(**line, FirstName="George")["ContactId"]
    assert ada != george
    assert ask(**line, FirstName="ADA")["ContactId"] == ada
    assert ask(**line, FirstName="George")["ContactId"] == george
    assert ask(**line)["ContactId"] == ada
    assert live_customers() == 2


def test_a_unique_lookups_key_has_a_single_contact(ask: Centre) -> None:
    ask.media("chat", strategy=["FacebookId"])
    for _ in range(2):
        ask(MediaType="chat", FacebookId="ada")
    assert live_customers() == 1
    assert LookupKey.objects.filter(held=True).count() == 1


def test_a_multiple_lookups_key_has_many_and_the_oldest_is_the_first_result(ask: Centre) -> None:
    everybody = [ask(EmailAddress=f"{n}@x.org", LastName="Byron", FirstName=n)["ContactId"] for n in "cab"]
    answer = ask(LastName="Byron")
    assert answer["NumberOfContactsFound"] == 3
    assert answer["ContactIdList"] == everybody
    assert answer["ContactId"] == everybody[0]
    assert "LastName" not in answer


def test_the_oldest_contact_of_a_customer_tells_its_age(ask: Centre) -> None:
    one, two, three = (UUID(ask(EmailAddress=f"{n}@x.org", LastName="Byron", FirstName=n)["ContactId"]) for n in "abc")
    verdicts.merge(target_id=three, source_id=one, tenant=default_tenant(), by="steward")
    assert ask(LastName="Byron")["ContactIdList"] == [str(three), str(two)]


def test_only_a_multiple_lookup_finds_more_than_one(ask: Centre) -> None:
    for name in ("Ada", "George"):
        ask(EmailAddress=HOME, FirstName=name)
    assert live_customers() == 2
    assert ask(EmailAddress=HOME)["NumberOfContactsFound"] == 1
    ask(MediaType="email", EmailAddress="another@byron.example", FirstName="Ada")
    assert ask(FirstName="Ada")["NumberOfContactsFound"] == 2


@pytest.mark.parametrize("create", [True, "true", None, False])
def test_where_a_multiple_lookup_finds_nobody_nobody_is_created_whatever_create_contact_says(
    ask: Centre, create: object
) -> None:
    for asked in ({"LastName": "Byron", "FirstName": "Ada"}, {"FirstName": "Ada"}):
        answer = ask(**asked, CreateContact=create)
        assert (answer["NumberOfContactsFound"], answer["ContactId"], answer["ContactCreated"]) == (0, None, False)
        assert answer["Reason"] == "Not found, and not created: a multiple lookup creates nobody"
    assert not Contact.objects.exists()


def test_return_unique_leaves_out_the_list_of_several(ask: Centre) -> None:
    for name in "ab":
        ask(EmailAddress=f"{name}@x.org", LastName="Byron", FirstName=name)
    answer = ask(LastName="Byron", ReturnUnique="true")
    assert answer["NumberOfContactsFound"] == 2
    assert "ContactIdList" not in answer
    assert answer["ContactId"] == ask(LastName="Byron")["ContactIdList"][0]
    assert "ContactIdList" in ask(LastName="Byron", ReturnUnique=False)


@pytest.mark.parametrize(("attribute", "value"), [("EmailAddress", HOME), ("PhoneNumber", "2148675309")])
def test_a_regular_lookup_is_predictable_by_its_leading_attribute_alone(
    ask: Centre, attribute: str, value: str
) -> None:
    everybody = [
        ask(**{attribute: value, "FirstName": name, "LastName": f"of {name}"})["ContactId"] for name in ("Zoe", "Ada")
    ]
    assert len(set(everybody)) == 2
    answer = ask(**{attribute: value})
    assert (answer["ContactId"], answer["NumberOfContactsFound"]) == (everybody[0], 1)
    assert "ContactIdList" not in answer


def test_a_regular_lookup_gives_other_contacts_when_secondary_keys_are_given(ask: Centre) -> None:
    one = ask(EmailAddress=HOME, FirstName="Ada", LastName="Byron")["ContactId"]
    two = ask(EmailAddress=HOME, FirstName="George", LastName="Gordon")["ContactId"]
    assert one != two
    assert ask(EmailAddress=HOME, FirstName="George")["ContactId"] == two
    assert ask(EmailAddress=HOME, LastName="gordon")["ContactId"] == two
    assert ask(EmailAddress=HOME, LastName="Byron", FirstName="ada")["ContactId"] == one


def test_narrowed_to_nobody_a_regular_lookup_gives_way_to_the_next(ask: Centre) -> None:
    ask(EmailAddress=HOME, FirstName="Ada", LastName="Byron")
    other = ask(PhoneNumber="2148675309", FirstName="George", LastName="Gordon")["ContactId"]
    answer = ask(EmailAddress=HOME, PhoneNumber="2148675309", FirstName="George", LastName="Gordon")
    assert answer["ContactId"] == other


def test_a_nickname_is_the_formal_name(ask: Centre) -> None:
    created = ask(EmailAddress=HOME, FirstName="Katherine", LastName="Doyle")
    assert ask(EmailAddress=HOME, FirstName="Kate")["ContactId"] == created["ContactId"]
    assert ask(FirstName="kate", CreateContact=False)["ContactId"] == created["ContactId"]


def test_of_very_many_namesakes_some_are_told_and_that_there_are_more(
    ask: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matching.lookup_search.MOST_CUSTOMERS", 2)
    for name in "abc":
        ask(EmailAddress=f"{name}@x.org", LastName="Byron", FirstName=name)
    answer = ask(LastName="Byron")
    assert (answer["NumberOfContactsFound"], answer["MoreContactsFound"]) == (2, True)
    assert "MoreContactsFound" not in ask(LastName="Byron", FirstName="a")


@pytest.mark.parametrize("name", ["EmailAddress", "Title", "_club"])
def test_a_lookup_is_not_named_like_an_attribute(ask: Centre, name: str) -> None:
    ask.api.post("/contact-attributes", {"name": "_club", "type": "string"})
    answer = ask.api.post("/identification-keys", {"attributes": ["LastName"], "name": name})
    told = f"name cannot be that of an attribute: a strategy that says '{name}' means that"
    assert (answer.status_code, answer.json()) == (400, {"errors": [told]})


@pytest.mark.parametrize("name", ["LastNameLookup", "FacebookIdLookup", "EmailAddressLookup"])
def test_an_attribute_is_not_named_like_a_lookup(ask: Centre, name: str) -> None:
    """Neither like one that was made, nor a predefined one, nor one of the document's other names."""
    ask.api.post("/identification-keys", {"attributes": ["LastName"]})
    answer = ask.api.post("/contact-attributes", {"name": name, "type": "string"})
    told = f"An identification key is called '{name}': a strategy that says so means that"
    assert (answer.status_code, answer.json()) == (409, {"error": told})
    assert name not in [each["name"] for each in ask.api.get("/contact-attributes").json()]


def test_an_attribute_takes_the_name_of_a_lookup_that_was_removed(ask: Centre) -> None:
    made = ask.api.post("/identification-keys", {"attributes": ["LastName"], "name": "_club"}).json()
    assert ask.api.post("/contact-attributes", {"name": "_club", "type": "string"}).status_code == 409
    ask.api.delete(f"/identification-keys/{made['id']}")
    assert ask.api.post("/contact-attributes", {"name": "_club", "type": "string"}).status_code == 201


def test_a_lookup_that_a_strategy_makes_is_not_named_like_an_attribute(ask: Centre) -> None:
    ask.api.post("/contact-attributes", {"name": "LastNamePhoneNumberLookup", "type": "string"})
    answer = ask.api.put("/media-types/chat", {"strategy": [["LastName", "PhoneNumber"]]})
    assert answer.status_code == 409
    assert "An attribute is called 'LastNamePhoneNumberLookup'" in answer.json()["error"]

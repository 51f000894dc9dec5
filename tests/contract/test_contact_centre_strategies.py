"""Identification strategies: which lookups a media type tries, in which order, and how that is configured."""

from __future__ import annotations

from typing import Any

import pytest

from contacts.models import Contact
from matching.predefined_lookups import BY_EMAIL, BY_FIRST_NAME, BY_NAMES, BY_PHONE
from tests.contract.centre import Centre, define
from tests.identity.api.callers import another_tenant, with_key
from tests.jobs import work
from tests.registry import live_customers

pytestmark = pytest.mark.django_db

ADA = {"FirstName": "Ada", "LastName": "Byron", "EmailAddress": "ada@byron.example"}


@pytest.fixture
def ask() -> Centre:
    return Centre()


def strategy(ask: Centre, media: str) -> list[str]:
    answer: list[str] = ask.api.get(f"/media-types/{media}").json()["strategy"]
    return answer


def explained(ask: Centre, **asked: Any) -> list[str]:
    """The lookups of a request's media type, in order."""
    return [tried["Lookup"] for tried in ask(explain=True, **asked)["Explanation"]["Lookups"]]


def test_lookups_are_specified_per_media_type(ask: Centre) -> None:
    created = ask(**ADA)["ContactId"]
    assert ask(MediaType="email", EmailAddress="ada@byron.example")["ContactId"] == created
    answer = ask(MediaType="voice", PhoneNumber="2148675309", **ADA)
    assert answer["ContactCreated"] is True


def test_a_request_without_a_media_type_is_of_the_media_type_any(ask: Centre) -> None:
    assert explained(ask, **ADA) == explained(ask, MediaType="any", **ADA) == strategy(ask, "any")


def test_a_media_type_without_lookups_of_its_own_uses_those_of_any(ask: Centre) -> None:
    assert strategy(ask, "chat") == []
    assert explained(ask, MediaType="chat", **ADA) == strategy(ask, "any")
    ask.media("any", strategy=[BY_EMAIL])
    assert explained(ask, MediaType="chat", **ADA) == [BY_EMAIL]


def test_the_default_lookups_of_any_are_preconfigured(ask: Centre) -> None:
    assert strategy(ask, "any") == [BY_EMAIL, BY_PHONE, BY_NAMES, BY_FIRST_NAME]


def test_the_default_lookups_are_not_unique(ask: Centre) -> None:
    one = ask(**ADA)
    other = ask(**{**ADA, "FirstName": "Augusta", "LastName": "Leigh"})
    assert other["ContactCreated"] is True
    assert one["ContactId"] != other["ContactId"]


def test_email_goes_by_the_e_mail_address(ask: Centre) -> None:
    assert strategy(ask, "email") == [BY_EMAIL]


def test_voice_goes_by_the_callers_number(ask: Centre) -> None:
    assert strategy(ask, "voice") == [BY_PHONE]


def test_sms_has_the_typical_strategy_number_then_e_mail(ask: Centre) -> None:
    assert strategy(ask, "sms") == [BY_PHONE, BY_EMAIL]


def test_contacts_are_identified_by_e_mail_then_phone_then_names_then_first_name(ask: Centre) -> None:
    by_email = ask(**ADA)["ContactId"]
    by_phone = ask(PhoneNumber="2148675309", FirstName="George", LastName="Gordon")["ContactId"]
    by_names = ask(PhoneNumber="2148675310", FirstName="Annabella", LastName="Milbanke")["ContactId"]
    everything = {"EmailAddress": "ada@byron.example", "PhoneNumber": "2148675309"}
    assert ask(**everything)["ContactId"] == by_email
    asked = {"EmailAddress": "unknown@x.org", "PhoneNumber": "2148675309", "CreateContact": False}
    assert ask(**asked)["ContactId"] == by_phone
    asked = {"EmailAddress": "unknown@x.org", "PhoneNumber": "2148675399", "CreateContact": False}
    assert ask(**asked, LastName="Milbanke", FirstName="Annabella")["ContactId"] == by_names
    assert ask(**asked, LastName="Milbanke")["ContactId"] == by_names
    assert ask(**asked, FirstName="Annabella")["ContactId"] == by_names
    assert ask(**asked, LastName="Nobody", FirstName="Annabella")["ContactId"] == by_names


def test_the_first_lookup_that_finds_somebody_answers_and_says_why(ask: Centre) -> None:
    by_email = ask(**ADA)["ContactId"]
    ask(PhoneNumber="2148675309", FirstName="George", LastName="Gordon")
    told = ask(explain=True, EmailAddress="ada@byron.example", PhoneNumber="2148675309")
    assert told["ContactId"] == by_email
    assert told["Explanation"]["Answered"] == BY_EMAIL
    assert told["Explanation"]["Because"] == f"{BY_EMAIL} is the first in the strategy that finds somebody"
    found = {each["Lookup"]: each["NumberOfContactsFound"] for each in told["Explanation"]["Lookups"]}
    assert found == {BY_EMAIL: 1, BY_PHONE: 1, BY_NAMES: 0, BY_FIRST_NAME: 0}
    took_part = [each["TookPart"] for each in told["Explanation"]["Lookups"]]
    assert took_part == [True, True, False, False]


def test_explaining_writes_nothing_and_is_for_administrators(ask: Centre) -> None:
    told = ask(explain=True, **ADA)
    assert told["Explanation"]["WouldCreate"] is True
    assert told["ContactCreated"] is False
    assert not Contact.objects.exists()
    assert Centre("write")(explain="true", status=403, **ADA) == {"error": "The scope 'admin' is needed to explain"}


def test_the_list_of_lookups_is_each_tenants_own(ask: Centre) -> None:
    another_tenant("north")
    north = Centre(api=with_key(tenant="north"))
    ask.media("voice", strategy=[BY_EMAIL])
    assert strategy(north, "voice") == [BY_PHONE]
    assert strategy(ask, "voice") == [BY_EMAIL]


def test_the_options_are_named_identify_contact_1_to_n(ask: Centre) -> None:
    changed = ask.media(
        "voice", **{"identify-contact-10": BY_NAMES, "identify-contact-2": BY_EMAIL, "identify-contact-1": BY_PHONE}
    )
    assert changed["strategy"] == [BY_PHONE, BY_EMAIL, BY_NAMES]


def test_a_value_can_be_the_name_of_a_lookup(ask: Centre) -> None:
    options = {"identify-contact-1": "PhoneNumberLookup", "identify-contact-2": "EmailAddressLookup"}
    assert ask.media("voice", **options)["strategy"] == [BY_PHONE, BY_EMAIL]
    refused = ask.media("voice", status=400, **{"identify-contact-1": "NoSuchLookup"})
    assert refused["errors"][0].startswith("there is no lookup 'NoSuchLookup'")


@pytest.mark.parametrize(
    ("listed", "meant"),
    [
        ("EmailAddress", BY_EMAIL),
        ("EmailAddress, LastName", BY_EMAIL),
        ("PhoneNumber", BY_PHONE),
        ("LastName", BY_NAMES),
        ("FirstName", BY_FIRST_NAME),
        ("FacebookId", "FacebookIdLookup"),
    ],
)
def test_a_value_can_be_a_list_of_attributes_that_a_lookup_begins_with(ask: Centre, listed: str, meant: str) -> None:
    assert ask.media("chat", **{"identify-contact-1": listed})["strategy"] == [meant]


def test_an_attribute_no_lookup_begins_with_makes_a_unique_lookup(ask: Centre) -> None:
    define("_facebookId")
    changed = ask.media("chat", **{"identify-contact-1": "_facebookId", "identify-contact-2": "EmailAddress"})
    assert changed["strategy"] == ["_facebookIdLookup", BY_EMAIL]
    made = ask.api.get("/identification-keys/_facebookIdLookup").json()
    assert (made["kind"], made["state"], made["attributes"]) == ("unique", "building", ["_facebookId"])
    work()
    created = ask(MediaType="chat", _facebookId="zuck")
    assert ask(MediaType="chat", _facebookId="ZUCK")["ContactId"] == created["ContactId"]
    assert ask.media("chat", **{"identify-contact-1": "_facebookId"})["strategy"] == ["_facebookIdLookup"]


def test_an_undefined_attribute_makes_no_lookup(ask: Centre) -> None:
    refused = ask.media("chat", status=400, **{"identify-contact-1": "_facebookId"})
    assert "attribute '_facebookId' is not defined" in refused["errors"][0]
    assert len(ask.api.get("/identification-keys").json()) == 6


def test_media_types_are_made_changed_and_deleted_while_the_registry_runs(ask: Centre) -> None:
    made = ask.api.post("/media-types", {"name": "webform", "strategy": ["PhoneNumber"]})
    assert made.status_code == 201
    assert ask(MediaType="webform", PhoneNumber="2148675309")["ContactCreated"] is True
    ask.media("webform", strategy=["EmailAddress"])
    assert ask(MediaType="webform", status=400, PhoneNumber="2148675309")["errors"][0].endswith("by EmailAddress")
    assert ask.api.delete("/media-types/webform").status_code == 200
    assert ask(MediaType="webform", status=400, **ADA)["errors"] == ["MediaType 'webform' is not known"]
    assert live_customers() == 1


def test_predefined_media_types_stay(ask: Centre) -> None:
    assert ask.api.delete("/media-types/email").json() == {"error": "A predefined media type cannot be deleted"}
    assert ask.media("email", name="mail", status=409) == {"error": "A predefined media type cannot be renamed"}
    assert "it needs a lookup" in ask.media("any", status=400, strategy=[])["errors"][0]


def test_everything_wrong_with_a_media_type_is_told_at_once(ask: Centre) -> None:
    body = {"name": "", "create-contact": "perhaps", "minimum-creation-attributes": "_x,LastName", "colour": "red"}
    answer = ask.api.post("/media-types", {**body, "strategy": 5})
    assert answer.status_code == 400
    assert answer.json()["errors"] == [
        "name is required",
        "create_contact must be true or false",
        "attribute '_x' is not defined",
        "strategy must be a list of lookups: names, or lists of attributes",
        "'colour' is not known",
    ]
    assert ask.api.post("/media-types", {"name": "email"}).status_code == 409
    assert ask.api.get("/media-types/fax").status_code == 404


def test_strategies_are_administrators_to_change() -> None:
    writer = Centre("write")
    assert writer.media("email", status=403, strategy=["PhoneNumber"])
    assert writer.api.post("/media-types", {"name": "x"}).status_code == 403
    assert Centre("read").api.get("/media-types").status_code == 200

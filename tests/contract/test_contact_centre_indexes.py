"""Lookups that a tenant makes itself: their index, and keys that follow whatever becomes of customers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from contacts.intake import read_submission
from contacts.models import ContactAttribute, Customer
from matching import identify as identifying
from matching import lookup_building, rekeying
from matching.lookup_keys import MOST_KEYS
from matching.model_definition import EXACT, SEED_MODEL, Comparison, ModelDefinition
from matching.models import Lookup, LookupKey, Merge
from matching.revising import retire
from matching.versions import add_model
from review import verdicts
from tests.contract.centre import Centre, define
from tests.jobs import work
from tests.registry import SYLVIA, default_tenant, pending, source

pytestmark = pytest.mark.django_db

HOME = "home@byron.example"


@pytest.fixture
def ask() -> Centre:
    return Centre()


def submit(key: str, *, to: str = "CRM", **said: Any) -> Any:
    """A record of CRM that carries custom attributes."""
    system = source(to)
    attributes = {name: said.pop(name) for name in list(said) if name[0] == "_" or name[0].isupper()}
    body = {**SYLVIA, **said, "attributes": attributes, "source_system": to, "source_key": key}
    types = dict.fromkeys(attributes, "string")
    record = read_submission(body, required_fields=(), region="US", attribute_types=types)
    return identifying.identify(record, source=system, tenant=default_tenant(), by="tester")


def somebody(number: int) -> dict[str, Any]:
    return {
        "first_name": f"Name{'abcdefghij'[number]}",
        "last_name": f"Family{'qrstuvwxyz'[number]}",
        "email": f"somebody{number}@example.org",
        "phone": f"+1214867{5300 + number}",
        "address": None,
    }


def test_lookups_are_made_while_the_registry_runs_over_the_contacts_there_are(ask: Centre) -> None:
    define("_club")
    made = [submit(str(n), **somebody(n), _club=f"club {n % 2}") for n in range(6)]
    key = ask.key("_club", kind="multiple", name="ClubLookup")
    assert (key["state"], key["progress"]) == ("ready", 1.0)
    ask.media("chat", strategy=["ClubLookup"])
    answer = ask(MediaType="chat", _club="CLUB 0")
    assert answer["ContactIdList"] == [str(made[n].customer.pk) for n in (0, 2, 4)]


def test_a_lookup_under_construction_answers_nothing_and_the_others_keep_serving(ask: Centre) -> None:
    define("_club")
    known = submit("1", _club="a")
    answer = ask.api.post("/identification-keys", {"attributes": ["_club"], "unique": True})
    assert answer.status_code == 202
    assert (answer.json()["state"], answer.json()["progress"]) == ("building", 0.0)
    ask.media("chat", strategy=["_club", "EmailAddress"])
    found = ask(MediaType="chat", _club="a", EmailAddress=SYLVIA["email"])
    assert found["ContactId"] == str(known.customer.pk)
    work()
    assert ask(MediaType="chat", _club="a")["ContactId"] == str(known.customer.pk)


def test_a_build_that_was_killed_goes_on_where_it_was(ask: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup_building, "BATCH", 2)
    define("_club")
    for n in range(5):
        submit(str(n), **somebody(n), _club=f"club {n}")
    ask.api.post("/identification-keys", {"attributes": ["_club"], "unique": True})

    class Killed(BaseException):
        pass

    def kill(lookup: Lookup) -> None:
        if lookup.customers_built == 4:
            raise Killed

    [made] = Lookup.objects.filter(name="_clubLookup")
    with pytest.raises(Killed):
        lookup_building.build(made, told=kill)
    halfway = ask.api.get("/identification-keys/_clubLookup").json()
    assert (halfway["state"], halfway["progress"]) == ("building", 0.8)
    batches: list[int] = []
    lookup_building.build(made, told=lambda lookup: batches.append(lookup.customers_built))
    assert batches == [5]
    assert LookupKey.objects.filter(held=True).count() == 5
    assert ask.api.get("/identification-keys/_clubLookup").json()["state"] == "ready"


def test_contacts_that_come_during_the_build_are_in_the_index(ask: Centre) -> None:
    define("_club")
    ask.api.post("/identification-keys", {"attributes": ["_club"], "unique": True})
    known = submit("1", _club="a")
    assert LookupKey.objects.get().customer_id == known.customer.pk
    work()
    ask.media("chat", strategy=["_club"])
    assert ask(MediaType="chat", _club="a")["ContactId"] == str(known.customer.pk)


def test_a_unique_lookup_that_contacts_violate_is_refused_with_the_duplicates(ask: Centre) -> None:
    define("_club")
    ids = [str(submit(str(n), **somebody(n), _club="Same" if n else "other").customer.pk) for n in range(3)]
    key = ask.key("_club", unique=True)
    assert key["state"] == "failed"
    assert key["duplicates"] == [{"contact_ids": sorted(ids[1:]), "attributes": {"_club": "same"}}]
    ask.media("chat", strategy=["_club", "EmailAddress"])
    assert "by EmailAddress" in ask(MediaType="chat", status=400, _club="other")["errors"][0]
    assert ask.api.post("/identification-keys/_clubLookup/settle").status_code == 409


def test_once_the_duplicates_are_merged_the_lookup_is_put_in_force(ask: Centre) -> None:
    define("_club")
    one, two = (submit(str(n), **somebody(n), _club="same").customer.pk for n in range(2))
    assert ask.key("_club", unique=True)["state"] == "failed"
    verdicts.merge(target_id=two, source_id=one, tenant=default_tenant(), by="steward")
    settled = ask.api.post("/identification-keys/_clubLookup/settle")
    assert (settled.status_code, settled.json()["state"]) == (200, "ready")
    ask.media("chat", strategy=["_club"])
    assert ask(MediaType="chat", _club="same")["ContactId"] == str(two)


def test_another_doors_record_with_a_taken_key_is_stored_and_people_are_asked(ask: Centre) -> None:
    ask.media("chat", strategy=["FacebookId"])
    holder = ask(MediaType="chat", FacebookId="ada")["ContactId"]
    other = submit("1", FacebookId="ADA")
    assert other.outcome == "created"
    assert other.disputed == ("FacebookIdLookup",)
    assert [str(pair.customer_id) for pair in pending()] == [holder]
    assert pending()[0].search_tokens == ["FacebookIdLookup"]
    assert ask(MediaType="chat", FacebookId="ada")["ContactId"] == holder
    shared = ask.api.get("/identification-keys/FacebookIdLookup").json()["duplicates"]
    assert shared == [{"contact_ids": sorted([holder, str(other.customer.pk)]), "attributes": {"FacebookId": "ada"}}]
    submit("1", FacebookId="ADA")
    assert len(pending()) == 1


def test_the_next_in_line_gets_the_key_when_the_holder_is_deleted(ask: Centre) -> None:
    ask.media("chat", strategy=["FacebookId"])
    ask(MediaType="chat", FacebookId="ada")
    other = submit("1", FacebookId="ada")
    retire(Customer.objects.exclude(pk=other.customer.pk).get().pk, tenant=default_tenant(), by="steward")
    assert ask(MediaType="chat", FacebookId="ada")["ContactId"] == str(other.customer.pk)


def test_keys_follow_merges_and_what_takes_them_back(ask: Centre) -> None:
    ask.media("chat", strategy=["FacebookId"])
    tenant = default_tenant()
    one = ask(MediaType="chat", FacebookId="ada")["ContactId"]
    two = ask(MediaType="chat", FacebookId="augusta")["ContactId"]
    verdicts.merge(target_id=UUID(two), source_id=UUID(one), tenant=tenant, by="steward")
    assert ask(MediaType="chat", FacebookId="ada")["ContactId"] == two
    verdicts.undo_merge(Merge.objects.get().pk, tenant=tenant, by="steward")
    assert ask(MediaType="chat", FacebookId="ada")["ContactId"] == one
    assert ask(MediaType="chat", FacebookId="augusta")["ContactId"] == two


def test_keys_follow_a_split(ask: Centre) -> None:
    ask.media("chat", strategy=["FacebookId"])
    tenant = default_tenant()
    one = UUID(ask(MediaType="chat", FacebookId="ada")["ContactId"])
    other = submit("1", FacebookId="augusta")
    verdicts.merge(target_id=one, source_id=other.customer.pk, tenant=tenant, by="steward")
    split = verdicts.split(customer_id=one, aliases=[other.contact.pk], tenant=tenant, by="steward")
    assert ask(MediaType="chat", FacebookId="augusta")["ContactId"] == str(split[1].pk)
    assert ask(MediaType="chat", FacebookId="ada")["ContactId"] == str(one)


def test_keys_follow_a_correction(ask: Centre) -> None:
    ask.media("chat", strategy=["FacebookId"])
    known = submit("1", FacebookId="ada")
    corrected = submit("1", FacebookId="augusta")
    assert corrected.outcome == "updated"
    assert ask(MediaType="chat", FacebookId="augusta")["ContactId"] == str(known.customer.pk)
    assert ask(MediaType="chat", FacebookId="ada")["ContactCreated"] is True


def test_a_customer_that_says_very_much_has_a_bounded_number_of_keys(ask: Centre) -> None:
    define("_a")
    define("_b")
    ask.key("_a", "_b", unique=True)
    first = submit("0", _a="0", _b="0")
    for n in range(1, 40):
        submit(str(n), to="CRM", _a=str(n), _b=str(n))
    submit("39", _a="another", _b="39")
    assert LookupKey.objects.filter(customer=first.customer.pk).count() == MOST_KEYS


def test_keys_are_deleted_when_nothing_uses_them(ask: Centre) -> None:
    define("_club")
    ask.key("_club", unique=True)
    submit("1", _club="a")
    ask.media("chat", strategy=["_club"])
    refused = ask.api.delete("/identification-keys/_clubLookup")
    assert (refused.status_code, refused.json()) == (
        409,
        {"error": "The strategy of chat uses this identification key"},
    )
    ask.media("chat", strategy=[])
    assert ask.api.delete("/identification-keys/_clubLookup").status_code == 200
    assert ask.api.get("/identification-keys/_clubLookup").status_code == 404
    work()
    assert not LookupKey.objects.exists()
    assert not Lookup.objects.filter(name="_clubLookup").exists()
    builtin = ask.api.delete("/identification-keys/FacebookIdLookup")
    assert builtin.json() == {"error": "A predefined identification key cannot be deleted"}


def test_the_originals_address_makes_keys_and_takes_its_tenant_header(ask: Centre) -> None:
    define("_club")
    body = {"name": "ClubLookup", "attributes": ["_club"], "unique": True}
    made = ask.api.post("/metadata/identification-keys", body, x_genesys_tenantid="default")
    assert made.status_code == 202
    listed = ask.api.get("/metadata/identification-keys", x_genesys_tenantid=str(default_tenant().pk)).json()
    assert listed[-1]["name"] == "ClubLookup"
    assert ask.api.get("/metadata/identification-keys", x_genesys_tenantid="nowhere").status_code == 404


def test_everything_wrong_with_a_key_is_told_at_once(ask: Centre) -> None:
    refused = ask.key("_x", "_x", status=400, kind="odd", unique="yes", name="a,b")["errors"]
    assert refused == [
        "attribute '_x' is not defined",
        "attribute '_x' is not defined",
        "attributes must be different ones, at most 10",
        "name cannot be a number, nor contain commas or control characters",
        "kind must be one of unique, multiple, regular",
        "unique must be true or false",
    ]
    assert ask.key("FirstName", status=400, kind="multiple", unique=True)["errors"] == [
        "kind and unique contradict each other"
    ]
    assert ask.key(status=400)["errors"] == ["attributes is required"]
    assert ask.key("FirstName", status=409) == {"error": "An identification key with this name already exists"}
    assert ask.key("FirstName", name="EmailAddressLookup", status=409)


def test_a_lookup_that_needs_no_index_is_ready_at_once(ask: Centre) -> None:
    made = ask.key("EmailAddress", "FirstName", status=201, name="Mailbox")
    assert (made["kind"], made["state"]) == ("regular", "ready")


def test_keys_are_administrators_to_make() -> None:
    writer = Centre("write")
    writer.key("EmailAddress", "FirstName", status=403)
    assert writer.api.delete("/identification-keys/FirstNameLookup").status_code == 403


def test_a_custom_attribute_can_be_a_field_that_the_match_model_compares(ask: Centre) -> None:
    define("_loyalty")
    assert ContactAttribute.objects.get().name == "_loyalty"
    compared = Comparison("attributes._loyalty", EXACT, m=0.95, u=0.00001, unique=True)
    definition = ModelDefinition(
        comparisons=(*SEED_MODEL.comparisons[:2], compared), match_threshold=0.95, review_threshold=0.7
    )
    add_model(definition, tenant=default_tenant(), reason="loyalty numbers", by="tester")
    rekeying.finish(default_tenant())
    created = ask(EmailAddress="s@x.org", FirstName="Sylvia", LastName="Abernathy", _loyalty="L-1")
    done = submit("1", email="another@example.org", _loyalty="L-1")
    assert (done.outcome, str(done.customer.pk)) == ("linked", created["ContactId"])
    assert done.contact.match_evidence["fields"][2]["field"] == "attributes._loyalty"
    assert ask(EmailAddress="another@example.org")["_loyalty"] == "L-1"

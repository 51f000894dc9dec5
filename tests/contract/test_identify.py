"""`POST /identify`, as its document and contract have it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from contacts.models import Contact, Customer
from matching.models import Merge
from matching.revising import retire
from review import verdicts
from tests.registry import SYLVIA, aliases_of, default_tenant, live_customers, pending, post

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(client: Client, settings: Any) -> Any:
    settings.ANONYMOUS_API = True

    def asked(email: object = None, phone: object = None, *, status: int = 200, **headers: str) -> Any:
        body = {"email": email, "phoneNumber": phone}
        answer = client.post("/identify", body, content_type="application/json", headers=headers)
        assert answer.status_code == status, answer.content
        return answer.json().get("contact", answer.json())

    return asked


def test_it_makes_a_primary_contact_of_somebody_unknown(ask: Any) -> None:
    answer = ask("lorraine@hillvalley.edu", "123456")
    only = Contact.objects.get()
    assert answer == {
        "primaryContatctId": only.pk,
        "primaryContactId": only.pk,
        "emails": ["lorraine@hillvalley.edu"],
        "phoneNumbers": ["123456"],
        "secondaryContactIds": [],
    }


def test_it_makes_a_secondary_contact_of_something_known_with_something_new(ask: Any) -> None:
    first = ask("lorraine@hillvalley.edu", "123456")["primaryContatctId"]
    answer = ask("mcfly@hillvalley.edu", "123456")
    assert answer["primaryContatctId"] == first
    assert answer["emails"] == ["lorraine@hillvalley.edu", "mcfly@hillvalley.edu"]
    assert answer["phoneNumbers"] == ["123456"]
    assert len(answer["secondaryContactIds"]) == 1
    for email, phone in (("mcfly@hillvalley.edu", None), (None, "123456"), ("lorraine@hillvalley.edu", None)):
        assert ask(email, phone) == answer
    assert Contact.objects.count() == 2


def test_it_writes_nothing_for_what_the_cluster_knows_already_whatever_rows_it_sits_on(ask: Any) -> None:
    ask("a@x.org", "111222")
    ask("a@x.org", "333444")
    ask("b@x.org", "333444")
    ask("b@x.org", "111222")
    assert Contact.objects.count() == 3


def test_it_joins_two_customers_that_a_request_names_together(ask: Any) -> None:
    older = ask("george@hillvalley.edu", "919191")["primaryContatctId"]
    newer = ask("biff@hillvalley.edu", "717171")["primaryContatctId"]
    answer = ask("george@hillvalley.edu", "717171")
    assert answer["primaryContatctId"] == older
    assert answer["secondaryContactIds"] == [newer]
    assert answer["emails"] == ["george@hillvalley.edu", "biff@hillvalley.edu"]
    assert answer["phoneNumbers"] == ["919191", "717171"]
    assert Contact.objects.count() == 2
    assert Merge.objects.get().reason == "bridge"
    assert live_customers() == 1


def test_it_joins_through_secondaries_and_keeps_one_level(ask: Any) -> None:
    first = ask("a@x.org", "111222")["primaryContatctId"]
    ask("b@x.org", "111222")
    second = ask("c@x.org", "333444")["primaryContatctId"]
    ask("d@x.org", "333444")
    answer = ask("b@x.org", "333444")
    assert answer["primaryContatctId"] == first
    assert second in answer["secondaryContactIds"]
    assert len(answer["secondaryContactIds"]) == 3


@pytest.mark.parametrize("nothing", [None, ""])
def test_it_refuses_a_request_that_says_nothing(ask: Any, nothing: object) -> None:
    assert ask(nothing, nothing, status=400) == {"errors": ["email or phoneNumber is required"]}


def test_it_names_everything_that_is_wrong(ask: Any) -> None:
    answer = ask(5, 1.5, status=400)
    assert answer == {"errors": ["email must be a string", "phoneNumber must be a string or an integer"]}
    assert ask("x" * 300, True, status=400)["errors"][0].startswith("email is too long")
    assert ask("\u0130" * 254, None, status=400)["errors"][0].startswith("email is too long"), "as it is matched"
    assert not Contact.objects.exists()


def test_it_takes_an_integer_for_a_phone_and_answers_strings(ask: Any) -> None:
    assert ask(None, 123456)["phoneNumbers"] == ["123456"]
    assert ask("a@x.org", "123456")["phoneNumbers"] == ["123456"]


def test_it_matches_case_spaces_and_notations_but_answers_as_first_received(ask: Any) -> None:
    answer = ask(" Doc@HillValley.edu", "(214) 867-5309")
    assert answer["emails"] == ["Doc@HillValley.edu"]
    assert answer["phoneNumbers"] == ["(214) 867-5309"]
    assert ask("doc@hillvalley.EDU", "+1 214 867 5309") == answer
    assert Contact.objects.count() == 1


def test_it_counts_deleted_contacts_for_nothing(ask: Any) -> None:
    first = ask("a@x.org", "111222")["primaryContatctId"]
    retire(Customer.objects.get().pk, tenant=default_tenant(), by="tester")
    assert ask("a@x.org")["primaryContatctId"] != first


def test_it_finds_a_customer_that_crm_posted(ask: Any) -> None:
    known = post()
    answer = ask("Sylvia.Abernathy@example.org")
    assert answer["primaryContatctId"] == known.contact.pk
    assert answer["phoneNumbers"] == [SYLVIA["phone"]]
    ask("sylvia.abernathy@example.org", "5550001")
    assert [alias.source.name for alias in aliases_of(known.customer)] == ["CRM", "storefront"]


def test_a_named_record_joins_the_nameless_customer_that_shares_its_mailbox(ask: Any) -> None:
    ask("sylvia.abernathy@example.org", "5550001")
    done = post()
    assert (done.outcome, done.contact.match_algorithm) == ("linked", "shared-identifier")
    assert done.customer.first_name == "Sylvia"
    assert live_customers() == 1


def test_every_nameless_customer_that_shares_a_value_becomes_the_named_one(ask: Any) -> None:
    ask("sylvia.abernathy@example.org", "5550001")
    ask(None, SYLVIA["phone"])
    assert live_customers() == 2
    done = post()
    assert done.outcome == "linked"
    assert live_customers() == 1
    assert Merge.objects.get().reason == "fold"
    assert len(aliases_of(done.customer)) == 3


def test_two_named_customers_that_share_a_mailbox_stay_apart_and_a_person_is_asked(ask: Any) -> None:
    mother = post()
    post(to="BILLING", first_name="Kevin", phone="+12148675301")
    answer = ask("sylvia.abernathy@example.org", "+12148675301")
    assert answer["primaryContatctId"] == mother.contact.pk
    assert live_customers() == 2
    assert len(pending()) == 1
    assert Contact.objects.count() == 2
    ask("sylvia.abernathy@example.org", "+12148675301")
    assert len(pending()) == 1


def test_a_tenant_can_have_the_plain_rule(ask: Any) -> None:
    tenant = default_tenant()
    tenant.merge_protection = False
    tenant.save()
    post()
    post(to="BILLING", first_name="Kevin", phone="+12148675301")
    ask("sylvia.abernathy@example.org", "+12148675301")
    assert live_customers() == 1


def test_what_a_person_keeps_apart_no_request_joins(ask: Any) -> None:
    ask("a@x.org", "111222")
    ask("b@x.org", "333444")
    ask("a@x.org", "333444")
    verdicts.undo_merge(Merge.objects.get().pk, tenant=default_tenant(), by="steward")
    ask("a@x.org", "333444")
    assert live_customers() == 2


def test_values_that_identify_nobody_link_nothing(ask: Any) -> None:
    one = ask("test@test.com", "5550001")
    other = ask("test@test.com", "5550002")
    assert one["primaryContatctId"] != other["primaryContatctId"]
    assert ask("test@test.com", "5550001") == one


def test_a_blocked_value_links_nothing(ask: Any) -> None:
    tenant = default_tenant()
    tenant.blocked_values = ["branch@example.org"]
    tenant.save()
    ask("branch@example.org", "5550001")
    ask("branch@example.org", "5550002")
    assert live_customers() == 2


def test_a_source_can_be_named(ask: Any) -> None:
    post()
    ask("new@x.org", **{"x-source-system": "CRM"})
    assert Contact.objects.latest("pk").source.name == "CRM"
    refused = ask("new2@x.org", status=400, **{"x-source-system": "NOPE"})
    assert refused == {"errors": ["source_system 'NOPE' is not registered"]}

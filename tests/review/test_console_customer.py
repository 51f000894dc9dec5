"""The customer page, splitting, undoing, reporting, downloading: who may, what is shown, what a stale form does."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from contacts.models import Contact, Customer
from matching.models import Merge
from review import verdicts
from review.console import choices
from review.models import Feedback
from review.templatetags.console import score
from tests.identity.api.callers import another_tenant
from tests.registry import SYLVIA, aliases_of, default_tenant, post, source
from tests.review.console_callers import admin, nobody, steward, text_of

pytestmark = pytest.mark.django_db

HOSTILE = "<script>alert(1)</script>"


def page(customer: Customer | UUID, rest: str = "") -> str:
    return f"/console/customers/{customer.pk if isinstance(customer, Customer) else customer}{rest}"


def at(street: str) -> dict[str, str]:
    return {"street": street, "city": "Dallas", "state": "TX", "zip": "75201"}


@pytest.fixture
def linked() -> Customer:
    """One customer of two records: CRM's, and BILLING's, which a machine linked."""
    customer = post().customer
    post(to="BILLING", key="B-1", address=at("14 Oak Avenue"))
    assert len(aliases_of(customer)) == 2
    customer.refresh_from_db()
    return customer


def form(customer: Customer, *contacts: Contact, **fields: Any) -> dict[str, Any]:
    return {"version": customer.version, "seen": "0", "contact": [contact.pk for contact in contacts], **fields}


def test_it_tells_each_value_with_the_record_it_came_from(linked: Customer) -> None:
    text = text_of(admin().get(page(linked)))
    assert "14 Oak AVE" in text
    assert "BILLING B-1" in text
    assert "1 other" in text, "CRM's street"
    assert "Record BILLING B-1 joined" in text
    assert "Scores" in text


def test_it_is_for_those_who_may_see_it(linked: Customer) -> None:
    stranger, elsewhere = nobody(), admin("north-boss", tenant=another_tenant())
    assert Client().get(page(linked)).status_code == 302
    assert stranger.get(page(linked)).status_code == 403
    assert elsewhere.get(page(linked)).status_code == 404
    assert steward(source("SHOP"), name="shopper").get(page(linked)).status_code == 404
    assert steward(source("CRM")).get(page(linked)).status_code == 200


def test_a_steward_looks_at_customers_proposed_for_own_records(linked: Customer) -> None:
    post(to="SHOP", key="S-1", email="new@example.com")
    proposed = linked.candidacies.filter(contact__source__name="SHOP")
    assert proposed.exists()
    shopper = steward(source("SHOP"))
    answer = shopper.get(page(linked))
    assert answer.status_code == 200
    assert 'type="checkbox" name="contact"' not in text_of(answer), "to look at, not to take apart"
    crm = aliases_of(linked)[0]
    assert shopper.post(page(linked, "/split"), form(linked, crm)).status_code == 403
    assert len(aliases_of(linked)) == 2


def test_it_leads_from_a_merged_customer_to_its_survivor(linked: Customer) -> None:
    other = post(to="ERP", key="9", email="else@example.com", first_name="Zoe", last_name="Quill").customer
    verdicts.merge(target_id=linked.pk, source_id=other.pk, tenant=default_tenant(), by="stella")
    answer = admin().get(page(other), follow=True)
    assert answer.redirect_chain[0][0].endswith(str(linked.pk))
    assert f"{other.pk} was merged into this customer" in text_of(answer)


def test_it_escapes_what_sources_send() -> None:
    customer = post(first_name=HOSTILE, last_name='"><img src=x onerror=alert(1)>').customer
    boss = admin()
    for address in (page(customer), page(customer, f"/split?contact={aliases_of(customer)[0].pk}")):
        text = text_of(boss.get(address))
        assert HOSTILE not in text
        assert "<img src=x" not in text


def test_no_name_is_in_the_title(linked: Customer) -> None:
    title = text_of(admin().get(page(linked))).partition("<title>")[2].partition("</title>")[0]
    assert str(linked.pk) in title
    assert "Sylvia" not in title


def test_it_shows_both_customers_before_it_splits(linked: Customer) -> None:
    billing = aliases_of(linked)[1]
    boss = admin()
    text = text_of(boss.get(page(linked, f"/split?contact={billing.pk}")))
    assert "1 record leaves for a new customer, 1 stays" in text
    assert "12 Oak AVE" in text
    assert "14 Oak AVE" in text
    assert len(aliases_of(linked)) == 2, "looking does nothing"
    answer = boss.post(page(linked, "/split"), form(linked, billing), follow=True)
    assert "kept apart from now on" in text_of(answer)
    assert aliases_of(linked) == [aliases_of(linked)[0]]
    billing.refresh_from_db()
    assert billing.customer_id != linked.pk
    linked.refresh_from_db()
    assert linked.street == "12 Oak AVE"


def test_it_does_not_split_what_has_changed_since(linked: Customer) -> None:
    boss, stale = admin(), form(linked, aliases_of(linked)[1])
    post(to="ERP", key="E-7", address=at("16 Oak Avenue"))
    answer = boss.post(page(linked, "/split"), stale)
    assert answer.status_code == 409
    assert "has changed since you looked" in text_of(answer)
    assert "Record ERP E-7 joined" in text_of(answer)
    assert len(aliases_of(linked)) == 3


@pytest.mark.parametrize("contacts", [[], ["all"], ["foreign"], ["0"], ["x"]])
def test_it_refuses_splits_that_are_none(linked: Customer, contacts: list[str]) -> None:
    foreign = post(to="ERP", key="9", email="else@example.com", first_name="Zoe", last_name="Quill").contact
    named = {"all": [each.pk for each in aliases_of(linked)], "foreign": [foreign.pk]}
    chosen = [pk for word in contacts for pk in named.get(word, [word])]
    answer = admin().post(page(linked, "/split"), {**form(linked), "contact": chosen})
    assert answer.status_code == 400
    assert len(aliases_of(linked)) == 2


def test_it_undoes_a_merge_it_has_shown(linked: Customer) -> None:
    other = post(to="ERP", key="9", email="else@example.com", first_name="Zoe", last_name="Quill").customer
    verdicts.merge(target_id=linked.pk, source_id=other.pk, tenant=default_tenant(), by="stella")
    linked.refresh_from_db()
    journal, boss = Merge.objects.get(), admin()
    assert f"/console/merges/{journal.pk}/undo" in text_of(boss.get(page(linked)))
    assert "goes back to customer" in text_of(boss.get(f"/console/merges/{journal.pk}/undo"))
    stale = boss.post(f"/console/merges/{journal.pk}/undo", {"version": linked.version - 1, "seen": "0"})
    assert stale.status_code == 409
    assert Merge.objects.get().undone_at is None
    boss.post(f"/console/merges/{journal.pk}/undo", {"version": linked.version, "seen": "0"})
    assert Merge.objects.get().undone_by == "boss"
    assert len(aliases_of(other)) == 1
    assert boss.get(f"/console/merges/{journal.pk}/undo").status_code == 409


def test_no_merge_of_another_tenant_is_undone(linked: Customer) -> None:
    other = post(to="ERP", key="9", email="else@example.com", first_name="Zoe", last_name="Quill").customer
    verdicts.merge(target_id=linked.pk, source_id=other.pk, tenant=default_tenant(), by="stella")
    north = admin("north-boss", tenant=another_tenant())
    for call in (north.get, north.post):
        assert call(f"/console/merges/{Merge.objects.get().pk}/undo").status_code == 404


def test_it_reports_a_false_match(linked: Customer) -> None:
    crm, billing = aliases_of(linked)
    stella = steward(source("BILLING"))
    stella.post(page(linked, "/reports"), {"alias": billing.pk, "notes": "Two sisters."})
    assert list(Feedback.objects.values_list("alias", "notes", "reported_by")) == [
        (billing.pk, "Two sisters.", "stella")
    ]
    assert stella.post(page(linked, "/reports"), {"alias": crm.pk}).status_code == 403
    assert admin().post(page(linked, "/reports"), {"alias": crm.pk}).status_code == 400, "no machine linked it"


def test_it_hands_out_everything_held(linked: Customer) -> None:
    post(to="SHOP", key="S-1", email="other@example.net")
    answer = admin().get(page(linked, "/everything.json"))
    assert "attachment" in answer["Content-Disposition"]
    held = json.loads(answer.content)
    assert [record["source"] for record in held["records"]] == ["CRM", "BILLING"]
    assert held["records"][0]["original_payload"]["email"] == SYLVIA["email"]
    assert held["history"]
    assert held["candidates"]
    assert "other@example.net" not in answer.content.decode(), "nothing of anybody else"


def test_it_writes_nothing_without_a_token(linked: Customer) -> None:
    strict = admin(strict=True)
    for address in ("/split", "/reports"):
        assert strict.post(page(linked, address), form(linked, aliases_of(linked)[1])).status_code == 403
    assert len(aliases_of(linked)) == 2


def test_it_reads_as_much_for_many_records_as_for_few(
    linked: Customer, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(12):
        post(to="SHOP", key=str(number))
    boss = admin()
    with django_assert_max_num_queries(16):
        boss.get(page(linked))


def test_very_many_records_are_leafed_through(linked: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choices, "RECORDS", 1)
    crm, billing = aliases_of(linked)
    ours = steward(source("BILLING"))
    first, second = (text_of(ours.get(page(linked, f"?records={number}"))) for number in (1, 2))
    assert [f'id="record-{each.pk}"' in first for each in (crm, billing)] == [True, False]
    assert [f'id="record-{each.pk}"' in second for each in (crm, billing)] == [False, True]
    assert "1 to 1 of 2, oldest first" in first
    assert f'href="?records=2#record-{billing.pk}"' in first, "the street is from the other page's record"
    assert f'href="#record-{billing.pk}"' in second
    assert "1 to 1 of 2, oldest first" in text_of(ours.get(page(linked, "?records=nonsense")))


def test_merges_can_be_undone_whichever_records_are_in_view(linked: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choices, "RECORDS", 1)
    zoe = post({"first_name": "Zoe", "last_name": "Quill", "email": "zoe@example.net"}, to="SHOP", key="S-1").customer
    verdicts.merge(target_id=linked.pk, source_id=zoe.pk, tenant=default_tenant(), by="joan")
    assert "Undo…" in text_of(steward(source("SHOP"), name="shopper").get(page(linked)))


def test_candidates_are_told_by_name_and_can_be_compared(linked: Customer) -> None:
    near = post(to="SHOP", key="S-1", email="new@example.com")
    (pair,) = near.candidates
    compare = reverse("console:queue-case", args=[near.contact.pk]) + f"?candidate={pair.pk}"
    for client in (admin(), steward(source("SHOP"), name="shopper")):
        for customer in (near.customer, linked):
            text = text_of(client.get(page(customer)))
            assert compare in text
            assert ">Sylvia Abernathy</a>" in text
            assert "waiting" in text
            assert score(pair.confidence) in text
    theirs = text_of(steward(source("BILLING"), name="biller").get(page(linked)))
    assert str(near.customer_id) in theirs
    assert compare not in theirs, "SHOP's record is not BILLING's steward's to see"
    assert page(near.customer) not in theirs


def test_a_score_is_cut_as_in_its_sentence(linked: Customer) -> None:
    """0.949 is below a threshold of 0.95, and must not read as if it were not."""
    Contact.objects.filter(pk=aliases_of(linked)[1].pk).update(match_confidence=0.949)
    assert "linked at 0.94" in text_of(admin().get(page(linked)))

"""Working through the queue by plain forms, as a browser without scripts does it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from contacts import clock
from contacts.models import Contact
from matching.models import CandidatePair, Merge
from review import claims, verdicts
from review.console import case as one_case
from review.console import cases
from review.models import Claim, Decision
from tests.registry import default_tenant, live_customers, post, put
from tests.review.desk import client_of, form_of, near_miss, person, steward, torn

pytestmark = pytest.mark.django_db


@pytest.fixture
def jane() -> Client:
    return client_of(steward("jane"))


def opened(client: Client, contact_id: int, query: str = "") -> Any:
    return client.get(reverse("console:queue-case", args=[contact_id]) + query)


def decide(client: Client, page: Any, verdict: str, query: str = "", **more: str) -> Any:
    case = page.context["case"]
    address = reverse("console:queue-decide", args=[case.contact.pk, case.pair.pk]) + query
    return client.post(address, {**form_of(page), "verdict": verdict, **more})


def test_starting_claims_the_first_record_and_opens_it(jane: Client) -> None:
    record = near_miss()
    answer = jane.post(reverse("console:queue-begin"))
    assert answer["Location"] == reverse("console:queue-case", args=[record.contact.pk])
    assert Claim.objects.get().by == "jane"
    assert "yours until" in jane.get(answer["Location"]).content.decode()


def test_each_verdict_leads_to_the_next_record_and_the_last_to_an_empty_queue(jane: Client) -> None:
    records = [near_miss(number) for number in range(3)]
    page = opened(jane, records[0].contact.pk)
    for verdict, following in zip(("approved", "rejected"), records[1:], strict=True):
        answer = decide(jane, page, verdict)
        assert answer["Location"] == reverse("console:queue-case", args=[following.contact.pk])
        page = jane.get(answer["Location"])
    answer = decide(jane, page, "deferred", doubt="Too little to go by", note="ask the shop")
    assert answer["Location"] == "/console/"
    assert "Nothing waits" in jane.get("/console/").content.decode()
    assert [decision.kind for decision in Decision.objects.order_by("pk")] == ["approved", "rejected", "deferred"]
    assert Decision.objects.get(kind="deferred").note == "Too little to go by — ask the shop"
    assert not Claim.objects.exists()


def test_the_filters_stay_in_force_from_one_record_to_the_next(jane: Client) -> None:
    by_email, by_phone, by_email_too = near_miss(1), near_miss(2, phone="+12065550199"), near_miss(3)
    answer = decide(jane, opened(jane, by_email.contact.pk, "?reason=email"), "rejected", "?reason=email")
    assert answer["Location"] == reverse("console:queue-case", args=[by_email_too.contact.pk]) + "?reason=email"
    assert by_phone.candidates[0].pk in {pair.pk for pair in CandidatePair.objects.filter(status="pending")}


def test_it_says_before_what_each_verdict_will_do(jane: Client) -> None:
    record = near_miss(email="newer@example.com")
    page = opened(jane, record.contact.pk)
    will = page.context["case"].approval
    assert (will.moving, will.staying, will.closes) == (("BILLING B0",), 1, 0)
    changed = [(change.label, change.after, change.source) for change in will.changes]
    assert changed == [("E-mail", "newer@example.com", "BILLING B0")]
    decide(jane, page, "approved")
    assert Merge.objects.get().trace["delta"]["email"]["to"] == "newer@example.com"


def test_a_record_with_several_candidates_is_one_page(jane: Client) -> None:
    record = torn()
    listed = jane.get("/console/").content.decode()
    assert listed.count('class="case"') == 1
    assert "2 more" in listed
    page = opened(jane, record.contact.pk)
    pairs = page.context["case"].candidates
    assert [pair.confidence for pair in pairs] == sorted((pair.confidence for pair in pairs), reverse=True)
    other = opened(jane, record.contact.pk, f"?candidate={pairs[2].pk}")
    assert other.context["case"].pair == pairs[2]
    assert other.context["case"].approval.closes == 2


def test_after_a_rejection_the_record_s_next_candidate_comes(jane: Client) -> None:
    record = torn()
    answer = decide(jane, opened(jane, record.contact.pk), "rejected")
    assert answer["Location"] == reverse("console:queue-case", args=[record.contact.pk])
    page = jane.get(answer["Location"])
    assert len(page.context["case"].candidates) == 2
    decide(jane, page, "approved")
    assert CandidatePair.objects.filter(status="pending").count() == 0


@pytest.mark.parametrize("verdict", ["approved", "rejected"])
def test_a_stale_verdict_is_told_and_not_carried_out(jane: Client, verdict: str) -> None:
    record = near_miss()
    page = opened(jane, record.contact.pk)
    put(record.candidates[0].customer_id, phone="+12065550123")
    answer = decide(jane, page, verdict)
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "Nothing was written" in text
    assert "+12065550123" in text
    assert live_customers() == 2
    assert CandidatePair.objects.get().status == "pending"
    assert decide(jane, answer, verdict).status_code == 302


def test_who_comes_second_is_told_what_the_first_decided(jane: Client) -> None:
    record = near_miss()
    page = opened(jane, record.contact.pk)
    joan = client_of(steward("joan"))
    decide(joan, opened(joan, record.contact.pk), "rejected")
    answer = decide(jane, page, "approved")
    text = " ".join(re.sub(r"<[^>]*>", "", answer.content.decode()).split())
    assert answer.status_code == 409
    assert "joan decided just now: not the same" in text
    assert live_customers() == 2


def test_what_another_has_claimed_is_decided_by_nobody_else_until_taken_over(jane: Client) -> None:
    record = near_miss()
    claims.take(record.contact.pk, tenant=default_tenant(), by="joan")
    page = opened(jane, record.contact.pk)
    assert "joan is at work" in page.content.decode()
    assert decide(jane, page, "rejected").status_code == 409
    assert CandidatePair.objects.get().status == "pending"
    address = reverse("console:queue-claim", args=[record.contact.pk])
    assert jane.post(address, {"claim": "take"}).status_code == 409
    jane.post(address, {"claim": "over"})
    assert decide(jane, page, "rejected").status_code == 302


def test_a_claim_can_be_given_back(jane: Client) -> None:
    record = near_miss()
    address = reverse("console:queue-claim", args=[record.contact.pk])
    jane.post(address, {"claim": "take"})
    jane.post(address, {"claim": "release"})
    assert not Claim.objects.exists()


@pytest.mark.parametrize("verdict", ["approved", "rejected", "deferred"])
def test_every_verdict_can_be_taken_back_from_the_next_page(jane: Client, verdict: str) -> None:
    record = near_miss(1)
    near_miss(2)
    after = jane.get(decide(jane, opened(jane, record.contact.pk), verdict)["Location"])
    undo = re.search(r'id="last" method="post" action="([^"]*)"', after.content.decode())
    assert undo is not None
    answer = jane.post(undo.group(1))
    assert answer["Location"] == reverse("console:queue-case", args=[record.contact.pk])
    page = jane.get(answer["Location"])
    assert page.context["case"].is_open
    assert "Taken back" in page.content.decode()
    assert Decision.objects.get().undone_by == "jane"


def test_all_decisions_are_listed_each_with_its_way_back(jane: Client) -> None:
    for number in range(2):
        decide(jane, opened(jane, near_miss(number).contact.pk), "rejected")
    text = jane.get(reverse("console:queue-decisions")).content.decode()
    assert text.count('<button class="link">Undo<') == 2


def test_the_key_takes_back_what_is_recent_and_still_the_last(jane: Client) -> None:
    first, second = near_miss(0), near_miss(1)
    decide(jane, opened(jane, first.contact.pk), "rejected")
    earlier = Decision.objects.get()
    decide(jane, opened(jane, second.contact.pk), "rejected")
    later = Decision.objects.exclude(pk=earlier.pk).get()
    asked = jane.post(reverse("console:queue-undo", args=[earlier.pk]), {"last": earlier.pk})
    assert "Take this decision back?" in asked.content.decode(), "another page is out of date"
    assert not Decision.objects.exclude(undone_at=None).exists()
    jane.post(reverse("console:queue-undo", args=[later.pk]), {"last": later.pk})
    later.refresh_from_db()
    assert later.undone_by == "jane"


def test_an_old_decision_is_taken_back_only_after_asking(jane: Client) -> None:
    with clock.replaying(timezone.now() - timedelta(minutes=16)):
        decide(jane, opened(jane, near_miss().contact.pk), "approved")
    decision, queue = Decision.objects.get(), reverse("console:queue")
    address = reverse("console:queue-undo", args=[decision.pk])
    for page in (queue, reverse("console:queue-decisions")):
        text = jane.get(page).content.decode()
        assert f'href="{address}"' in text
        assert 'data-key="z">Undo <' not in text
    for ask in (jane.get, jane.post):
        text = ask(address).content.decode()
        assert "1 record goes back" in text
    decision.refresh_from_db()
    assert decision.undone_at is None, "asked, and not done"
    assert jane.post(address, {"confirmed": "yes"}).status_code == 302
    decision.refresh_from_db()
    assert decision.undone_by == "jane"
    assert jane.get(address).status_code == 409


def test_taking_back_what_cannot_be_taken_back_says_why(jane: Client) -> None:
    record = near_miss()
    decide(jane, opened(jane, record.contact.pk), "approved")
    decision = Decision.objects.get()
    verdicts.undo_merge(decision.merge_id or 0, tenant=default_tenant(), by="joan")
    answer = jane.post(reverse("console:queue-undo", args=[decision.pk]))
    assert answer.status_code == 409
    assert "taken back already" in answer.content.decode()


def test_a_record_that_is_gone_can_still_be_looked_at(jane: Client) -> None:
    record = near_miss()
    decide(jane, opened(jane, record.contact.pk), "approved")
    page = opened(jane, record.contact.pk)
    assert page.status_code == 200
    assert "Undo this" in page.content.decode()


def test_a_record_that_never_came_near_anybody_has_no_page(jane: Client) -> None:
    record = near_miss()
    unasked = Contact.objects.exclude(pk=record.contact.pk).get()
    assert opened(jane, unasked.pk).status_code == 404
    assert opened(jane, 10**30).status_code == 404
    assert opened(jane, record.contact.pk, "?candidate=99999999999999999").status_code == 404


def test_the_figures_of_the_top_bar_are_a_page_of_their_own(jane: Client) -> None:
    near_miss()
    text = jane.get("/console/counts").content.decode()
    assert text.lstrip().startswith("<div")
    assert "<b>1</b>" in text


def test_the_queue_takes_as_many_queries_for_thirty_records_as_for_one(
    jane: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        near_miss(number)
    with django_assert_max_num_queries(14):
        jane.get("/console/")


def test_a_case_takes_a_handful_of_queries(jane: Client, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    record = torn()
    with django_assert_max_num_queries(24):
        opened(jane, record.contact.pk)


def test_a_value_that_others_share_as_well_is_marked(jane: Client) -> None:
    record = near_miss(1)
    phone = record.contact.facts.phone
    assert [row.note for row in opened(jane, record.contact.pk).context["case"].rows] == [""] * 5
    post({"phone": phone, "first_name": "Somebody", "last_name": "Else"}, to="SHOP", key="S1")
    notes = {row.label: row.note for row in opened(jane, record.contact.pk).context["case"].rows}
    assert notes["Phone"] == "shared by 3"


def test_a_candidate_of_many_records_is_weighed_with_all_of_them(jane: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The golden record that a verdict would make depends on each record; only the table of them is cut."""
    monkeypatch.setattr(one_case, "MOST_RECORDS", 1)
    record = near_miss()
    post(person(0), to="SHOP", key="S0")
    text = opened(jane, record.contact.pk).content.decode()
    assert "candidate · 2 records" in text
    assert "which then has 3 records" in text
    assert "1 of 2, the oldest and the one compared" in text
    monkeypatch.setattr(one_case, "MOST_RECORDS", 2)
    assert "Every record behind the candidate" in opened(jane, record.contact.pk).content.decode()


def test_decisions_are_told_by_name_counted_and_leafed_through(jane: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cases, "DECISIONS", 2)
    records = [near_miss(number) for number in range(3)]
    for record in records:
        decide(jane, opened(jane, record.contact.pk), "rejected")
    Decision.objects.filter(contact=records[0].contact).update(at=clock.now() - timedelta(days=2))
    latest = jane.get(reverse("console:queue-decisions"))
    text = latest.content.decode()
    assert "2 in the last 24 hours" in text
    assert [f"BILLING B{number}" in text for number in range(3)] == [False, True, True]
    assert text.count(f"{person(2)['first_name']} {person(2)['last_name']}") == 2, "incoming and candidate"
    before = jane.get(reverse("console:queue-decisions"), {"before": latest.context["earlier"]}).content.decode()
    assert [f"BILLING B{number}" in before for number in range(3)] == [True, False, False]
    assert "Earlier" not in before
    none = jane.get(reverse("console:queue-decisions"), {"before": "1"}).content.decode()
    assert "Nothing before that" in none


def test_who_comes_second_is_told_that_the_candidate_no_longer_waits(jane: Client) -> None:
    record = near_miss()
    page = opened(jane, record.contact.pk)
    decide(client_of(steward("joan")), opened(jane, record.contact.pk), "approved")
    text = decide(jane, page, "approved").content.decode()
    assert "this candidate no longer waits" in text
    assert "joan</b> decided" in text
    assert "not found" not in text

"""One verdict on many: told before in numbers, carried out for what has not changed."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from matching.models import CandidatePair
from review import claims
from review.models import Decision
from tests.registry import default_tenant, live_customers, put
from tests.review.desk import client_of, near_miss, steward

pytestmark = pytest.mark.django_db


@pytest.fixture
def jane() -> Client:
    return client_of(steward("jane"))


def batch(client: Client, verdict: str, **form: Any) -> Any:
    return client.post(reverse("console:queue-batch"), {"verdict": verdict, **form})


def ticked(*records: Any) -> list[int]:
    return [record.candidates[0].pk for record in records]


def test_alike_cases_are_offered_and_listed_with_ticks(jane: Client) -> None:
    records = [near_miss(number) for number in range(3)]
    near_miss(9, phone="+12065550199")
    page = jane.get("/console/")
    assert [each.words for each in page.context["batches"]] == ["e-mail differs"]
    alike = jane.get("/console/" + page.context["batches"][0].address).content.decode()
    assert alike.count('name="pair"') == len(records)


@pytest.mark.parametrize(("verdict", "left"), [("approved", 3), ("rejected", 6)])
def test_it_is_told_first_and_done_when_confirmed(jane: Client, verdict: str, left: int) -> None:
    records = [near_miss(number) for number in range(3)]
    shown = batch(jane, verdict, pair=ticked(*records))
    assert shown.status_code == 200
    assert "3 records" in shown.content.decode()
    assert live_customers() == 6
    assert not Decision.objects.exists()
    done = batch(jane, verdict, case=[str(case) for case in shown.context["cases"]])
    assert done.status_code == 302
    assert live_customers() == left
    assert Decision.objects.filter(kind=verdict, by="jane").count() == 3


def test_what_changed_since_it_was_shown_is_left(jane: Client) -> None:
    records = [near_miss(number) for number in range(2)]
    shown = batch(jane, "approved", pair=ticked(*records))
    put(records[0].customer.pk, by_source="BILLING", phone="+12065550100")
    done = batch(jane, "approved", case=[str(case) for case in shown.context["cases"]])
    assert CandidatePair.objects.get(pk=records[0].candidates[0].pk).status == "pending"
    assert CandidatePair.objects.get(pk=records[1].candidates[0].pk).status == "approved"
    assert "1 had changed" in jane.get(done["Location"]).content.decode()


def test_what_another_is_at_work_on_or_may_decide_alone_is_left_out(jane: Client) -> None:
    mine, claimed, another = near_miss(1), near_miss(2), near_miss(3, to="SHOP")
    claims.take(claimed.contact.pk, tenant=default_tenant(), by="joan")
    shown = batch(jane, "rejected", pair=ticked(mine, claimed, another))
    assert [case.pair_id for case in shown.context["cases"]] == ticked(mine)
    forged = str(shown.context["cases"][0]).replace(f":{ticked(mine)[0]}:", f":{ticked(another)[0]}:")
    batch(jane, "rejected", case=[forged])
    assert not Decision.objects.exists()


@pytest.mark.parametrize("form", [{"pair": []}, {"pair": ["x"]}, {"case": ["1:2"]}, {"case": ["a:b:c:d:e:f"]}])
def test_a_damaged_form_is_refused(jane: Client, form: dict[str, list[str]]) -> None:
    near_miss()
    assert batch(jane, "rejected", **form).status_code == 400
    assert batch(jane, "burn", **form).status_code == 400

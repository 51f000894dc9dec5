"""The next record is fetched in advance, counts for nothing by that, and is shown only while it is as it was."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from review.models import Claim
from tests.registry import put
from tests.review.console.test_reviewing import decide, opened
from tests.review.desk import client_of, near_miss, steward

pytestmark = pytest.mark.django_db

EVIDENCE = "what each field adds to the evidence"


@pytest.fixture
def jane() -> Client:
    return client_of(steward("jane"))


def fetched(client: Client, contact_id: int, query: str = "", **headers: str) -> Any:
    return client.get(reverse("console:queue-case", args=[contact_id]) + query, headers=headers)


def ahead(client: Client, contact_id: int, query: str = "") -> Any:
    return fetched(client, contact_id, query, X_Case_Ahead="1")


def held(client: Client, contact_id: int, state: str, query: str = "") -> Any:
    return fetched(client, contact_id, query, X_Case_Held=state)


def test_a_page_names_the_record_that_a_verdict_leads_to(jane: Client) -> None:
    first, second = near_miss(0), near_miss(1)
    page = opened(jane, first.contact.pk)
    assert f'data-ahead="/console/queue/{second.contact.pk}"' in page.content.decode()
    answer = decide(jane, page, "rejected")
    assert answer["Location"] == f"/console/queue/{second.contact.pk}"
    assert "data-ahead" not in opened(jane, second.contact.pk).content.decode(), "nothing else waits"


def test_what_is_held_and_stands_is_answered_by_its_head_alone(jane: Client) -> None:
    first, second = near_miss(0), near_miss(1)
    page = opened(jane, first.contact.pk)
    whole = ahead(jane, second.contact.pk)
    assert EVIDENCE in whole.content.decode()
    decide(jane, page, "rejected")
    answer = held(jane, second.contact.pk, whole["X-Case-State"])
    text = answer.content.decode()
    assert answer["X-Case-Held"] == whole["X-Case-State"]
    assert EVIDENCE not in text
    for fresh in ('id="case-head"', 'id="side"', 'id="counts"', "yours until", "Undo"):
        assert fresh in text
    with CaptureQueriesContext(connection) as short:
        held(jane, second.contact.pk, whole["X-Case-State"])
    with CaptureQueriesContext(connection) as full:
        opened(jane, second.contact.pk)
    assert len(short) < len(full)


def test_reading_ahead_claims_nothing(jane: Client) -> None:
    ahead(jane, near_miss().contact.pk)
    assert not Claim.objects.exists()


def test_a_message_is_shown_by_a_whole_page(jane: Client) -> None:
    first, second = near_miss(0), near_miss(1)
    state = ahead(jane, first.contact.pk)["X-Case-State"]
    decide(jane, opened(jane, first.contact.pk), "deferred", doubt="Too little to go by")
    latest = opened(jane, second.contact.pk).context["latest"]
    jane.post(reverse("console:queue-undo", args=[latest.pk]))
    assert "Taken back" not in ahead(jane, second.contact.pk).content.decode()
    answer = held(jane, first.contact.pk, state)
    assert "X-Case-Held" not in answer
    assert "Taken back" in answer.content.decode()


@pytest.mark.parametrize("change", ["record", "candidate", "decided", "filters"])
def test_what_has_changed_is_read_anew(jane: Client, change: str) -> None:
    record = near_miss(0)
    state = ahead(jane, record.contact.pk)["X-Case-State"]
    query = ""
    if change == "record":
        put(record.customer_id, by_source="BILLING", last_name="Otherwise")
    elif change == "candidate":
        put(record.candidates[0].customer_id, by_source="CRM", phone="+13125550100")
    elif change == "decided":
        decide(jane, opened(jane, record.contact.pk), "rejected")
    else:
        query = "?sort=oldest"
    answer = held(jane, record.contact.pk, state, query)
    assert "X-Case-Held" not in answer
    assert EVIDENCE in answer.content.decode()
    assert answer["X-Case-State"] != state
    assert answer["Cache-Control"] == "private, no-store"

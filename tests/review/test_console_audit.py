"""Who did what: narrowed by actor, kind, time and customer; page by page; of one's own tenant."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from contacts.models import Event
from review import audit, verdicts
from tests.identity.api.callers import another_tenant
from tests.registry import default_tenant, post, source
from tests.review.console_callers import admin, nobody, steward, text_of

pytestmark = pytest.mark.django_db

HERE = "/console/audit"


def test_only_administrators_enter() -> None:
    for address in (HERE, f"{HERE}/administration"):
        assert admin(f"boss-{len(address)}").get(address).status_code == 200
        assert steward(source("CRM"), name=f"s-{len(address)}").get(address).status_code == 403
        assert nobody(f"n-{len(address)}").get(address).status_code == 403
        assert Client().get(address).status_code == 302


def test_it_narrows() -> None:
    one, other = post().customer, post(key="2", first_name="Zoe", last_name="Quill", email="z@example.net").customer
    verdicts.merge(target_id=one.pk, source_id=other.pk, tenant=default_tenant(), by="<b>ann</b>")
    boss, today = admin(), timezone.now().date()
    assert "&lt;b&gt;ann" in text_of(boss.get(HERE))

    def rows(**asked: Any) -> int:
        return text_of(boss.get(HERE, asked)).count("data-row")

    assert (rows(by="<b>ann</b>"), rows(kind="merged"), rows(customer=other.pk), rows(by="nobody")) == (1, 1, 1, 0)
    assert rows() == rows(since=today, until=today) == Event.objects.count()
    assert rows(since=today + timedelta(days=1)) == rows(until=today - timedelta(days=1)) == 0
    assert rows(customer="no id") == 0
    assert rows(kind="no kind", since="yesterday", before="x") == rows()


def test_it_goes_on_where_a_page_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "PAGE", 2)
    for number in range(3):
        post(
            key=str(number),
            first_name=f"Zoe{number}",
            last_name=f"Q{number}",
            email=f"z{number}@example.net",
            phone=None,
        )
    boss = admin()
    first = text_of(boss.get(HERE, {"kind": "created"}))
    assert first.count("data-row") == 2
    edge = Event.objects.order_by("-pk")[1].pk
    assert f"kind=created&amp;before={edge}" in first
    assert text_of(boss.get(f"{HERE}?kind=created&before={edge}")).count("data-row") == 1


def test_it_tells_nothing_of_another_tenant() -> None:
    customer = post().customer
    north = admin("north-boss", tenant=another_tenant())
    assert str(customer.pk) not in text_of(north.get(HERE))


def test_it_reads_in_a_handful_of_queries(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    for number in range(5):
        post(key=str(number))
    boss = admin()
    with django_assert_max_num_queries(7):
        boss.get(HERE)

"""Disputes are settled by whoever may; customers are found by what is at hand, and by nobody else's steward."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from contacts.models import Contact, Customer
from review import feedback
from review.models import Feedback
from tests.identity.api.callers import another_tenant
from tests.registry import aliases_of, default_tenant, post, source
from tests.review.console_callers import admin, nobody, steward, text_of

pytestmark = pytest.mark.django_db


def disputed(number: int = 0) -> Contact:
    """A record of BILLING that a machine linked, and somebody disputes."""
    mail = f"s{number}@example.org"
    customer = post(key=f"C-{number}", email=mail, phone=None).customer
    post(to="BILLING", key=f"B-{number}", email=mail, phone=None)
    alias = aliases_of(customer)[1]
    feedback.report(
        customer_id=customer.pk, alias_id=alias.pk, notes="<b>Two sisters</b>", tenant=default_tenant(), by="ann"
    )
    return alias


def test_it_lists_disputes_of_ones_own_sources() -> None:
    alias = disputed()
    here = "/console/disputes"
    assert str(alias.customer_id) in text_of(admin().get(here))
    assert "&lt;b&gt;Two sisters" in text_of(steward(source("BILLING")).get(here))
    for other in (steward(source("CRM"), name="crm"), admin("north-boss", tenant=another_tenant())):
        assert "No disputes" in text_of(other.get(here))
    assert nobody().get(here).status_code == 403
    assert Client().get(here).status_code == 302


def test_letters_that_differ_in_case_only_are_no_difference() -> None:
    customer = post(last_name="ABERNATHY").customer
    linked = post(to="BILLING", key="B-1", first_name="Silvia").contact
    feedback.report(customer_id=customer.pk, alias_id=linked.pk, notes=None, tenant=default_tenant(), by="joan")
    (dispute,) = admin().get("/console/disputes").context["disputes"]
    assert [label for label, *_ in dispute.complaints[0].differing] == ["First name"]


def test_it_dismisses_with_a_note() -> None:
    report = Feedback.objects.get(alias=disputed())
    where = f"/console/disputes/{report.pk}/dismiss"
    assert steward(source("CRM"), name="crm").post(where).status_code == 403
    assert admin("north-boss", tenant=another_tenant()).post(where).status_code == 404
    assert admin("strict", strict=True).post(where).status_code == 403
    answer = steward(source("BILLING")).post(where, {"notes": "One person after all."}, follow=True)
    assert "the link stands" in text_of(answer)
    report.refresh_from_db()
    assert (report.resolved, report.resolved_by, report.notes) == (True, "stella", "One person after all.")
    assert admin().post(where).status_code == 404, "settled already"


def test_a_split_settles_the_dispute() -> None:
    alias = disputed()
    boss = admin()
    page = f"/console/customers/{alias.customer_id}/split"
    assert f"{page}?contact={alias.pk}" in text_of(boss.get("/console/disputes"))
    version = Customer.objects.get(pk=alias.customer_id).version
    boss.post(page, {"contact": alias.pk, "version": version, "seen": "0"})
    assert "No disputes" in text_of(boss.get("/console/disputes"))


def test_many_disputes_cost_what_few_do(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    for number in range(8):
        disputed(number)
    boss = admin()
    with django_assert_max_num_queries(9):
        boss.get("/console/disputes")


def found(client: Any, asked: str) -> str:
    answer = client.post("/console/search", {"q": asked})
    assert answer.status_code == 200
    return text_of(answer)


@pytest.mark.parametrize(
    "asked", ["sylv", "Abernathy", "  SYLVIA  abern", "Sylvia.Abernathy@EXAMPLE.org", "(214) 867-5309", "K-17"]
)
def test_it_finds_by_whatever_is_at_hand(asked: str) -> None:
    customer = post(key="K-17").customer
    assert str(customer.pk) in found(admin(), asked)


def test_it_finds_by_id_and_by_nickname() -> None:
    customer = post(first_name="William").customer
    boss = admin()
    for asked in (str(customer.pk), str(aliases_of(customer)[0].pk), "bill"):
        assert str(customer.pk) in found(boss, asked)


@pytest.mark.parametrize(
    "asked", ["", " ", "\0", "%", "_", "'", "nobody@example.org", "+12125550100", "9" * 30, "x" * 999]
)
def test_it_finds_nobody_by_what_nobody_has(asked: str) -> None:
    customer = post().customer
    assert f'href="/console/customers/{customer.pk}"' not in found(admin(), asked)


def test_it_finds_nothing_of_others() -> None:
    customer = post().customer
    theirs = (steward(source("SHOP")), admin("north-boss", tenant=another_tenant()))
    for client in theirs:
        for asked in ("Sylvia", "sylvia.abernathy@example.org", str(customer.pk)):
            assert str(customer.pk) not in found(client, asked).replace(f'value="{customer.pk}"', "")
    for client in (*theirs, steward(source("CRM"), name="crm")):
        assert client.get("/console/customers").status_code == 200


def test_it_suggests_while_somebody_types() -> None:
    customer = post(last_name="<i>Quill").customer
    text = text_of(admin().post("/console/search/suggestions", {"q": "sylv"}))
    assert str(customer.pk) in text
    assert "&lt;i&gt;Quill" in text
    assert "<html" not in text


def test_what_was_asked_stands_in_no_address() -> None:
    post()
    boss = admin()
    assert boss.get("/console/search?q=Sylvia").status_code == 302
    assert 'method="post"' in text_of(boss.get("/console/customers"))
    assert admin("strict", strict=True).post("/console/search", {"q": "Sylvia"}).status_code == 403


def test_it_reads_as_much_for_many_as_for_few(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    for number in range(9):
        post(key=str(number), email=f"s{number}@example.org", phone=None, address=None)
    boss = admin()
    with django_assert_max_num_queries(10):
        found(boss, "sylvia")

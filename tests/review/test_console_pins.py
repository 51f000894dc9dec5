"""Pinning on the customer's page: who may, what is shown, what a stale form does."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from contacts.models import Contact, Customer
from matching import pinning
from tests.registry import aliases_of, default_tenant, post, put, source
from tests.review.console_callers import admin, steward, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def married() -> Customer:
    """A customer of two records: CRM says Abernathy, BILLING, which is later, Abernathy-Moore."""
    customer = post().customer
    post(to="BILLING", key="B-1", last_name="Abernathy-Moore")
    assert len(aliases_of(customer)) == 2
    customer.refresh_from_db()
    return customer


def form(customer: Customer, alias: Contact, **fields: Any) -> dict[str, Any]:
    said = {"version": customer.version, "seen": "0", "field": "last_name", "contact": alias.pk, "reason": "passport"}
    return {**said, **fields}


def pin(client: Client, customer: Customer, alias: Contact, **fields: Any) -> Any:
    return client.post(f"/console/customers/{customer.pk}/pin", form(customer, alias, **fields))


def test_an_administrator_pins_a_value_and_lets_it_go(married: Customer) -> None:
    client, crm = admin(), aliases_of(married)[0]
    page = client.get(f"/console/customers/{married.pk}")
    assert "Pin<" in text_of(page)
    assert pin(client, married, crm).status_code == 302
    married.refresh_from_db()
    assert married.last_name == "Abernathy"
    text = text_of(client.get(f"/console/customers/{married.pk}"))
    assert "pinned" in text
    assert "“passport”" in text
    assert "Last name pinned to what CRM 1 says: “passport”" in text
    client.post(f"/console/customers/{married.pk}/unpin", form(married, crm))
    married.refresh_from_db()
    assert married.last_name == "Abernathy-Moore"
    assert "Last name let go" in text_of(client.get(f"/console/customers/{married.pk}"))


def test_a_steward_pins_what_own_records_say_and_nothing_else(married: Customer) -> None:
    jane = steward(source("BILLING"))
    crm, billing = aliases_of(married)
    offered = jane.get(f"/console/customers/{married.pk}").context["fields"]
    assert {contact.pk for field in offered for _, contact in field.choices} == {billing.pk}
    assert pin(jane, married, crm).status_code == 403
    assert pin(jane, married, billing).status_code == 302
    married.refresh_from_db()
    pinning.pin(
        married.pk, field="last_name", alias_id=crm.pk, reason="seen", tenant=default_tenant(), by="an administrator"
    )
    married.refresh_from_db()
    refused = jane.post(f"/console/customers/{married.pk}/unpin", form(married, crm))
    assert (refused.status_code, married.last_name) == (403, "Abernathy")
    assert "Let go" not in text_of(jane.get(f"/console/customers/{married.pk}"))


def test_a_stale_form_is_told_and_not_carried_out(married: Customer) -> None:
    client, (crm, _) = admin(), aliases_of(married)
    put(married.pk, by_source="BILLING", phone="+13125550100")
    answer = pin(client, married, crm)
    assert answer.status_code == 409
    assert "has changed since you looked" in text_of(answer)
    married.refresh_from_db()
    assert married.last_name == "Abernathy-Moore"


@pytest.mark.parametrize(
    ("fields", "status"),
    [({"reason": " "}, 400), ({"field": "id"}, 404), ({"field": "address.country"}, 400), ({"contact": "x"}, 400)],
)
def test_what_cannot_be_pinned_is_refused(married: Customer, fields: dict[str, Any], status: int) -> None:
    assert pin(admin(), married, aliases_of(married)[0], **fields).status_code == status


def test_a_reason_is_text_and_nothing_else(married: Customer) -> None:
    client = admin()
    pin(client, married, aliases_of(married)[0], reason="<script>alert(1)</script>")
    assert "<script>alert(1)" not in text_of(client.get(f"/console/customers/{married.pk}"))


def test_of_a_value_corrected_since_it_says_so(married: Customer) -> None:
    client, (crm, _) = admin(), aliases_of(married)
    pin(client, married, crm)
    post(to="CRM", key="1", last_name="Abernethy")
    text = text_of(client.get(f"/console/customers/{married.pk}"))
    assert "The record was corrected since." in text

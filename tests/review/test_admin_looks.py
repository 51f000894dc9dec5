"""The admin belongs: the console's bar above it, ways back and forth, nothing the content security policy refuses."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.registry import post
from tests.review.console_callers import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("operator", password="a password"))
    return client


def test_it_leads_to_the_console_and_back(operator: Client) -> None:
    customer = post().customer
    index = text_of(operator.get("/admin/"))
    assert 'href="/console/disputes"' in index
    assert "console/admin.css" in index
    there = text_of(operator.get(f"/admin/contacts/customer/{customer.pk}/change/"))
    assert f'href="/console/customers/{customer.pk}"' in there
    back = text_of(operator.get(f"/console/customers/{customer.pk}"))
    assert f'href="/admin/contacts/customer/{customer.pk}/change/"' in back


@pytest.mark.parametrize("theme", ["dark", "light", "auto"])
def test_it_wears_the_chosen_theme(operator: Client, theme: str) -> None:
    operator.cookies["theme"] = theme
    text = text_of(operator.get("/admin/"))
    assert ("console/dark.css" in text, "console/light.css" in text) == (theme == "dark", theme == "light")


def test_nothing_in_it_is_inline(operator: Client) -> None:
    customer = post().customer
    for address in ("/admin/", "/admin/contacts/customer/", f"/admin/contacts/customer/{customer.pk}/change/"):
        text = text_of(operator.get(address))
        assert not re.search(r"<script(?![^>]*(src=|application/json))[^>]*>", text)
        assert not re.search(r"<style|\sstyle=|\son\w+=", text)


def test_who_is_not_signed_in_is_asked_to(client: Client) -> None:
    assert client.get("/admin/login/").status_code == 200


def test_what_is_only_read_has_no_history_of_the_admin_s_own(operator: Client) -> None:
    """It would say that a customer's history is empty."""
    customer = post().customer
    there = text_of(operator.get(f"/admin/contacts/customer/{customer.pk}/change/"))
    assert "historylink" not in there
    assert "what changed, when, by whom" in there
    tenant = customer.tenant_id
    assert "historylink" in text_of(operator.get(f"/admin/sources/tenant/{tenant}/change/"))


def test_its_headings_are_words_that_people_use(operator: Client) -> None:
    text = text_of(operator.get("/admin/"))
    assert "Background jobs" in text
    assert ">Feedback</a>" in text
    assert "Feedbacks" not in text


def test_it_leads_to_where_keys_are_made(operator: Client) -> None:
    assert 'href="/console/keys-of-programs"' in text_of(operator.get("/admin/sources/apikey/"))

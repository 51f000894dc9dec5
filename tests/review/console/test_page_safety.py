"""What every page has to keep to: the content security policy, tokens on forms, escaping, no names where they leak."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.template.loader import get_template
from django.test import Client
from django.urls import reverse

from tests.registry import post
from tests.review.desk import admin, client_of, form_of, near_miss, person, steward

pytestmark = pytest.mark.django_db

HOSTILE = "<script>alert(1)</script>'\"><img src=x onerror=alert(1)>"


def case_page(client: Client, contact_id: int) -> Any:
    return client.get(reverse("console:queue-case", args=[contact_id]))


@pytest.mark.parametrize("address", ["/console/", "/console/login", "/console/keys", "/nowhere", "/health"])
def test_every_page_forbids_what_is_inline_or_from_elsewhere(address: str) -> None:
    policy = client_of(admin()).get(address, headers={"accept": "text/html"})["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


def test_no_template_has_inline_scripts_styles_or_handlers() -> None:
    folder = settings.BASE_DIR / "templates"
    templates = [*folder.rglob("*.html")]
    assert templates
    for template in templates:
        text = template.read_text()
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", text), template
        get_template(str(template.relative_to(folder)))


def test_pages_with_records_are_kept_by_no_cache() -> None:
    record = near_miss()
    assert case_page(client_of(admin()), record.contact.pk)["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("name", ["queue-decide", "queue-claim", "queue-begin", "queue-undo"])
def test_a_form_without_its_token_is_refused(name: str) -> None:
    record = near_miss()
    arguments = {
        "queue-decide": [record.contact.pk, record.candidates[0].pk],
        "queue-claim": [record.contact.pk],
        "queue-undo": [1],
    }
    strict = client_of(admin(), enforce_csrf_checks=True)
    answer = strict.post(reverse(f"console:{name}", args=arguments.get(name, [])))
    assert answer.status_code == 403
    assert "expired" in answer.content.decode()


@pytest.mark.parametrize("name", ["queue-decide", "queue-claim", "queue-begin"])
def test_looking_at_an_address_that_writes_does_nothing(name: str) -> None:
    arguments = {"queue-decide": [1, 1], "queue-claim": [1]}
    answer = client_of(admin()).get(reverse(f"console:{name}", args=arguments.get(name, [])))
    assert answer.status_code == 405


def test_hostile_values_are_shown_as_the_text_they_are() -> None:
    body = {**person(1), "first_name": HOSTILE, "last_name": HOSTILE, "address": {"street": HOSTILE, "city": "Dallas"}}
    post(body, key=HOSTILE)
    record = post(body, to="BILLING", key=HOSTILE, email="other@example.com")
    assert record.candidates
    root = client_of(admin())
    pages = [root.get("/console/"), case_page(root, record.contact.pk)]
    pages.append(root.get(reverse("console:queue-case", args=[record.contact.pk]) + "?values=sent"))
    for page in pages:
        text = page.content.decode()
        assert "alert(1)" in text
        assert "<script>alert" not in text
        assert "<img" not in text


def test_neither_title_nor_address_tells_a_name_an_e_mail_or_a_phone() -> None:
    record = near_miss(3)
    facts = record.contact.facts
    page = case_page(client_of(steward()), record.contact.pk)
    title = re.search(r"<title>(.*?)</title>", page.content.decode(), re.DOTALL)
    assert title is not None
    addresses = " ".join(re.findall(r'(?:href|action|hx-\w+)="([^"]*)"', page.content.decode()))
    for told in (facts.first_name, facts.last_name, facts.email, facts.phone):
        assert told not in title.group(1)
        assert told not in addresses


def test_the_theme_is_kept_and_leads_nowhere_else() -> None:
    client = client_of(steward())
    answer = client.post("/console/theme", {"theme": "dark", "next": "/console/keys"})
    assert answer["Location"] == "/console/keys"
    assert 'data-theme="dark"' in client.get("/console/").content.decode()
    away = client.post("/console/theme", {"theme": "<b>", "next": "//elsewhere.example"})
    assert away["Location"] == "/console/"
    assert 'data-theme="dark"' in client.get("/console/").content.decode()


def test_a_page_is_small_enough() -> None:
    for number in range(60):
        near_miss(number)
    assert len(client_of(admin()).get("/console/").content) < 100_000


def test_a_damaged_form_is_refused_in_words() -> None:
    record = near_miss()
    root = client_of(admin())
    address = reverse("console:queue-decide", args=[record.contact.pk, record.candidates[0].pk])
    form = form_of(case_page(root, record.contact.pk))
    for damaged in (
        {},
        {**form, "version": "x"},
        {**form, "candidate": "'; --"},
        {**form, "read_at": "yesterday"},
        {**form, "read_at": "2026-01-01T00:00:00"},
        {**form, "verdict": "burn"},
    ):
        answer = root.post(address, damaged)
        assert answer.status_code == 400, damaged
        assert "Nothing was written" in answer.content.decode()

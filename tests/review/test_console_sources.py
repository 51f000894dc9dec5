"""Sources, their reviewers and API keys, kept by administrators."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from sources.keys import issue
from sources.models import ApiKey, SourceSystem
from tests.identity.api.callers import Api, another_tenant
from tests.registry import post, source
from tests.review.console_callers import admin, nobody, steward, text_of

pytestmark = pytest.mark.django_db


def form(name: str = "CRM", *reviewers: tuple[str, str, str], **fields: Any) -> dict[str, Any]:
    columns = list(zip(*reviewers, ("", "", ""), strict=True))
    names = ("reviewer_first_name", "reviewer_last_name", "reviewer_email")
    return {"name": name, "entra_ad_group": "", **dict(zip(names, columns, strict=True)), **fields}


SURE = {"confirmed": "yes"}
ADDRESSES = ("/console/sources", "/console/sources/new", "/console/keys-of-programs")


@pytest.mark.parametrize("address", ADDRESSES)
def test_only_administrators_enter(address: str) -> None:
    assert admin().get(address).status_code == 200
    for other in (steward(source("CRM")), nobody()):
        assert other.get(address).status_code == 403
        assert other.post(address, form("ERP")).status_code in (403, 405)
    assert Client().get(address).status_code == 302
    assert not SourceSystem.objects.filter(name="ERP").exists()


def test_it_registers_a_source_with_its_reviewers() -> None:
    boss = admin()
    people = (("Jane", "Smith", "Jane@Example.org"), ("<b>Li</b>", "Wu", "li@example.org"))
    answer = boss.post("/console/sources/new", form("ERP", *people, required_fields=["email"]), follow=True)
    made = SourceSystem.objects.get(name="ERP")
    assert (made.created_by, made.required_fields) == ("boss", ["email"])
    assert [each.email for each in made.reviewers.all()] == ["jane@example.org", "li@example.org"]
    assert "&lt;b&gt;Li" in text_of(answer)
    assert "<b>Li" not in text_of(answer)


def test_what_a_record_must_carry_is_told_in_words() -> None:
    source("ERP", required=("first_name", "zip"))
    source("SHOP")
    text = text_of(admin().get("/console/sources"))
    assert "First name, ZIP" in text
    assert "any one value" in text


def test_it_keeps_what_was_typed_when_it_is_refused() -> None:
    source("CRM")
    answer = admin().post("/console/sources/new", form("CRM", ("Jane", "", "no address")))
    assert answer.status_code == 400
    for words in ("reviewers[0].last_name is required", "reviewers[0].email format is invalid", 'value="no address"'):
        assert words in text_of(answer)
    taken = admin("chief").post("/console/sources/new", form("CRM"))
    assert "A source with this name already exists" in text_of(taken)


def test_it_changes_and_retires() -> None:
    crm, boss = source("CRM"), admin()
    boss.post(f"/console/sources/{crm.pk}", form("CRM 2", ("Jane", "Smith", "j@example.org")))
    crm.refresh_from_db()
    assert (crm.name, crm.updated_by, crm.reviewers.count()) == ("CRM 2", "boss", 1)
    boss.post(f"/console/sources/{crm.pk}", form("CRM"))
    assert crm.reviewers.count() == 0
    post(), issue(name="sync", scopes=["read"], tenant=crm.tenant, source=crm, by="ada")
    for ask in (boss.get, boss.post):
        asked = text_of(ask(f"/console/sources/{crm.pk}/retire"))
        assert "<b>1</b> record of it stays" in asked
        assert "<b>1</b> API key is revoked" in asked
    crm.refresh_from_db()
    assert crm.deleted_by is None, "asked, and not done"
    boss.post(f"/console/sources/{crm.pk}/retire", SURE)
    crm.refresh_from_db()
    assert crm.deleted_by == "boss"
    assert boss.get(f"/console/sources/{crm.pk}").status_code == 404
    assert "retired" in text_of(boss.get("/console/sources"))


def test_built_in_sources_stay() -> None:
    shop, boss = SourceSystem.objects.get(name="storefront"), admin()
    assert "cannot be renamed" in text_of(boss.post(f"/console/sources/{shop.pk}", form("x")))
    assert boss.post(f"/console/sources/{shop.pk}/retire", SURE).status_code == 409


def test_no_source_of_another_tenant_is_reached() -> None:
    crm = source("CRM")
    north = admin("north-boss", tenant=another_tenant())
    assert "CRM" not in text_of(north.get("/console/sources"))
    for call in (north.get, north.post):
        assert call(f"/console/sources/{crm.pk}").status_code == 404
    assert north.post(f"/console/sources/{crm.pk}/retire", SURE).status_code == 404


def test_it_shows_a_key_once_and_the_key_works() -> None:
    source("CRM")
    boss = admin()
    answer = boss.post("/console/keys-of-programs", {"name": "sync", "scopes": ["read", "write"], "source": "CRM"})
    found = re.search(r"idr_[\w-]{20,}", text_of(answer))
    assert found
    assert answer["Cache-Control"] == "private, no-store"
    assert found.group() not in text_of(boss.get("/console/keys-of-programs"))
    key = ApiKey.objects.get()
    assert (key.name, key.scopes, key.created_by) == ("sync", ["read", "write"], "boss")
    assert key.source
    assert key.source.name == "CRM"
    assert Api(authorization=f"Bearer {found.group()}").get("/customers").status_code == 200
    boss.post(f"/console/keys-of-programs/{key.pk}/revoke")
    key.refresh_from_db()
    assert (key.revoked_at is not None, key.revoked_by) == (True, "boss")
    assert "by boss" in text_of(boss.get("/console/keys-of-programs"))
    assert Api(authorization=f"Bearer {found.group()}").get("/customers").status_code == 401


def test_a_key_that_may_do_nothing_is_asked_for_in_words() -> None:
    answer = admin().post("/console/keys-of-programs", {"name": "nightly", "source": ""})
    assert answer.status_code == 400
    assert "Tick at least one thing that it may do" in text_of(answer)


def test_it_refuses_keys_that_make_no_sense() -> None:
    source("CRM")
    boss = admin()
    for asked in ({"name": "x"}, {"scopes": ["read"]}, {"name": "x", "scopes": ["admin"], "source": "CRM"}):
        answer = boss.post("/console/keys-of-programs", asked)
        assert answer.status_code == 400
        assert "Nothing was saved" in text_of(answer)
    assert not ApiKey.objects.exists()


def test_it_writes_nothing_without_a_token() -> None:
    strict, crm = admin(strict=True), source("CRM")
    for address in (*ADDRESSES[1:], f"/console/sources/{crm.pk}", f"/console/sources/{crm.pk}/retire"):
        assert strict.post(address, form("ERP")).status_code == 403


def test_the_form_tells_what_saving_does() -> None:
    post()
    boss = admin()
    shown = text_of(boss.get(f"/console/sources/{source('CRM').pk}"))
    assert "its 1 record stays with it" in shown
    assert "whoever still submits for “CRM” is refused" in shown
    assert "(0 candidates at present)" in shown
    assert "Under another name" not in text_of(boss.get("/console/sources/new"))
    assert "That of a built-in source stays." in text_of(boss.get(f"/console/sources/{source('storefront').pk}"))

"""The journal of administration in the console: told in words, narrowed, page by page, of one's own tenant."""

from __future__ import annotations

import pytest
from django.test import Client

from matching import media_types
from review import deeds
from sources import systems
from sources.keys import issue
from sources.models import Deed, SourceSystem
from sources.registration import Registration
from tests.identity.api.callers import another_tenant
from tests.registry import default_tenant
from tests.review.console_callers import admin, text_of

pytestmark = pytest.mark.django_db

HERE = "/console/audit/administration"


def test_it_tells_who_changed_what_from_what_to_what() -> None:
    boss = admin()
    boss.post("/console/sources/new", {"name": "<b>CRM</b>", "required_fields": ["email"]})
    made = Deed.objects.get(kind="source", action="made")
    boss.post(f"/console/sources/{made.subject_id}", {"name": "ERP", "required_fields": ["last_name", "phone"]})
    text = text_of(boss.get(HERE))
    for words in (
        "Source &lt;b&gt;CRM&lt;/b&gt; registered",
        "Source ERP changed",
        "email → <b>last_name, phone</b>",
        "Model version 1 made",
        "Console",
    ):
        assert words in text
    assert "<b>CRM" not in text
    assert Deed.objects.get(action="changed").door == "console"


def test_it_tells_who_revoked_a_key() -> None:
    boss = admin()
    issued = issue(name="sync", scopes=["read"], tenant=default_tenant(), by="ada")
    boss.post(f"/console/keys-of-programs/{issued.key.pk}/revoke")
    revoked, made = Deed.objects.filter(kind="api_key").order_by("-pk")
    assert (deeds.sentence(revoked), revoked.by, made.by) == ("API key sync revoked", "boss", "ada")
    assert "API key sync revoked" in text_of(boss.get(HERE, {"by": "boss"}))
    assert "API key sync revoked" not in text_of(boss.get(HERE, {"by": "ada"}))


def test_it_narrows_and_goes_on_where_a_page_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deeds, "PAGE", 2)
    for name in ("Branch A", "Branch B", "Branch C"):
        systems.register(Registration({"name": name}), tenant=default_tenant(), by="ann")
    boss = admin()
    first = text_of(boss.get(HERE, {"kind": "source"}))
    assert ("Branch C" in first, "Branch B" in first, "Branch A" in first) == (True, True, False)
    edge = Deed.objects.get(name="Branch B").pk
    assert f"kind=source&amp;before={edge}" in first
    assert "Branch A" in text_of(boss.get(f"{HERE}?kind=source&before={edge}"))
    assert "Nothing of that kind" in text_of(boss.get(HERE, {"name": "Branch D"}))
    assert "Nothing of that kind" in text_of(boss.get(HERE, {"door": "admin"}))
    assert "Branch B" in text_of(boss.get(HERE, {"kind": "?", "door": "?", "since": "?", "before": "?", "by": "ann\0"}))


def test_it_tells_nothing_of_another_tenant() -> None:
    systems.register(Registration({"name": "SECRET"}), tenant=default_tenant(), by="ann")
    assert "SECRET" not in text_of(admin("north-boss", tenant=another_tenant()).get(HERE))


def test_every_kind_and_deed_has_words() -> None:
    for kind in Deed.Kind:
        for action in Deed.Action:
            assert deeds.sentence(Deed(kind=kind, action=action, name="X")).count(" X ") == 1
    assert set(deeds.DOOR_WORDS) == set(Deed.Door)


def seen_in(text: str) -> str:
    return text.split('name="seen" value="')[1].split('"')[0]


def opened_by(boss: Client) -> tuple[SourceSystem, str, str]:
    """A source, its page, and what the form on it has seen."""
    crm = systems.register(Registration({"name": "CRM"}), tenant=default_tenant(), by="ann")
    here = f"/console/sources/{crm.pk}"
    return crm, here, seen_in(text_of(boss.get(here)))


def test_a_source_that_somebody_changed_meanwhile_is_shown_with_what_changed() -> None:
    boss = admin()
    crm, here, seen = opened_by(boss)
    systems.update(crm.pk, Registration({"required_fields": ["phone"]}), tenant=default_tenant(), by="<b>bob</b>")
    mine = {"name": "ERP", "required_fields": ["email"], "seen": seen}
    refused = boss.post(here, mine)
    text = text_of(refused)
    assert refused.status_code == 409
    assert "Somebody has changed this since you opened it. Nothing was saved." in text
    assert "&lt;b&gt;bob" in text
    assert "first_name, last_name, email → <b>phone</b>" in text
    assert 'value="ERP"' in text, "what was filled in stands there still"
    crm.refresh_from_db()
    assert (crm.name, crm.required_fields) == ("CRM", ["phone"])
    assert boss.post(here, {**mine, "seen": seen_in(text)}).status_code == 302
    crm.refresh_from_db()
    assert (crm.name, crm.required_fields) == ("ERP", ["email"])


def test_a_media_type_that_somebody_changed_meanwhile_is_shown_with_what_changed() -> None:
    boss, tenant = admin(), default_tenant()
    chat = media_types.find_media_type("chat", tenant=tenant)
    here = f"/console/strategies/media-types/{chat.pk}"
    seen = seen_in(text_of(boss.get(here)))
    change = media_types.read_settings({"create_contact": False}, tenant=tenant, new=False)
    media_types.change_media_type(chat.pk, change, tenant=tenant, by="bob")
    mine = {"strategy": "EmailAddress", "minimum": "LastName", "create_contact": "on", "seen": seen}
    refused = boss.post(here, mine)
    text = text_of(refused)
    assert refused.status_code == 409
    assert "yes → <b>no</b>" in text
    assert ">EmailAddress</textarea>" in text
    assert 'value="LastName"' in text
    assert media_types.find_media_type("chat", tenant=tenant).strategy == []
    assert boss.post(here, {**mine, "seen": seen_in(text)}).status_code == 302
    assert media_types.find_media_type("chat", tenant=tenant).minimum_creation_attributes == ["LastName"]


def test_a_form_refused_for_what_it_says_still_knows_what_it_was_filled_in_after() -> None:
    boss = admin()
    crm, here, seen = opened_by(boss)
    systems.update(crm.pk, Registration({"required_fields": ["phone"]}), tenant=default_tenant(), by="bob")
    refused = boss.post(here, {"name": "", "seen": seen})
    assert refused.status_code == 400
    assert seen_in(text_of(refused)) == seen

"""Strategies and lookups in the admin: by the same verbs as in the API."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from matching.models import Lookup
from matching.predefined_lookups import BY_EMAIL, BY_PHONE
from sources.models import MediaType
from tests.contract.centre import define
from tests.registry import default_tenant

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("boss", password="a password"))
    return client


def test_it_makes_a_lookup(boss: Client) -> None:
    define("_club")
    page = reverse("admin:matching_lookup_add")
    said = {"tenant": default_tenant().pk, "name": "ClubLookup", "attributes": "_club", "kind": "unique"}
    assert boss.post(page, said).status_code == 302
    made = Lookup.objects.get(name="ClubLookup")
    assert (made.attributes, made.state, made.created_by) == (["_club"], "building", "boss")
    for wrong in ({"name": "ClubLookup"}, {"attributes": "_x"}, {"kind": "odd"}):
        assert boss.post(page, {**said, "name": "Another", **wrong}).status_code == 200
    assert Lookup.objects.count() == 7


def test_it_changes_no_lookup_and_removes_those_that_nothing_names(boss: Client) -> None:
    define("_club")
    said = {"tenant": default_tenant().pk, "name": "ClubLookup", "attributes": "_club", "kind": "unique"}
    boss.post(reverse("admin:matching_lookup_add"), said)
    for lookup in Lookup.objects.all():
        assert boss.post(reverse("admin:matching_lookup_change", args=[lookup.pk]), {}).status_code == 403
    chosen = list(Lookup.objects.values_list("pk", flat=True))
    everything = {"action": "remove_selected", "_selected_action": chosen, "confirmed": "yes"}
    page: Any = boss.post(reverse("admin:matching_lookup_changelist"), everything, follow=True)
    assert "A predefined identification key cannot be deleted" in page.content.decode()
    assert list(Lookup.objects.filter(state="removing").values_list("name", flat=True)) == ["ClubLookup"]


def test_it_changes_a_strategy(boss: Client) -> None:
    voice = MediaType.objects.get(name="voice")
    page = reverse("admin:sources_mediatype_change", args=[voice.pk])
    said = {"strategy": "EmailAddress,PhoneNumberLookup", "minimum_creation_attributes": "LastName"}
    assert boss.post(page, said).status_code == 302
    voice.refresh_from_db()
    assert voice.strategy == [BY_EMAIL, BY_PHONE]
    assert (voice.create_contact, voice.updated_by) == (False, "boss")
    boss.post(page, {"strategy": "PhoneNumber+FirstName", "create_contact": "on"})
    assert MediaType.objects.get(name="voice").strategy == ["PhoneNumberFirstNameLookup"]
    refused: Any = boss.post(page, {"strategy": "NoSuchLookup"}, follow=True)
    assert "There is no lookup" in refused.content.decode()
    assert MediaType.objects.get(name="voice").strategy == ["PhoneNumberFirstNameLookup"]


def test_it_makes_a_media_type(boss: Client) -> None:
    said = {"tenant": default_tenant().pk, "name": "webform", "strategy": BY_EMAIL, "create_contact": "on"}
    assert boss.post(reverse("admin:sources_mediatype_add"), said).status_code == 302
    assert MediaType.objects.get(name="webform").created_by == "boss"
    boss.post(reverse("admin:sources_mediatype_add"), said)
    assert MediaType.objects.filter(name="webform").count() == 1

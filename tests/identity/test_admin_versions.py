"""Two administrators at one form of the admin: the later one overwrites nothing that they have not seen."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from sources.models import Membership, Reviewer, SourceSystem, Tenant
from tests.identity.test_admin import address
from tests.registry import default_tenant, source
from tests.review.desk import somebody

pytestmark = pytest.mark.django_db

CHANGED = "Somebody has changed this since you opened it. Nothing was saved."
ROWS = "reviewers"


def operator(name: str) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser(name, password="a password"))
    return client


@pytest.fixture
def ann() -> Client:
    return operator("ann")


@pytest.fixture
def bob() -> Client:
    return operator("bob")


def seen(page: Any) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]+)"', page.content.decode())
    assert found is not None
    return found[1]


def reviewers(*rows: dict[str, str]) -> dict[str, Any]:
    """The rows of the source's form."""
    said: dict[str, Any] = {f"{ROWS}-TOTAL_FORMS": len(rows), f"{ROWS}-INITIAL_FORMS": 0}
    for number, row in enumerate(rows):
        said |= {f"{ROWS}-{number}-{name}": value for name, value in row.items()}
    return said


def test_a_source_that_changed_meanwhile_is_not_overwritten(ann: Client, bob: Client) -> None:
    page = address(SourceSystem, "change", source("SHOP").pk)
    opened = {"name": "SHOP", "entra_ad_group": "north", **reviewers(), "seen": seen(ann.get(page))}
    assert bob.post(page, {**opened, "entra_ad_group": "south", "required_fields": ["phone"]}).status_code == 302
    refused = ann.post(page, opened)
    told = refused.content.decode()
    assert refused.status_code == 200
    assert CHANGED in told
    assert "It is now: “south”" in told
    assert "It is now: “phone”" in told
    assert SourceSystem.objects.get(name="SHOP").entra_ad_group == "south"
    assert 'value="north"' in told
    assert ann.post(page, {**opened, "seen": seen(refused)}).status_code == 302
    assert SourceSystem.objects.get(name="SHOP").entra_ad_group == "north"


def test_reviewers_are_a_part_of_their_source(ann: Client, bob: Client) -> None:
    shop = source("SHOP")
    page = address(SourceSystem, "change", shop.pk)
    opened = {"name": "SHOP", "entra_ad_group": "north", **reviewers(), "seen": seen(ann.get(page))}
    jane = {"first_name": "Jane", "last_name": "Doe", "email": "jane@example.org"}
    assert bob.post(page, {**opened, "entra_ad_group": "", **reviewers(jane)}).status_code == 302
    assert Reviewer.objects.filter(source=shop).count() == 1
    assert CHANGED in ann.post(page, opened).content.decode()


def test_another_fault_keeps_what_was_seen(ann: Client, bob: Client) -> None:
    source("CRM")
    page = address(SourceSystem, "change", source("SHOP").pk)
    opened = {"name": "CRM", "entra_ad_group": "north", **reviewers(), "seen": seen(ann.get(page))}
    faulty = ann.post(page, opened)
    assert CHANGED not in faulty.content.decode()
    assert seen(faulty) == opened["seen"]
    bob.post(page, {**opened, "name": "SHOP", "entra_ad_group": "south"})
    assert CHANGED in ann.post(page, {**opened, "name": "SHOP", "seen": seen(faulty)}).content.decode()


def test_tenants_strategies_members_and_accounts_likewise(ann: Client, bob: Client) -> None:
    jane = somebody("jane")
    told: tuple[tuple[str, dict[str, Any], dict[str, Any], Any], ...] = (
        (
            address(Tenant, "change", default_tenant().pk),
            {"region": "DE"},
            {"region": "FR"},
            lambda: Tenant.objects.get().region,
        ),
        (
            reverse("admin:sources_mediatype_change", args=[default_tenant().media_types.get(name="voice").pk]),
            {"strategy": "PhoneNumberLookup", "minimum_creation_attributes": "LastName"},
            {"strategy": "PhoneNumberLookup", "minimum_creation_attributes": "FirstName"},
            lambda: default_tenant().media_types.get(name="voice").minimum_creation_attributes,
        ),
        (
            address(Membership, "change", jane.membership.pk),
            {"tenant": default_tenant().pk, "role": "admin"},
            {"tenant": default_tenant().pk, "role": "steward"},
            lambda: Membership.objects.get(user=jane).role,
        ),
        (
            address(User, "change", jane.pk),
            {"username": "jane", "email": "j@example.org", "is_active": "on"},
            {"username": "jane", "email": "jane@example.com", "is_active": "on"},
            lambda: User.objects.get(pk=jane.pk).email,
        ),
    )
    for page, first, second, stands in told:
        opened = seen(ann.get(page))
        assert bob.post(page, {**first, "seen": opened}).status_code == 302, page
        now = stands()
        refused = ann.post(page, {**second, "seen": opened})
        assert refused.status_code == 200, page
        assert CHANGED in refused.content.decode()
        assert stands() == now
        assert ann.post(page, {**second, "seen": seen(refused)}).status_code == 302, page
        assert stands() != now


def test_who_signs_in_meanwhile_changes_nothing_and_is_not_overwritten(ann: Client) -> None:
    jane = somebody("jane")
    page = address(User, "change", jane.pk)
    opened = seen(ann.get(page))
    Client().force_login(jane)
    at = User.objects.get(pk=jane.pk).last_login
    assert at is not None
    assert ann.post(page, {"username": "jane", "is_active": "on", "seen": opened}).status_code == 302
    assert User.objects.get(pk=jane.pk).last_login == at


def test_a_page_that_cannot_be_changed_carries_no_version(ann: Client) -> None:
    assert b'name="seen"' not in ann.get(address(Reviewer, "changelist")).content
    assert b'name="seen"' not in ann.get(address(SourceSystem, "add")).content

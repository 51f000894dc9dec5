"""Pages tell times in the reader's own zone, and say which; programs are answered in UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from contacts.models import Contact, Event
from tests.registry import post
from tests.review.desk import admin, client_of, near_miss, steward

pytestmark = pytest.mark.django_db

WHEN = datetime(2026, 3, 6, 23, 30, 15, tzinfo=UTC)


@pytest.fixture
def boss() -> Client:
    return client_of(admin())


def in_zone(client: Client, zone: str) -> Client:
    client.cookies["zone"] = zone
    return client


@pytest.mark.parametrize(
    ("zone", "told", "called"),
    [
        ("Europe/Berlin", "7 Mar 2026, 00:30 CET", "Europe/Berlin"),
        ("America/Sao_Paulo", "6 Mar 2026, 20:30 UTC-03", "America/Sao_Paulo"),
        ("", "6 Mar 2026, 23:30 UTC", "UTC"),
        ("Mars/Phobos", "6 Mar 2026, 23:30 UTC", "UTC"),
        ("../../etc/passwd", "6 Mar 2026, 23:30 UTC", "UTC"),
        ("Europe", "6 Mar 2026, 23:30 UTC", "UTC"),
        ("a\0b", "6 Mar 2026, 23:30 UTC", "UTC"),
    ],
)
def test_a_page_is_made_in_the_zone_the_browser_tells(zone: str, told: str, called: str) -> None:
    record = near_miss().contact
    Contact.objects.filter(pk=record.pk).update(added_at=WHEN)
    client = client_of(steward())
    shown = in_zone(client, zone).get(reverse("console:queue-case", args=[record.pk])).content.decode()
    assert f"Sent {told} by" in shown
    assert f"Times are in {called}." in shown


def test_the_audit_tells_its_zone_and_takes_days_as_its_own(boss: Client) -> None:
    post()
    with_event = Event.objects.order_by("pk").last()
    assert with_event is not None
    today = with_event.at
    for zone in ("Pacific/Kiritimati", "Pacific/Niue"):
        page = in_zone(boss, zone).get("/console/audit")
        assert f"times in {zone}" in page.content.decode()
        local = day_in(zone, today)
        assert len(boss.get("/console/audit", {"since": local, "until": local}).context["events"]) == 1
    assert day_in("Pacific/Kiritimati", today) != day_in("Pacific/Niue", today)


def day_in(zone: str, moment: datetime) -> str:
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d}"


def test_the_day_since_when_something_is_so_is_the_source_s(boss: Client) -> None:
    record = post().contact
    for said, told in ((WHEN, "6 Mar 2026"), (datetime(9999, 12, 31, 23, 59, tzinfo=UTC), "31 Dec 9999")):
        Contact.objects.filter(pk=record.pk).update(effective_date=said)
        shown = in_zone(boss, "Pacific/Kiritimati").get(f"/console/customers/{record.customer_id}").content.decode()
        assert f"true since {told}" in shown


@pytest.mark.parametrize("said", [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, tzinfo=UTC)])
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Niue"])
def test_the_admin_shows_the_first_day_and_the_last(said: datetime, zone: str) -> None:
    client, record = Client(), post().contact
    client.force_login(User.objects.create_superuser("op", password="a password"))
    Contact.objects.filter(pk=record.pk).update(effective_date=said, added_at=WHEN)
    page: Any = in_zone(client, zone).get(reverse("admin:contacts_contact_change", args=[record.pk]))
    assert page.status_code == 200
    assert f"{said:%Y-%m-%d %H:%M} UTC" in page.content.decode()
    assert "Times are in " + zone in page.content.decode()


def test_programs_are_answered_in_utc_whatever_they_send(boss: Client) -> None:
    Contact.objects.filter(pk=post().contact.pk).update(added_at=WHEN)
    customer = Contact.objects.get().customer_id
    answer = in_zone(boss, "Europe/Berlin").get(f"/customers/{customer}/aliases").json()
    assert "2026-03-06T23:30:15" in str(answer)

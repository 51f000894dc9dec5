"""Lists followed by their links, from both ends, and asked for by number far down."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import chain
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts import positions
from contacts.models import Customer, Positions
from identity.api import deep_pages, listings, paging
from identity.api.registry import filters
from identity.api.registry.filters import ORDERINGS
from sources.models import DEFAULT_TENANT, Tenant
from tests.contract.registry_caller import Registry
from tests.jobs import waiting, work

NAMES = ["Abel", "Abel", "Abel", "Ben", "ben", "Cid", "Dan", "Dan", "Eve"]


@pytest.fixture
def nine(registry: Registry) -> list[str]:
    made = [
        registry.created(first_name=name, last_name="Zzyzx", email=f"p{place}@example.com", phone=None, address=None)
        for place, name in enumerate(NAMES)
    ]
    for place in (1, 4, 7, 8):
        Customer.objects.filter(pk=made[place]["id"]).update(updated_at=timezone.now() + timedelta(seconds=place))
    return [customer["id"] for customer in made]


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [customer["id"] for customer in answer.json()]


def link(answer: Any, name: str) -> str:
    found = re.search(rf'<http://[^/]+([^>]*)>; rel="{name}"', answer["Link"])
    return found.group(1) if found else ""


def followed(registry: Registry, address: str, name: str) -> list[list[str]]:
    pages = []
    while address:
        answer = registry.get(address)
        pages.append(ids(answer))
        address = link(answer, name)
    return pages


@pytest.mark.parametrize("ordering", ORDERINGS)
def test_it_reaches_every_row_once_by_its_links(registry: Registry, nine: list[str], ordering: str) -> None:
    whole = ids(registry.get(f"/customers?ordering={ordering}"))
    forwards = followed(registry, f"/customers?ordering={ordering}&limit=2", "next")
    assert list(chain(*forwards)) == whole
    last = link(registry.get(f"/customers?ordering={ordering}&limit=2"), "last")
    assert followed(registry, last, "prev") == forwards[::-1]


def test_it_goes_on_behind_the_row_it_stopped_at(registry: Registry, nine: list[str]) -> None:
    onwards = link(registry.get("/customers?limit=3"), "next")
    registry.delete(f"/customers/{nine[0]}")
    assert ids(registry.get(onwards)) == nine[3:6]
    assert ids(registry.get("/customers?limit=3&page=2")) == nine[4:7]


def test_it_goes_on_behind_a_row_that_is_gone(registry: Registry, nine: list[str]) -> None:
    onwards = link(registry.get("/customers?limit=3"), "next")
    registry.delete(f"/customers/{nine[2]}")
    assert ids(registry.get(onwards)) == nine[3:6]


@pytest.mark.parametrize("cursor", ["a", "b", "zz", "anonsense", f"a{'0' * 32}", "%00", "a" * 300, "é"])
def test_it_forgives_a_cursor_that_says_nothing(registry: Registry, nine: list[str], cursor: str) -> None:
    answer = registry.get(f"/customers?limit=3&page=2&cursor={cursor}")
    if cursor == "%00":
        assert answer.status_code == 400
    else:
        assert ids(answer) in (nine[3:6], nine[-3:])


def test_a_cursor_shows_nothing_of_another_tenant(registry: Registry, nine: list[str]) -> None:
    other = Tenant.objects.exclude(name=DEFAULT_TENANT).first() or Tenant.objects.create(name="elsewhere")
    stranger = Customer.objects.create(tenant=other, created_by="x", first_name="Cid")
    answer = registry.get(f"/customers?limit=3&page=2&ordering=first_name&cursor=a{stranger.pk}")
    assert ids(answer) == ids(registry.get("/customers?limit=3&page=2&ordering=first_name"))


@pytest.mark.parametrize("ordering", ["id", "-id", "created_at", "first_name", "-last_name", "-updated_at"])
def test_a_deep_page_is_counted_off_from_a_mark(
    registry: Registry, nine: list[str], ordering: str, monkeypatch: Any
) -> None:
    expected = [ids(registry.get(f"/customers?ordering={ordering}&limit=1&page={page}")) for page in range(1, 12)]
    monkeypatch.setattr(positions, "EVERY", 2)
    monkeypatch.setattr(deep_pages, "DEEP", 1)
    tenant = Tenant.objects.get(name=DEFAULT_TENANT)
    for course in positions.courses(tenant.pk):
        positions.renew(course)
    answers = [registry.get(f"/customers?ordering={ordering}&limit=1&page={page}") for page in range(1, 12)]
    assert [ids(answer) for answer in answers] == expected
    assert any("X-Page-As-Of" in answer for answer in answers)


def test_old_marks_are_renewed_by_a_worker(registry: Registry, nine: list[str], monkeypatch: Any) -> None:
    monkeypatch.setattr(deep_pages, "DEEP", 1)
    for _ in range(2):
        assert ids(registry.get("/customers?limit=1&page=5")) == nine[4:5]
    assert waiting() == ["positions.renew"], "once, however many ask"
    assert not Positions.objects.exists()
    work()
    assert "X-Page-As-Of" in registry.get("/customers?limit=1&page=5")
    assert waiting() == []


@pytest.mark.parametrize("ordering", ["id", "-first_name", "created_at"])
def test_filters_of_many_rows_are_looked_for_in_windows(
    registry: Registry, nine: list[str], ordering: str, monkeypatch: Any
) -> None:
    query = f"/customers?last_name=zzyzx&source_system=CRM&updated_after=2000-01-01&ordering={ordering}"
    whole = ids(registry.get(query))
    assert len(whole) == 4
    monkeypatch.setattr(listings, "FEW", 1)
    monkeypatch.setattr(filters, "FEW", 1)
    monkeypatch.setattr(listings, "WINDOWS", (1, 1))
    pages = followed(registry, f"{query}&limit=2", "next")
    assert list(chain(*pages)) == whole
    assert any(len(page) < 2 for page in pages[:-1])
    assert len(pages) <= len(nine)


def test_deleted_ones_have_no_order_by_name(registry: Registry, nine: list[str]) -> None:
    answer = registry.get("/customers?include_deleted=true&ordering=first_name")
    assert (answer.status_code, list(answer.json())) == (400, ["errors"])
    assert ids(registry.get("/customers?include_deleted=true&first_name=Cid")) == nine[5:6]


@pytest.mark.parametrize(
    ("query", "most"),
    [
        ("limit=2&page=2", 5),
        ("limit=9", 5),
        ("ordering=first_name&limit=2", 5),
        ("last_name=zzyzx&ordering=id&limit=2", 6),
        ("source_system=CRM&last_name=zzyzx&ordering=-created_at&limit=2", 8),
    ],
)
def test_a_page_takes_few_statements(registry: Registry, nine: list[str], query: str, most: int) -> None:
    with CaptureQueriesContext(connection) as captured:
        registry.get(f"/customers?{query}")
    assert len(captured) <= most, [query["sql"] for query in captured]


def test_an_estimate_is_told_without_counting(registry: Registry, nine: list[str], monkeypatch: Any) -> None:
    monkeypatch.setattr(paging, "planned_rows", lambda rows: 5_000_000)
    with CaptureQueriesContext(connection) as captured:
        answer = registry.get("/customers?limit=2")
    assert (answer["X-Total-Count"], answer["X-Total-Count-Estimated"]) == ("5000000", "true")
    assert not any("COUNT(" in query["sql"] for query in captured)
    assert ids(registry.get(link(answer, "last"))) == nine[-2:]

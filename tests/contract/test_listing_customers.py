"""`GET /customers`: pages, totals, filters, order."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from identity.api import paging
from tests.contract.registry_caller import Registry


@pytest.fixture
def five(registry: Registry) -> list[str]:
    return [
        registry.created(first_name=f"Zed{letter}", email=f"{letter}@example.com", phone=None, address=None)["id"]
        for letter in "abcde"
    ]


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [customer["id"] for customer in answer.json()]


def links(answer: Any) -> dict[str, dict[str, list[str]]]:
    found = re.findall(r'<([^>]*)>; rel="(\w+)"', answer["Link"])
    assert all(address.startswith("http://") for address, _ in found)
    return {name: parse_qs(urlsplit(address).query) for address, name in found}


def test_it_pages_through_every_customer_once(registry: Registry, five: list[str]) -> None:
    pages = [ids(registry.get(f"/customers?page={page}&limit=2")) for page in (1, 2, 3, 4)]
    assert pages == [five[:2], five[2:4], five[4:], []]


def test_it_tells_totals_and_neighbours(registry: Registry, five: list[str]) -> None:
    answer = registry.get("/customers?page=2&limit=2&include_deleted=true")
    assert (answer["X-Total-Count"], answer["X-Page"], answer["X-Limit"]) == ("5", "2", "2")
    told = links(answer)
    assert {name: query["page"] for name, query in told.items()} == {
        "first": ["1"],
        "prev": ["1"],
        "next": ["3"],
        "last": ["3"],
    }
    assert all(query["include_deleted"] == ["true"] and query["limit"] == ["2"] for query in told.values())
    assert set(links(registry.get("/customers?page=1&limit=2"))) == {"first", "next", "last"}
    assert set(links(registry.get("/customers?page=3&limit=2"))) == {"first", "prev", "last"}


@pytest.mark.parametrize(
    ("query", "page", "limit"),
    [
        ("page=xyz&limit=abc", "1", "100"),
        ("page=-1&limit=-5", "1", "1"),
        ("page=0&limit=0", "1", "1"),
        ("limit=100000", "1", "1000"),
        ("page=1e3&limit=2.5", "1", "100"),
        ("page=99999999999999999999999", "1", "100"),
    ],
)
def test_it_forgives(registry: Registry, five: list[str], query: str, page: str, limit: str) -> None:
    answer = registry.get(f"/customers?{query}")
    assert (answer.status_code, answer["X-Page"], answer["X-Limit"]) == (200, page, limit)


def test_it_answers_a_page_past_the_end(registry: Registry, five: list[str]) -> None:
    answer = registry.get(f"/customers?page={10**12}&limit=1000")
    assert (answer.status_code, answer.json(), answer["X-Total-Count"]) == (200, [], "5")
    assert links(answer)["prev"]["page"] == ["1"]


def test_it_says_when_a_total_is_an_estimate(registry: Registry, five: list[str], monkeypatch: Any) -> None:
    monkeypatch.setattr(paging, "EXACT_UP_TO", 3)
    answer = registry.get("/customers?limit=1")
    assert answer["X-Total-Count-Estimated"] == "true"
    assert int(answer["X-Total-Count"]) >= 4
    assert "X-Total-Count-Estimated" not in registry.get("/customers?limit=5")


def test_it_leaves_deleted_ones_out_unless_asked(registry: Registry, five: list[str]) -> None:
    registry.delete(f"/customers/{five[0]}")
    assert ids(registry.get("/customers")) == five[1:]
    assert ids(registry.get("/customers?include_deleted=true")) == five
    deleted = registry.get("/customers?include_deleted=true").json()[0]
    assert (deleted["deleted_by"], bool(deleted["deleted_at"])) == ("jane", True)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("email=C@Example.com", [2]),
        ("first_name=zedb", [1]),
        ("first_name_prefix=ZED", [0, 1, 2, 3, 4]),
        ("last_name_prefix=Zed", []),
        ("first_name_prefix=Z%25d", []),
        ("source_system=CRM&limit=2", [0, 1]),
        ("source_system=ERP", []),
        ("source_system=nobody", []),
        ("source_system=nobody&ordering=-first_name&first_name_prefix=Zed", []),
        ("created_after=2020-01-01T00:00:00Z&first_name=Zeda", [0]),
        ("created_before=2020-01-01T00:00:00Z", []),
        ("created_after=2020-01-01T00:00:00-18:38&limit=1", [0]),
        ("created_before=9656-09-10T12:45:36.120763-18:38&limit=1", [0]),
        ("updated_after=2020-01-01", []),
        ("ordering=-created_at", [4, 3, 2, 1, 0]),
        ("ordering=-first_name", [4, 3, 2, 1, 0]),
        ("ordering=last_name", [0, 1, 2, 3, 4]),
    ],
)
def test_it_filters_and_orders(registry: Registry, five: list[str], query: str, expected: list[int]) -> None:
    assert ids(registry.get(f"/customers?{query}")) == [five[place] for place in expected]


def test_it_finds_a_phone_in_any_format(registry: Registry) -> None:
    known = registry.created()
    assert ids(registry.get("/customers?phone=(214) 867-5309")) == [known["id"]]


@pytest.mark.parametrize(
    "query", ["created_after=yesterday", "created_before=9999-12-31T23:00:00-18:38", "ordering=email"]
)
def test_it_refuses_what_it_cannot_filter_by(registry: Registry, query: str) -> None:
    answer = registry.get(f"/customers?{query}")
    assert (answer.status_code, list(answer.json())) == (400, ["errors"])


def test_it_lists_what_is_under_review_the_latest_first(registry: Registry) -> None:
    disputed = []
    for number in (1, 2):
        person: dict[str, Any] = {
            "last_name": f"Case{'x' * number}",
            "email": f"{number}@example.com",
            "phone": f"+1214867531{number}",
        }
        person["address"] = {"street": f"{number} Elm Street", "zip": f"1000{number}"}
        customer = registry.created(**person)["id"]
        registry.submit("ERP", **person)
        alias = registry.aliases(customer)[1]["id"]
        for _ in range(2):
            registry.post(f"/customers/{customer}/aliases/{alias}/feedback", {})
        disputed.append(customer)
    answer = registry.get("/customers?under_review=true")
    assert ids(answer) == disputed[::-1]
    assert answer["X-Total-Count"] == "2"
    assert set(links(registry.get("/customers?under_review=true&limit=1"))) == {"first", "next", "last"}

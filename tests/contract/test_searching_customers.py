"""`GET /customers/search`: names, while somebody types."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.contract.registry_caller import Registry
from tests.review.crowd import crowd


@pytest.fixture
def people(registry: Registry) -> dict[str, str]:
    names = ["Charles Quillon", "Mary-Ann Quill", "Mary Ann Zorba", "Charlotte Quillfeather", "Émile Ångström"]
    made = {}
    for number, name in enumerate(names):
        first, _, last = name.rpartition(" ")
        made[name] = registry.created(
            first_name=first, last_name=last, email=f"p{number}@example.com", phone=None, address=None
        )["id"]
    return made


def found(registry: Registry, query: str) -> list[str]:
    answer = registry.get(f"/customers/search?{query}")
    assert answer.status_code == 200, answer.content
    return [f"{customer['first_name']} {customer['last_name']}" for customer in answer.json()]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("quill", ["Mary-Ann Quill", "Charlotte Quillfeather", "Charles Quillon"]),
        ("  CHARLES ", ["Charles Quillon"]),
        ("chuck", ["Charles Quillon"]),
        ("uill", []),
        ("quill mary", ["Mary-Ann Quill"]),
        ("char quill", ["Charlotte Quillfeather", "Charles Quillon"]),
        ("chuck q", ["Charles Quillon"]),
        ("mary ann", ["Mary Ann Zorba"]),
        ("mary ann z", ["Mary Ann Zorba"]),
        ("zorba mary ann", ["Mary Ann Zorba"]),
        ("mary mary", []),
        ("éMILE", ["Émile Ångström"]),
        ("ångs", ["Émile Ångström"]),
        ("q%25", []),
        ("_uill", []),
        ("qu\\", []),
    ],
)
def test_it_finds_beginnings_of_names(
    registry: Registry, people: dict[str, str], query: str, expected: list[str]
) -> None:
    assert found(registry, f"q={query}") == expected


@pytest.mark.parametrize("query", ["", "q=", "q=j", "q=%20j%20"])
def test_it_asks_for_two_characters(registry: Registry, query: str) -> None:
    answer = registry.get(f"/customers/search?{query}")
    assert answer.status_code == 400
    assert answer.json() == {"error": "Search query must be at least 2 characters"}


@pytest.mark.parametrize(("limit", "number"), [("1", 1), ("-3", 1), ("x", 3), ("1000", 3)])
def test_it_forgives_a_limit(registry: Registry, people: dict[str, str], limit: str, number: int) -> None:
    assert len(found(registry, f"q=quill&limit={limit}")) == number


def test_it_leaves_deleted_and_merged_ones_out(registry: Registry, people: dict[str, str]) -> None:
    registry.delete(f"/customers/{people['Charles Quillon']}")
    registry.patch(f"/customers/{people['Mary Ann Zorba']}", {"merge": people["Mary-Ann Quill"]})
    assert found(registry, "q=quill") == ["Charlotte Quillfeather"]


def test_it_reads_the_indexes_of_names(registry: Registry) -> None:
    crowd(customers=5_000, pending=0)
    with CaptureQueriesContext(connection) as captured:
        assert found(registry, "q=last47 firs")
    [statement] = [query["sql"] for query in captured if "UNION ALL" in query["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {statement}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "customer_first_name_prefix" in plan
    assert "customer_last_name_prefix" in plan
    assert "~>=~" in plan


def test_it_puts_first_whose_contact_details_they_are(registry: Registry, people: dict[str, str]) -> None:
    known = registry.created(key="Quillon-7", first_name="Ada", last_name="Zorn", email="ada@example.com")
    for query in ("ADA@example.com", "%2B1 214 867 5309", "Quillon-7", known["id"]):
        assert found(registry, f"q={query}") == ["Ada Zorn"], query
    registry.delete(f"/customers/{known['id']}")
    assert found(registry, f"q={known['id']}") == []


def test_whole_names_come_before_beginnings(registry: Registry) -> None:
    for number, (first, last) in enumerate([("Dal", "Aab"), ("Dalia", "Lees"), ("Dalia", "Lee"), ("Dal", "Lee")]):
        registry.created(first_name=first, last_name=last, email=f"j{number}@example.com", phone=None, address=None)
    assert found(registry, "q=dal lee") == ["Dal Lee", "Dalia Lee", "Dalia Lees"]
    assert found(registry, "q=dal")[0].startswith("Dal ")


def test_names_take_one_statement(registry: Registry, people: dict[str, str]) -> None:
    with CaptureQueriesContext(connection) as captured:
        assert found(registry, "q=chuck quill")
    assert sum("contacts_" in query["sql"] for query in captured) == 1

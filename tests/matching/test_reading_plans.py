"""Candidates are read by indexes whatever PostgreSQL knows of the tables: a registry can grow faster than it looks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from matching.locks import strong_key
from matching.newcomer import nobody_has
from matching.plan import Key, MatchKeys
from matching.search import neighbourhood, read_customers
from tests.registry import default_tenant, source
from tests.review.crowd import crowd

pytestmark = pytest.mark.django_db

CUSTOMERS = 20_000
OF_PEOPLE = ("contacts_customer", "contacts_contact", "matching_matchkey")
KEYS = tuple(Key(number, f"nm:{number}", sure=False) for number in range(1, 13))

# Every customer has two keys, and every key four hundred customers.
_MATCH_KEYS = """
INSERT INTO matching_matchkey (key, customer_id)
SELECT (number + further) % 100, id
FROM (SELECT row_number() OVER () AS number, id FROM contacts_customer) AS numbered, generate_series(0, 1) AS further
"""


@pytest.fixture
def grown() -> None:
    """A registry of which PostgreSQL has no statistics."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM pg_statistic WHERE starelid::regclass::text = ANY(%s)", [list(OF_PEOPLE)])
        crowd(customers=CUSTOMERS, pending=0, analysed=False)
        cursor.execute(_MATCH_KEYS)


def readings() -> Iterator[dict[str, Any]]:
    """How each statement that reads customers with their contacts is carried out for whatever parameters."""
    with connection.cursor() as cursor:
        cursor.execute("DISCARD PLANS")
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        cursor.execute(
            "SELECT name, cardinality(parameter_types) FROM pg_prepared_statements WHERE statement LIKE %s",
            ["%customer.version, found.bits%"],
        )
        for name, parameters in cursor.fetchall():
            cursor.execute(f"EXPLAIN (FORMAT JSON) EXECUTE {name} ({', '.join(['NULL'] * parameters)})")
            told = cursor.fetchone()[0]
            yield (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]


def planned(statement: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """How it is carried out for these very values, as the first times of each connection."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}", parameters)
        told = cursor.fetchone()[0]
    return dict((json.loads(told) if isinstance(told, str) else told)[0]["Plan"])


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", []):
        yield from nodes(inner)


@pytest.mark.usefixtures("grown")
def test_nothing_is_read_from_end_to_end_however_little_is_known_of_the_tables() -> None:
    tenant, erp = default_tenant(), source("ERP")
    everything = MatchKeys("c7@example.org", "+12140000007", KEYS)
    for keys in (everything, MatchKeys("c7@example.org", "+12140000007", ()), MatchKeys("", "", KEYS)):
        locks = [strong_key(tenant, "email", "c7@example.org")]
        known = neighbourhood(tenant=tenant, keys=keys, source_id=erp.pk, source_key="1", locks=locks, unheld=True)
        assert known.neighbours
    read_customers(tenant, known.neighbours)
    plans = list(readings())
    assert len(plans) >= 4
    for node in (node for plan in plans for node in nodes(plan)):
        if node.get("Relation Name") in OF_PEOPLE:
            assert node["Node Type"] != "Seq Scan"
        if node["Node Type"] in ("Hash Join", "Merge Join"):
            pytest.fail(f"{node['Node Type']}: whatever is joined is looked up one by one")


@pytest.mark.usefixtures("grown")
@pytest.mark.parametrize(
    "known",
    [
        "",
        "ANALYZE matching_matchkey",
        "UPDATE pg_class SET reltuples = 0, relpages = 100 WHERE relname = 'matching_matchkey'",
    ],
)
def test_of_a_key_no_more_is_read_than_is_asked_for_however_many_have_it(known: str) -> None:
    """In the order of its index: nothing is gathered and sorted before, and nobody else is passed by."""
    tenant = default_tenant()
    with connection.cursor() as cursor:
        cursor.execute(known)
    neighbourhood(tenant=tenant, keys=MatchKeys("", "", KEYS))
    every = [node for plan in readings() for node in nodes(plan)]
    by_key = [node for node in every if node.get("Relation Name") == "matching_matchkey"]
    # Whether the table is looked at beside depends on what vacuum has come to meanwhile.
    assert {node["Node Type"] for node in by_key} in ({"Index Only Scan"}, {"Index Scan"})
    assert {node["Index Name"] for node in by_key} == {"matching_matchkey_pkey"}
    gathered = [node["Sort Key"] for node in every if node["Node Type"] == "Sort"]
    assert not [keys for keys in gathered if "stored" in " ".join(keys)]


@pytest.mark.parametrize(
    ("email", "phone", "indexes"), [("", "+1", {"contact_phone"}), ("new@x.org", "", {"contact_email"})]
)
def test_whether_nobody_has_a_value_is_not_asked_of_everybody_without_one(
    email: str, phone: str, indexes: set[str]
) -> None:
    """PostgreSQL knows that half of all contacts have an empty one, and would look for it where they lie."""
    crowd(customers=CUSTOMERS, pending=0, analysed=False)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE contacts_contact SET phone = '' WHERE id % 2 = 0")
        cursor.execute("UPDATE contacts_contact SET email = '' WHERE id % 2 = 1")
        cursor.execute("ANALYZE contacts_contact")
    plan = planned(f"SELECT {nobody_has()}", {"tenant": default_tenant().pk, "email": email, "phone": phone})
    read = [node for node in nodes(plan) if node.get("Relation Name") == "contacts_contact"]
    assert {node["Index Name"] for node in read} == indexes

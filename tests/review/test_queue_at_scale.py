"""The queue reads what it shows, not all there is: few queries, each by an index, however many wait."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from review.console.filters import Filters
from review.queue import BEST_FIRST, COUNTED
from tests.review.crowd import crowd
from tests.review.desk import admin, client_of, seat, steward

pytestmark = pytest.mark.django_db

# Thirty thousand are enough for the planner to prefer an index wherever there is one.
CUSTOMERS, PENDING = 30_000, 6_000
GROWING = ("contacts_customer", "contacts_contact", "matching_candidatepair")
GATHERING = ("Sort", "Hash", "Hash Join", "Materialize")


@pytest.fixture
def crowded() -> None:
    crowd(customers=CUSTOMERS, pending=PENDING)


def plans(context: CaptureQueriesContext) -> list[tuple[str, dict[str, Any]]]:
    """What the planner does for every SELECT of a request."""
    found = []
    with connection.cursor() as cursor:
        for query in list(context):
            if query["sql"].startswith("SELECT"):
                cursor.execute("EXPLAIN (FORMAT JSON) " + query["sql"])
                found.append((query["sql"], cursor.fetchone()[0][0]["Plan"]))
    return found


def scans(plan: dict[str, Any]) -> list[str]:
    """The growing tables that a plan reads from end to end."""
    here = [plan["Relation Name"]] if plan["Node Type"] == "Seq Scan" and plan["Relation Name"] in GROWING else []
    return here + [table for inner in plan.get("Plans", []) for table in scans(inner)]


@pytest.mark.usefixtures("crowded")
@pytest.mark.parametrize("who", ["steward", "admin"])
def test_every_query_of_the_queue_goes_by_an_index(who: str) -> None:
    client = client_of(steward() if who == "steward" else admin())
    for query in ("", "?sort=oldest", "?band=high", "?age=day", "?claimed=nobody", "?view=put-off"):
        with CaptureQueriesContext(connection) as context:
            assert client.get("/console/" + query).status_code == 200
        assert len(context) <= 14, query
        for sql, plan in plans(context):
            assert scans(plan) == [], sql


@pytest.mark.usefixtures("crowded")
def test_every_query_of_a_case_goes_by_an_index() -> None:
    root = admin()
    pair = seat(root).pairs().in_order(BEST_FIRST)[100]
    client = client_of(root)
    with CaptureQueriesContext(connection) as context:
        client.get(reverse("console:queue-case", args=[pair.contact_id]))
    assert len(context) <= 24
    for sql, plan in plans(context):
        assert scans(plan) == [], sql


@pytest.mark.usefixtures("crowded")
def test_counting_stops_where_nobody_reads_on() -> None:
    assert Filters().pairs(seat(admin())).counted() == COUNTED + 1


def gathered(plan: dict[str, Any], *, already: bool = False) -> set[str]:
    """The growing tables that a plan gathers before it goes on: to sort them, or to look something up in them."""
    gathers = already or plan["Node Type"] in GATHERING
    here = {plan["Relation Name"]} & set(GROWING) if gathers and "Relation Name" in plan else set()
    return here.union(*(gathered(inner, already=gathers) for inner in plan.get("Plans", [])))


def asks_of_each(plan: dict[str, Any]) -> bool:
    return plan.get("Parent Relationship") == "SubPlan" or any(asks_of_each(inner) for inner in plan.get("Plans", []))


@pytest.mark.usefixtures("crowded")
@pytest.mark.parametrize("part", [Filters(), Filters(reason="email"), Filters(sort="newest")])
def test_the_queue_is_walked_in_its_order_and_never_gathered_whole(part: Filters) -> None:
    """Whatever sorts or hashes must first have all that waits, be only the figure of the bar wanted of it."""
    for rows in (51, COUNTED + 1):
        wanted = part.pairs(seat(admin(f"root{rows}"))).in_order(part.order)[:rows]
        sql, parameters = wanted.query.sql_with_params()
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", parameters)
            plan = cursor.fetchone()[0][0]["Plan"]
        assert gathered(plan) == set(), plan
        assert asks_of_each(plan), "whether there is a better one, of one row after the other"


@pytest.mark.usefixtures("crowded")
def test_a_filter_by_evidence_is_not_taken_for_rare() -> None:
    """Else all that it holds of is gathered and sorted, which at this size is still cheap enough to be right."""
    wanted = Filters(reason="email").pairs(seat(admin()))
    sql, parameters = wanted.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", parameters)
        plan = cursor.fetchone()[0][0]["Plan"]
    assert plan["Plan Rows"] > PENDING / 100

"""What a submission costs the database, counted with the transaction's own statements and the caller's key."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from matching.models import CandidatePair
from matching.tenants import open_tenant
from sources.models import DEFAULT_TENANT, Tenant
from tests.contract.registry_caller import ADDRESS, Registry
from tests.identity.api.callers import with_key
from tests.registry import source

pytestmark = pytest.mark.django_db(transaction=True)

MOST = 6


@pytest.fixture
def caller(transactional_db: None) -> Registry:
    if not Tenant.objects.filter(name=DEFAULT_TENANT).exists():
        open_tenant(DEFAULT_TENANT, by="system")
    for name in ("CRM", "ERP"):
        source(name)
    caller = Registry(with_key())
    # The first of each source reads the source, or finds that the one it remembers is another test's.
    caller.created(key="warm", first_name="Warm", last_name="Up", email="w@example.org", phone=None, address=None)
    alone = {"first_name": "Odd", "last_name": "One", "email": "odd@example.org", "phone": None, "address": None}
    caller.created("ERP", key="warm", **alone)
    return caller


def statements(caller: Registry, status: int, body: dict[str, Any], path: str = "/customers") -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        answer = caller.post(path, body)
    assert answer.status_code == status, answer.content
    return [query["sql"] for query in captured]


def within(told: list[str]) -> bool:
    return len(told) <= MOST


def test_a_new_customer_costs_no_more(caller: Registry) -> None:
    told = statements(caller, 201, caller.record())
    assert within(told), told


def test_a_link_costs_no_more(caller: Registry) -> None:
    caller.created()
    told = statements(caller, 200, caller.record("ERP"))
    assert within(told), told


def test_near_misses_cost_no_more(caller: Registry) -> None:
    caller.created()
    caller.created("ERP", email="second@example.com")
    told = statements(caller, 201, caller.record("ERP", email="third@example.com"))
    assert within(told), told


def test_an_update_costs_no_more(caller: Registry) -> None:
    caller.created(key="7")
    told = statements(caller, 200, caller.record(key="7", address={**ADDRESS, "city": "Plano"}))
    assert within(told), told


def test_another_body_that_says_the_same_states_no_keys_anew(caller: Registry) -> None:
    caller.created(key="7")
    told = statements(caller, 200, caller.record(key="7", note="called back"))
    assert any("UPDATE contacts_contact" in statement for statement in told), told
    assert not any("matchkey" in statement or "lookupkey" in statement for statement in told), told


def test_a_correction_states_the_keys_anew_of_lookups_only_where_they_have_any(caller: Registry) -> None:
    caller.created(key="7")
    told = statements(caller, 200, caller.record(key="7", address={**ADDRESS, "city": "Plano"}))
    assert any("DELETE FROM matching_matchkey" in statement for statement in told), told
    assert not any("lookupkey" in statement for statement in told), told
    named = caller.record(key="7", attributes={"FacebookId": "of.seven"})
    assert any("INSERT INTO matching_lookupkey" in statement for statement in statements(caller, 200, named))
    nameless = statements(caller, 200, caller.record(key="7"))
    assert any("DELETE FROM matching_lookupkey" in statement for statement in nameless), nameless


def test_a_link_beside_a_near_miss_costs_no_more(caller: Registry) -> None:
    caller.created()
    caller.created("ERP", email="second@example.com")
    told = statements(caller, 200, caller.record("ERP"))
    assert within(told), told


def test_whether_near_misses_were_proposed_before_is_asked_of_all_at_once(caller: Registry) -> None:
    named: dict[str, Any] = {"email": None, "phone": None}
    caller.created(**named)
    for town in ("Plano", "Waco", "Austin", "Tyler"):
        caller.created("ERP", **named, address={"city": town, "state": "TX"})
    proposed = CandidatePair.objects.count()
    told = statements(caller, 200, caller.record("ERP", **named))
    asking = [statement for statement in told if "FROM matching_candidatepair" in statement]
    assert CandidatePair.objects.count() == proposed >= 4
    assert len(asking) == 1, told
    assert within(told), told


def test_an_incomplete_record_costs_no_more(caller: Registry) -> None:
    caller.created(email=None)
    told = statements(caller, 200, caller.record("ERP", email=None))
    assert within(told), told


def test_a_refusal_costs_no_more(caller: Registry) -> None:
    caller.created(key="7")
    stranger = caller.record(key="7", first_name="Odalys", last_name="Quist", email="o@example.net", phone=None)
    told = statements(caller, 409, stranger)
    assert within(told), told
    assert not any(statement.startswith(("INSERT", "UPDATE")) for statement in told)

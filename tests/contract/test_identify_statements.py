"""What a checkout costs the database, counted with the transaction's own statements."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from matching.tenants import open_tenant
from sources.models import DEFAULT_TENANT, Tenant
from tests.registry import post

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _open_registry(transactional_db: None, settings: Any) -> None:
    settings.ANONYMOUS_API = True
    if not Tenant.objects.filter(name=DEFAULT_TENANT).exists():
        open_tenant(DEFAULT_TENANT, by="system")


def statements(client: Client, **body: Any) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        answer = client.post("/identify", body, content_type="application/json")
    assert answer.status_code == 200
    return [query["sql"] for query in captured]


def test_a_repeat_costs_three_at_most_and_writes_nothing(client: Client) -> None:
    statements(client, email="a@x.org", phoneNumber="111222")
    told = statements(client, email="a@x.org", phoneNumber="111222")
    assert len(told) <= 3, told
    assert not any("INSERT" in statement or "UPDATE" in statement for statement in told)


def test_a_newcomer_costs_four_at_most(client: Client) -> None:
    statements(client, email="warm@x.org")
    told = statements(client, email="a@x.org", phoneNumber="111222")
    assert len(told) <= 4, told


def test_a_secondary_contact_costs_six_at_most(client: Client) -> None:
    statements(client, email="a@x.org", phoneNumber="111222")
    told = statements(client, email="b@x.org", phoneNumber="111222")
    assert len(told) <= 6, told


def test_a_repeat_costs_no_more_with_named_customers_behind_it(client: Client) -> None:
    post()
    told = statements(client, email="sylvia.abernathy@example.org")
    assert len(told) <= 3, told

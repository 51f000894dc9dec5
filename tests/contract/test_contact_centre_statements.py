"""What a contact-centre identify costs the database, counted with the transaction's own statements."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.models import Contact
from matching.tenants import open_tenant
from sources.models import DEFAULT_TENANT, Tenant
from sources.tenants import open_subtenant
from tests.contract.centre import Centre, define
from tests.registry import default_tenant, post

pytestmark = pytest.mark.django_db(transaction=True)

ADA = {"FirstName": "Ada", "LastName": "Byron", "EmailAddress": "ada@byron.example", "PhoneNumber": "2148675309"}
MOST = 6


@pytest.fixture(autouse=True)
def _open_registry(transactional_db: None) -> None:
    if not Tenant.objects.filter(name=DEFAULT_TENANT).exists():
        open_tenant(DEFAULT_TENANT, by="system")


@pytest.fixture
def ask(_open_registry: None) -> Centre:
    """A client application whose registry is warm: its set-up has been read before."""
    centre = Centre("write")
    centre(EmailAddress="warm@x.org")
    return centre


def statements(ask: Centre, **asked: Any) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        ask(**asked)
    return [query["sql"] for query in captured]


def test_finding_costs_two_and_writes_nothing(ask: Centre) -> None:
    post()
    told = statements(ask, PhoneNumber="2148675309", LastName="Abernathy")
    assert len(told) <= 2, told
    assert not any("INSERT" in statement or "UPDATE" in statement for statement in told)


def test_creating_costs_six_at_most(ask: Centre) -> None:
    told = statements(ask, **ADA)
    assert len(told) <= MOST, told
    assert Contact.objects.count() == 2


def test_creating_with_keys_of_every_sort_costs_six_at_most_too(ask: Centre) -> None:
    define("_club")
    open_subtenant("east", tenant=default_tenant(), by="test")
    ask(EmailAddress="warm@x.org")
    told = statements(ask, SubscriberId="east", PhoneNumber="2148675309", FacebookId="ada", TwitterId="a", _club="b")
    assert len(told) <= MOST, told


def test_somebody_who_is_not_to_be_created_costs_two(ask: Centre) -> None:
    assert len(statements(ask, FirstName="Ada")) <= 2
    assert len(statements(ask, **ADA, CreateContact=False)) <= 2

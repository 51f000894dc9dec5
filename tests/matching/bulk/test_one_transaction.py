"""A chunk is there whole or not at all, and a record that is refused does not spoil the others."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.models import Change, Contact, Customer, Event
from matching.active import active_model
from matching.applying import Identified, SourceKeyCollision
from matching.bulk.filing import ChunkCabinet
from matching.bulk.identify_many import identify_many
from matching.models import CandidatePair, MatchKey
from tests.matching.bulk.test_like_one_by_one import submission
from tests.registry import SYLVIA, default_tenant

pytestmark = pytest.mark.django_db

OTTO = {"first_name": "Otto", "last_name": "Zimmer", "email": "otto@example.net"}


def test_it_answers_each_record_and_lets_a_refused_one_spoil_no_other() -> None:
    records = [submission(SYLVIA, "CRM", "1"), submission(OTTO, "CRM", "1"), submission(OTTO, "CRM", "2")]
    first, refused, other = identify_many(records, tenant=default_tenant(), by="tester")
    assert isinstance(first, Identified)
    assert isinstance(refused, SourceKeyCollision)
    assert isinstance(other, Identified)
    assert refused.customer_id == first.customer_id
    assert other.outcome == "created"
    assert Customer.objects.count() == Contact.objects.count() == Event.objects.count() == 2


def test_it_leaves_nothing_where_the_last_write_fails() -> None:
    records = [submission({**OTTO, "email": f"{n}@example.net"}, "CRM", str(n)) for n in range(60)]
    with patch.object(ChunkCabinet, "write", side_effect=RuntimeError("power cut")), pytest.raises(RuntimeError):
        identify_many(records, tenant=default_tenant(), by="tester")
    for model in (Customer, Contact, Event, Change, CandidatePair, MatchKey):
        assert not model._default_manager.exists(), model


def somebody(number: int) -> dict[str, Any]:
    return {"first_name": "Otto", "last_name": f"Zimmer{number:04}", "email": f"{number}@example.net"}


def statements(numbers: range, by: str = "CRM") -> int:
    records = [submission(somebody(number), by, str(number)) for number in numbers]
    active_model(default_tenant())  # whoever was first in this process read it
    with CaptureQueriesContext(connection) as asked:
        identify_many(records, tenant=default_tenant(), by="tester")
    return len(asked)


def test_it_asks_as_little_of_many_records_as_of_few() -> None:
    assert statements(range(60)) == statements(range(100, 250))


def test_it_asks_as_little_of_many_known_people_as_of_few() -> None:
    statements(range(210))
    assert statements(range(60), by="SHOP") == statements(range(60, 210), by="SHOP")


def test_it_does_nothing_for_nobody() -> None:
    assert identify_many([], tenant=default_tenant(), by="tester") == []


def test_an_answer_is_not_changed_by_what_later_records_did() -> None:
    corrected = {**SYLVIA, "last_name": "Abernathie"}
    records = [submission(SYLVIA, "CRM", "1"), submission(corrected, "SHOP", "1"), submission(SYLVIA, "SHOP", "1")]
    given = identify_many(records, tenant=default_tenant(), by="tester")
    customers = [each.customer for each in given if isinstance(each, Identified)]
    assert [each.version for each in customers] == [1, 2, 3]
    assert [each.last_name for each in customers] == ["Abernathy", "Abernathie", "Abernathy"]

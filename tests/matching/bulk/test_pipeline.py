"""A chunk in parts: each part knows what the ones before it did, whether that is written by then or not."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event as Signal
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection

from contacts.models import Change, Contact, Customer, Event
from matching.active import active_model
from matching.bulk import beginning, in_memory, pipeline
from matching.bulk.errands import errands
from matching.bulk.identify_many import bring_in, identify_many
from matching.bulk.incoming import incoming
from matching.bulk.pipeline import in_parts
from matching.models import CandidatePair, MatchKey
from tests.matching.bulk import portrait
from tests.matching.bulk.test_like_one_by_one import at_once, left_by, one_by_one, submission
from tests.registry import SYLVIA, default_tenant, post

pytestmark = pytest.mark.django_db

BY = "tester"
NAMED = {name: SYLVIA[name] for name in ("first_name", "last_name", "address")}
OTTO = {"first_name": "Otto", "last_name": "Zimmer", "email": "otto@example.net"}


@pytest.fixture(autouse=True)
def one_record_a_part() -> Iterator[None]:
    with patch.object(pipeline, "PART", 1):
        yield


def bodies(*said: dict[str, Any], to: str = "CRM") -> list[Any]:
    return [submission(body, to, f"chunk {place}") for place, body in enumerate(said)]


@pytest.mark.parametrize("between", [0, 1, 2, 3])
def test_somebody_new_is_found_by_the_parts_that_follow(between: int) -> None:
    others = [{**OTTO, "email": f"{n}@example.net", "last_name": f"Zimmer{n:03}"} for n in range(between)]
    records = bodies({**NAMED, "phone": SYLVIA["phone"]}, *others, NAMED)
    assert portrait.differences(left_by(at_once(50), records), left_by(one_by_one, records)) == []
    identify_many(records, tenant=default_tenant(), by=BY)
    assert CandidatePair.objects.count() == 1


def test_somebody_is_found_by_a_key_that_the_part_before_stored_without_asking() -> None:
    """As while one model gives way to another: what was read ahead without it is read again."""
    tenant = default_tenant()
    plan = active_model(tenant).plan
    first, second = (incoming(each.record, each.source, plan=plan, scope=tenant.pk) for each in bodies(NAMED, NAMED))
    first.keys = first.keys._replace(asked=(), known_as=())
    bring_in([first, second], keyed_by=plan, tenant=tenant, by=BY)
    assert Customer.objects.count() == 1


@pytest.mark.parametrize("between", [0, 1, 2])
def test_what_became_of_a_customer_is_known_to_the_parts_that_follow(between: int) -> None:
    """Without it the chunk would begin again: the customer is not as it was read ahead."""
    post()
    others = [{**OTTO, "email": f"{n}@example.net", "last_name": f"Zimmer{n:03}"} for n in range(between)]
    corrected = {**SYLVIA, "last_name": "Abernathie"}
    records = bodies(corrected, *others, SYLVIA, to="SHOP")
    begun: list[object] = []
    begin = beginning.begin

    def watched(*args: Any, **kwargs: Any) -> beginning.Begun:
        begun.append(args)
        return begin(*args, **kwargs)

    with patch.object(beginning, "begin", watched):
        identify_many(records, tenant=default_tenant(), by=BY)
    assert len(begun) == 1
    assert Customer.objects.get(email=SYLVIA["email"]).version == 3


def test_a_value_that_is_taken_from_somebody_is_not_found_by_what_was_read_ahead() -> None:
    identify_many(bodies(SYLVIA), tenant=default_tenant(), by=BY)
    corrected = bodies({**SYLVIA, "email": "another@example.net"})
    records = [*corrected, *bodies(SYLVIA, to="SHOP")]
    left = left_by(at_once(50), records)
    assert portrait.differences(left, left_by(one_by_one, records)) == []


@pytest.mark.parametrize("failing", [1, 2, 4])
def test_it_leaves_nothing_where_one_of_the_writings_fails(failing: int) -> None:
    records = bodies(*({**OTTO, "email": f"{n}@example.net", "last_name": f"Zimmer{n:03}"} for n in range(4)))
    copied = 0

    def cut(*_: object) -> None:
        nonlocal copied
        copied += 1
        if copied == failing:
            raise RuntimeError("power cut")

    with patch.object(in_memory, "copy_rows", cut), pytest.raises(RuntimeError, match="power cut"):
        identify_many(records, tenant=default_tenant(), by=BY)
    for model in (Customer, Contact, Event, Change, CandidatePair, MatchKey):
        assert not model._default_manager.exists(), model


def test_whoever_asks_the_database_sees_what_was_sent_before() -> None:
    goes_on = Signal()

    def insert() -> None:
        assert goes_on.wait(10)
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO noted VALUES (1)")

    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE noted (number int) ON COMMIT DROP")
        with errands(behind=True) as sent:
            sent.send(insert)
            goes_on.set()
            cursor.execute("SELECT count(*) FROM noted")
            assert cursor.fetchone() == (1,)


@pytest.mark.parametrize("number", [1, 7, 8, 9, 10, 11, 25, 26, 100])
def test_parts_are_all_of_it_in_order(number: int) -> None:
    records: list[Any] = list(range(number))
    with patch.object(pipeline, "PART", 8):
        parts = in_parts(records)
    assert [each for part in parts for each in part] == records
    assert all(1 <= len(part) <= 8 for part in parts)
    assert len(parts) == 1 or len(parts[0]) == len(parts[-1]) == 2

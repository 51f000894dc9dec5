"""A chunk locks whom it decided on when all is decided: where somebody was faster, it begins again and ends right."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest
from django.db import transaction

from contacts.models import Contact
from matching.applying import Identified
from matching.bulk import beginning, reading
from matching.bulk import identify_many as identify_many_module
from matching.bulk.identify_many import Answer, identify_many
from matching.bulk.in_memory import InMemory
from matching.deciding import Question, read_and_decide
from matching.locks import lock_customers
from matching.models import Merge
from review import verdicts
from sources.models import Tenant
from sources.round_trips import Statement, run
from tests.concurrency.threads import Call, outcome, overlap
from tests.matching.bulk.test_like_one_by_one import submission
from tests.properties.invariants import breaches
from tests.registry import SYLVIA, buy, live_customers, pending, post, source

pytestmark = pytest.mark.django_db(transaction=True)

OTTO = {"first_name": "Otto", "last_name": "Zimmer", "email": "otto@example.net", "phone": "+13125550100"}
NAMED = {name: value for name, value in SYLVIA.items() if name not in ("email", "phone")}
BY = "steward"


@pytest.fixture(autouse=True)
def sound(tenant: Tenant) -> Iterator[None]:
    """Whatever happened, the registry is in order afterwards."""
    for name in ("CRM", "BILLING", "SHOP"):
        source(name)
    yield
    assert breaches(tenant) == []


@pytest.fixture
def attempts() -> Iterator[list[object]]:
    """One entry for each time that a chunk was begun."""
    told: list[object] = []
    begin = beginning.begin

    def watched(*args: Any, **kwargs: Any) -> beginning.Begun:
        told.append(args)
        return begin(*args, **kwargs)

    with patch.object(beginning, "begin", watched):
        yield told


@contextmanager
def before_it_locks(meanwhile: Call) -> Iterator[None]:
    """Between what a chunk decides first and its locks, somebody else does this, to the end."""
    write, left = InMemory.write, [meanwhile]

    def interrupted(ground: InMemory) -> None:
        if left:
            with ThreadPoolExecutor(1) as pool:
                pool.submit(outcome, left.pop()).result()
        write(ground)

    with patch.object(InMemory, "write", interrupted):
        yield


@contextmanager
def before_it_reads(meanwhile: Call) -> Iterator[None]:
    """Between looking up whom the values lead to and reading those, somebody else does this, to the end."""
    left = [meanwhile]

    def interrupted(statement: Statement) -> None:
        run(statement)
        if left:
            with ThreadPoolExecutor(1) as pool:
                pool.submit(outcome, left.pop()).result()

    with patch.object(reading, "run", interrupted):
        yield


def brought(tenant: Tenant, *bodies: dict[str, Any], to: str = "SHOP") -> list[Answer]:
    records = [submission(body, to, f"chunk {place}") for place, body in enumerate(bodies)]
    return identify_many(records, tenant=tenant, by="importer")


def merge(tenant: Tenant, target: UUID, source_: UUID) -> Call:
    return partial(verdicts.merge, target_id=target, source_id=source_, tenant=tenant, by=BY)


def owners() -> set[UUID]:
    return {contact.customer_id for contact in Contact.objects.live()}


def test_who_is_merged_away_before_he_is_locked_is_looked_for_again(tenant: Tenant, attempts: list[object]) -> None:
    moved, survivor = post(NAMED), post(OTTO, to="BILLING")
    with before_it_locks(merge(tenant, survivor.customer.pk, moved.customer.pk)):
        (done,) = brought(tenant, NAMED)
    assert isinstance(done, Identified)
    assert (done.outcome, done.customer_id) == ("linked", survivor.customer.pk)
    assert len(attempts) == 2


def test_who_is_split_before_he_is_locked_is_found_as_two(tenant: Tenant, attempts: list[object]) -> None:
    first, second = post(), post(to="BILLING")
    split = partial(verdicts.split, customer_id=first.customer.pk, aliases=[second.contact.pk], tenant=tenant, by=BY)
    with before_it_locks(split):
        (done,) = brought(tenant, SYLVIA)
    assert isinstance(done, Identified)
    assert done.outcome == "created", "two customers fit it equally well"
    assert {pair.against_id for pair in pending()} == {first.contact.pk, second.contact.pk}
    assert len(attempts) == 2


def test_who_is_merged_away_before_he_is_read_is_looked_for_again(tenant: Tenant, attempts: list[object]) -> None:
    moved, survivor = post(NAMED), post(OTTO, to="BILLING")
    with (
        before_it_reads(merge(tenant, survivor.customer.pk, moved.customer.pk)),
        patch.object(identify_many_module, "read_and_decide", side_effect=AssertionError("the survivor was read")),
    ):
        answers = brought(tenant, OTTO, NAMED)
    assert [(each.outcome, each.customer_id) for each in answers if isinstance(each, Identified)] == [
        ("linked", survivor.customer.pk),
        ("linked", survivor.customer.pk),
    ]
    assert len(attempts) == 1


@pytest.mark.parametrize("body", [SYLVIA, NAMED])
def test_who_is_split_before_he_is_read_is_found_as_two(
    tenant: Tenant, attempts: list[object], body: dict[str, Any]
) -> None:
    first, second = post(body), post(body, to="BILLING")
    split = partial(verdicts.split, customer_id=first.customer.pk, aliases=[second.contact.pk], tenant=tenant, by=BY)
    with before_it_reads(split):
        (done,) = brought(tenant, body)
    assert isinstance(done, Identified)
    assert done.outcome == "created", "two customers fit it equally well"
    assert {pair.against_id for pair in pending()} == {first.contact.pk, second.contact.pk}
    assert len(attempts) == 1


def test_a_near_miss_that_is_merged_away_before_it_is_locked_is_proposed_as_who_it_is_now(
    tenant: Tenant, attempts: list[object]
) -> None:
    moved, survivor = post(), post(OTTO, to="BILLING")
    with before_it_locks(merge(tenant, survivor.customer.pk, moved.customer.pk)):
        brought(tenant, {**SYLVIA, "email": "other@example.com"})
    assert {pair.customer_id for pair in pending()} == {survivor.customer.pk}
    assert len(attempts) == 2


def test_what_somebody_else_proposes_before_the_two_are_locked_is_not_proposed_again(
    tenant: Tenant, attempts: list[object]
) -> None:
    post()
    post(to="BILLING", email="other@example.com")
    (proposed,) = pending()
    proposed.delete()
    with before_it_locks(partial(proposed.save, force_insert=True)):
        (done,) = brought(tenant, SYLVIA)
    assert isinstance(done, Identified)
    assert (done.outcome, list(done.candidates)) == ("linked", [])
    assert len(pending()) == 1
    assert len(attempts) == 2


def test_a_chunk_waits_for_a_merge_only_when_it_holds_nobody(tenant: Tenant, attempts: list[object]) -> None:
    moved, survivor = post(NAMED), post(OTTO, to="BILLING")
    done = overlap(merge(tenant, survivor.customer.pk, moved.customer.pk), partial(brought, tenant, NAMED))
    assert done.waited
    assert len(attempts) == 2
    assert owners() == {survivor.customer.pk}


def test_what_is_done_in_the_database_waits_for_nobody_either(tenant: Tenant, attempts: list[object]) -> None:
    post(OTTO)
    nameless = [buy(email="sylvia.abernathy@example.org"), buy(phone="+12148675309")]
    lock = partial(lock_customers, tenant, [nameless[1].customer.pk])
    done = overlap(lock, partial(brought, tenant, OTTO, SYLVIA))
    assert done.waited
    assert len(attempts) == 2, "it held Otto when it came to those without a name"
    assert [len(answer.members) for answer in done.second] == [1, 2]
    assert live_customers() == 2


def test_a_merge_takes_the_contact_along_that_a_chunk_brought_meanwhile(tenant: Tenant) -> None:
    moved, survivor = post(), post(OTTO, to="BILLING")
    done = overlap(partial(brought, tenant, SYLVIA), merge(tenant, survivor.customer.pk, moved.customer.pk))
    assert done.waited
    assert owners() == {survivor.customer.pk}
    assert Merge.objects.get().contacts == [moved.contact.pk, done.first[0].contact.pk]


def test_who_is_merely_compared_is_not_waited_for(tenant: Tenant, attempts: list[object]) -> None:
    compared = post({**NAMED, "last_name": "Abernathyson"})
    other = {**NAMED, "first_name": "Boris"}
    asked = Question(submission(other, "SHOP", "asked").record, source("SHOP"), tenant)
    with transaction.atomic():
        assert compared.customer.pk in read_and_decide(asked, under_locks=False).known.neighbours
    done = overlap(partial(lock_customers, tenant, [compared.customer.pk]), partial(brought, tenant, other))
    assert not done.waited
    assert done.second[0].outcome == "created"
    assert pending() == []
    assert len(attempts) == 1

"""Whom earlier chunks read is not read again, but asked whether he is still the same: what others did is not missed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.models import Customer
from matching.bulk import reading, remembered
from matching.bulk.identify_many import Answer, Submission
from matching.bulk.known import Known
from matching.bulk.reading import Asked
from matching.bulk.remembered import Remembered
from review import verdicts
from sources.models import Tenant
from tests.matching.bulk import portrait
from tests.matching.bulk.test_like_one_by_one import BY, at_once, chunked, left_by, one_by_one, random_submissions
from tests.properties import operations
from tests.properties.people import SOURCES
from tests.registry import default_tenant, post, put, source

pytestmark = pytest.mark.django_db

MAILS = ("anna@example.org", "boris@example.org", "chen@example.org")


def met() -> list[UUID]:
    return [post({"first_name": "Ann", "last_name": mail, "email": mail}, key=mail).customer.pk for mail in MAILS]


def reached(kept: Remembered) -> dict[UUID, Known]:
    asked = Asked(MAILS, (), (), (), ())
    customers = reading.reach(asked, tenant=default_tenant(), remembered=kept).customers
    return {known.id: known for known in customers.values()}


def test_who_is_the_same_is_not_read_again_and_who_changed_is() -> None:
    same, changed, gone = met()
    kept = Remembered()
    before = reached(kept)
    put(changed, key=MAILS[1], first_name="Boris", email=MAILS[1])
    verdicts.merge(target_id=same, source_id=gone, tenant=default_tenant(), by=BY)
    put(same, key=MAILS[0], first_name="Anna", email=MAILS[0])
    between = reached(kept)
    assert set(between) == {same, changed}
    assert [between[pk].version for pk in (same, changed)] == [before[same].version + 2, 2]
    assert between[changed].golden.first_name == "Boris"
    again = reached(kept)
    assert {pk: again[pk] is between[pk] for pk in again} == {same: True, changed: True}


def test_those_are_forgotten_who_were_longest_not_asked_for() -> None:
    kept = Remembered()
    ids = [bytes([number]) * 16 for number in range(5)]
    known: dict[bytes, Any] = {pk: object() for pk in ids}
    with patch.object(remembered, "MOST", 3):
        for asked in (ids[:3], ids[:1], ids[3:]):
            kept.keep({pk: known[pk] for pk in asked})
    assert set(kept.among(ids)) == {ids[0], ids[3], ids[4]}


# Whose traces hold no ids and times of their own, which are not the same twice.
OTHERS = (*(operations.putting,) * 4, *(operations.merging_by_hand,) * 3, operations.retiring, operations.posting)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32), number=st.integers(4, 15))
def test_what_others_do_between_two_chunks_is_seen(seed: int, number: int) -> None:
    def others() -> Callable[[], object]:
        rng = Random(seed)
        return lambda: operations.Operations(default_tenant(), rng).run(rng.choice(OTHERS))

    def alone(submissions: Sequence[Submission], *, tenant: Tenant, by: str) -> list[Answer]:
        given, between = list[Answer](), others()
        for each in chunked(submissions, 3):
            given += one_by_one(each, tenant=tenant, by=by)
            between()
        return given

    with transaction.atomic():
        for name in SOURCES:
            source(name)
        submissions = random_submissions(Random(seed), number)
        left = left_by(at_once(3, others()), submissions)
        assert portrait.differences(left, left_by(alone, submissions)) == []
        transaction.set_rollback(True)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_whatever_is_read_of_a_customer_changes_with_its_version(seed: int) -> None:
    rng, said = Random(seed), dict[tuple[UUID, int], object]()
    with transaction.atomic():
        on = operations.Operations(default_tenant(), rng)
        for _ in range(25):
            on.run(rng.choice(operations.MIX))
            ids = list(Customer.objects.values_list("pk", flat=True))
            for known in reading.customers(ids, tenant=default_tenant()).values():
                row = {name: value for name, value in vars(known.customer).items() if name != "_state"}
                told = known.golden, [tuple(held) for held in known.contacts], row
                assert said.setdefault((known.id, known.version), told) == told
        transaction.set_rollback(True)

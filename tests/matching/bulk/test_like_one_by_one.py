"""Many at once leave what one after the other would: the same answers, customers, candidates, history and events."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from random import Random
from typing import Any
from unittest.mock import patch

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.intake import read_submission
from matching import nearest, search
from matching.applying import Identified, SourceKeyCollision
from matching.bulk import beginning, filing, overlay, reading
from matching.bulk.identify_many import Answer, Submission, identify_many
from matching.identify import identify
from sources.models import Tenant
from tests.matching.bulk import portrait
from tests.properties import operations
from tests.properties.people import KEYS, SOURCES, somebody
from tests.registry import ATTRIBUTES, default_tenant, source

pytestmark = pytest.mark.django_db

BY = "tester"
Portrait = tuple[Any, Any]


class Undone(Exception):
    """What was tried is taken back."""


def submission(body: dict[str, Any], to: str, key: str) -> Submission:
    said = {**body, "source_system": to, "source_key": key}
    record = read_submission(said, required_fields=(), attribute_types=ATTRIBUTES)
    return Submission(record, source(to))


def one_by_one(submissions: Sequence[Submission], *, tenant: Tenant, by: str) -> list[Answer]:
    answers: list[Answer] = []
    for each in submissions:
        try:
            answers.append(identify(each.record, source=each.source, tenant=tenant, by=by))
        except SourceKeyCollision as collision:
            answers.append(collision)
    return answers


def at_once(chunk: int) -> Callable[..., list[Answer]]:
    def run(submissions: Sequence[Submission], *, tenant: Tenant, by: str) -> list[Answer]:
        chunks = [submissions[start : start + chunk] for start in range(0, len(submissions), chunk)]
        return [answer for each in chunks for answer in identify_many(each, tenant=tenant, by=by)]

    return run


def left_by(run: Callable[..., list[Answer]], submissions: Sequence[Submission]) -> Portrait:
    """The portrait of the registry and of the answers afterwards; the registry is as before then."""
    told: list[Portrait] = []
    try:
        with transaction.atomic():
            given = run(submissions, tenant=default_tenant(), by=BY)
            told.append((portrait.answers(given), portrait.registry()))
            raise Undone
    except Undone:
        return told[0]


def random_submissions(rng: Random, number: int) -> list[Submission]:
    return [submission(somebody(rng), rng.choice(SOURCES), rng.choice(KEYS)) for _ in range(number)]


EARLIER = (
    operations.posting,
    operations.posting,
    operations.buying,
    operations.putting,
    operations.merging_by_hand,
    operations.approving,
    operations.rejecting,
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    seed=st.integers(0, 2**32),
    before=st.integers(0, 15),
    number=st.integers(1, 25),
    chunk=st.sampled_from((3, 25)),
    few=st.sampled_from((0, beginning.FEW)),
    trips=st.sampled_from((0, 1, filing.FEW_TRIPS)),
)
def test_it_leaves_what_one_after_the_other_leaves(
    seed: int, before: int, number: int, chunk: int, few: int, trips: int
) -> None:
    rng = Random(seed)
    with (
        transaction.atomic(),
        patch.object(beginning, "FEW", few),
        patch.object(filing, "FEW_TRIPS", trips),
    ):
        registry = operations.Operations(default_tenant(), rng)
        for _ in range(before):
            registry.run(rng.choice(EARLIER))
        submissions = random_submissions(rng, number)
        assert portrait.differences(left_by(at_once(chunk), submissions), left_by(one_by_one, submissions)) == []
        transaction.set_rollback(True)


@pytest.mark.parametrize("cap", [1, 2, 3])
def test_it_reads_no_more_of_a_frequent_value_than_one_record_does(cap: int) -> None:
    shared = {"email": "info@example.org", "last_name": "Carter"}
    submissions = [
        submission({**shared, "first_name": name}, "CRM", name) for name in ("Anna", "Boris", "Chen", "Dora", "Emil")
    ]
    identify_many(submissions[:3], tenant=default_tenant(), by=BY)
    with ExitStack() as patched:
        for module in (search, reading, overlay):
            patched.enter_context(patch.object(module, "CAP", cap))
        left = left_by(at_once(2), submissions[3:])
        assert portrait.differences(left, left_by(one_by_one, submissions[3:])) == []
    assert left[0][0]["capped"] == (("em:info@example.org",) if cap < 3 else ())


@pytest.mark.parametrize("key", ['say "so"', "C:\\K\\1", "{1,2}", "NULL", "it's", ","])
def test_it_finds_a_source_key_of_whatever_letters_again(key: str) -> None:
    told = submission({"first_name": "Anna", "last_name": "Carter", "email": "anna@example.org"}, "CRM", key)
    identify_many([told], tenant=default_tenant(), by=BY)
    (again,) = identify_many([told], tenant=default_tenant(), by=BY)
    assert isinstance(again, Identified)
    assert again.outcome == "updated"


def namesake(rng: Random) -> dict[str, Any]:
    """One of a few names, at one of a few addresses or at none; hardly anybody with a telephone."""
    said: dict[str, Any] = {
        "first_name": rng.choice(("Joan", "John", "Johan")),
        "last_name": rng.choice(("Smith", "Smithe", "Smythe", "Smiths")),
    }
    if rng.random() < 0.7:
        street = f"{rng.randint(1, 3)} {rng.choice(('Main St', 'Oak Ave'))}"
        said["address"] = {"street": street, "city": "Dallas", "state": "TX", "zip": "75201"}
    if rng.random() < 0.2:
        said["phone"] = f"214555010{rng.randint(0, 2)}"
    return said


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    seed=st.integers(0, 2**32),
    before=st.integers(0, 12),
    number=st.integers(1, 12),
    depth=st.integers(1, 6),
    nearest_read=st.integers(1, 4),
    least=st.sampled_from((0, nearest.LEAST, 19, 36)),
)
def test_it_reads_the_same_of_many_namesakes(
    seed: int, before: int, number: int, depth: int, nearest_read: int, least: int
) -> None:
    rng = Random(seed)

    def some(count: int) -> list[Submission]:
        return [submission(namesake(rng), rng.choice(SOURCES), f"{rng.randint(1, 30)}") for _ in range(count)]

    with (
        transaction.atomic(),
        patch.object(nearest, "DEPTH", depth),
        patch.object(nearest, "NEAREST", nearest_read),
        patch.object(nearest, "LEAST", least),
    ):
        one_by_one(some(before), tenant=default_tenant(), by=BY)
        submissions = some(number)
        assert portrait.differences(left_by(at_once(5), submissions), left_by(one_by_one, submissions)) == []
        transaction.set_rollback(True)

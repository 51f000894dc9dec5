"""Random sequences of every operation: the invariants of the registry hold after each step.

The same few sequences each time, in less than a minute. `EXAMPLES=500 pytest tests/properties` tries so many new ones
and, where one fails, looks for the shortest that does.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import NamedTuple

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from matching.models import Merge
from matching.tenants import open_tenant
from review import verdicts
from review.models import Decision
from sources.models import Tenant
from tests.properties.invariants import breaches, live_contacts
from tests.properties.memory import Journals, Rejections, state, undone
from tests.properties.operations import (
    BY,
    MIX,
    Operation,
    Operations,
    approving,
    buying,
    merging_by_hand,
    merging_by_machine,
    posting,
    rejecting,
    reposting,
)

pytestmark = pytest.mark.django_db


class Step(NamedTuple):
    """One operation on one tenant; the seed chooses its subjects."""

    operation: Operation
    seed: int
    tenant: int = 0


class Registry:
    """Two tenants side by side, and what is known of their past."""

    def __init__(self) -> None:
        self.tenants = [Tenant.objects.get(name="default"), open_tenant("other", by="test")]
        self.journals = Journals()
        self.rejections = [Rejections(tenant) for tenant in self.tenants]
        self.outcomes: Counter[str] = Counter()

    def take(self, step: Step) -> str:
        on = Operations(self.tenants[step.tenant], Random(step.seed))
        outcome = on.run(step.operation)
        self.outcomes += on.outcomes
        if step.operation is rejecting and outcome == "done":
            rejected = Decision.objects.filter(kind=Decision.Kind.REJECTED).latest("pk")
            self.rejections[step.tenant].remember(rejected.pair)
        return outcome

    def breaches(self, *numbers: int) -> Iterator[str]:
        for number in numbers or range(len(self.tenants)):
            yield from breaches(self.tenants[number])
            yield from self.rejections[number].breaches()
        yield from self.journals.breaches()

    def merge_and_undo(self, step: Step) -> Iterator[str]:
        tenant = self.tenants[step.tenant]
        before, held = state(tenant), live_contacts(tenant)
        if self.take(step) != "done":
            return
        merge = Merge.objects.latest("id")
        verdicts.undo_merge(merge.pk, tenant=tenant, by=BY)
        left, right = ({contact.pk for contact in held[pk]} for pk in (merge.target_id, merge.source_id))
        yield from undone(before, state(tenant), left, right)


@contextmanager
def registry() -> Iterator[Registry]:
    """An example's own registry, gone with it."""
    with transaction.atomic():
        yield Registry()
        transaction.set_rollback(True)


def steps(*operations: Operation) -> st.SearchStrategy[Step]:
    tenant = st.sampled_from((0, 0, 0, 1))
    return st.builds(Step, st.sampled_from(operations), st.integers(0, 2**32 - 1), tenant)


def sequences(shortest: int, longest: int) -> st.SearchStrategy[list[Step]]:
    return st.lists(steps(*MIX), min_size=shortest, max_size=longest)


def examples(few: int) -> settings:
    asked = int(os.environ.get("EXAMPLES", "0"))
    return settings(
        max_examples=asked or few,
        derandomize=not asked,
        phases=[Phase.generate, Phase.shrink] if asked else [Phase.generate],
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


@examples(few=20)
@given(sequences(20, 60))
def test_the_invariants_hold_after_every_step(sequence: list[Step]) -> None:
    with registry() as known:
        for step in sequence:
            known.take(step)
            assert list(known.breaches(step.tenant)) == []
        assert list(known.breaches()) == []


@examples(few=30)
@given(sequences(15, 30), steps(merging_by_hand, merging_by_machine, approving))
def test_a_merge_undone_at_once_gives_everything_back(sequence: list[Step], merge: Step) -> None:
    with registry() as known:
        for step in sequence:
            known.take(step)
        assert list(known.merge_and_undo(merge)) == []
        assert list(known.breaches()) == []


def test_the_alphabet_reaches_every_outcome() -> None:
    rng = Random(5)
    with registry() as known:
        for _ in range(400):
            known.take(Step(rng.choice(MIX), rng.randrange(2**32)))
    silent = set(MIX) - {posting, reposting, buying}
    assert {f"{operation.__name__}: done" for operation in silent} - known.outcomes.keys() == set()
    assert known.outcomes["posting: created with candidates"] > 5
    assert known.outcomes["posting: linked"] > 5
    assert known.outcomes["posting: SourceKeyCollision"] > 5

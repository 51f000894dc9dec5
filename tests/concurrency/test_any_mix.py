"""Any verbs at once on few customers: nobody fails but by the domain's rules, and everything holds afterwards."""

from __future__ import annotations

from collections import Counter
from functools import partial
from random import Random
from time import monotonic

import pytest

from sources.models import Tenant
from tests.concurrency.threads import at_once
from tests.properties.invariants import breaches
from tests.properties.operations import MIX, Operations
from tests.properties.people import SOURCES
from tests.registry import source

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 6
SECONDS = 6


def keep_busy(tenant: Tenant, seed: int) -> Counter[str]:
    on = Operations(tenant, Random(seed))
    until = monotonic() + SECONDS
    while monotonic() < until:
        on.run(on.rng.choice(MIX))
    return on.outcomes


def test_any_mix_of_verbs_ends_in_order(tenant: Tenant) -> None:
    for name in SOURCES:
        source(name)
    outcomes = at_once([partial(keep_busy, tenant, seed) for seed in range(THREADS)])
    assert breaches(tenant) == []
    done = sum(outcomes, Counter[str]())
    assert done["merging_by_hand: done"] > 0
    assert done["undoing: done"] > 0
    assert done["splitting: done"] > 0

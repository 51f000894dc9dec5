"""Any verbs at once on few customers: nobody fails but by the domain's rules, and everything holds afterwards."""

from __future__ import annotations

from collections import Counter
from functools import partial
from random import Random
from time import monotonic

import pytest
from django.db import connection

from matching.models import Lookup
from sources.models import Tenant
from tests.concurrency.threads import at_once
from tests.properties.invariants import breaches
from tests.properties.operations import MIX, Operations
from tests.properties.people import SOURCES
from tests.registry import source

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 6
SECONDS = 5


def keep_busy(tenant: Tenant, seed: int) -> Counter[str]:
    on = Operations(tenant, Random(seed))
    until = monotonic() + SECONDS
    while monotonic() < until:
        on.run(on.rng.choice(MIX))
    return on.outcomes


def deadlocks() -> int:
    """How often the server has had to break one up in this database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


def busy(tenant: Tenant) -> Counter[str]:
    for name in SOURCES:
        source(name)
    outcomes = at_once([partial(keep_busy, tenant, seed) for seed in range(THREADS)])
    assert breaches(tenant) == []
    return sum(outcomes, Counter[str]())


def test_any_mix_of_verbs_ends_in_order(tenant: Tenant) -> None:
    done = busy(tenant)
    assert done["merging_by_hand: done"] > 0
    assert done["undoing: done"] > 0
    assert done["splitting: done"] > 0


def test_no_two_verbs_ever_wait_for_each_other(tenant: Tenant) -> None:
    """But for keys of unique lookups, which customers inherit from each other: there the server breaks deadlocks up."""
    Lookup.objects.filter(tenant=tenant, kind="unique").delete()
    before = deadlocks()
    busy(tenant)
    assert deadlocks() == before

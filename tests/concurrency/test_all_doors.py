"""Requests of every sort at all doors at once about few people: no door fails, and everything holds afterwards."""

from __future__ import annotations

import os
from collections import Counter
from functools import partial
from random import Random
from time import monotonic

import pytest

from matching.tenants import open_tenant
from sources.models import Tenant
from tests.concurrency.threads import at_once
from tests.identity.api.callers import Api
from tests.jobs import work
from tests.properties.doors import MIX, NothingThere, Visitor, prepared
from tests.properties.invariants import breaches

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 5
SECONDS = float(os.environ.get("SECONDS_OF_VISITS", "3"))


def visits(tenant: Tenant, api: Api, seed: int) -> Counter[str]:
    """How often each request was answered with each status; a Visitor takes none of 500 and above."""
    on, counted = Visitor(tenant, Random(seed), Api(None, **api.headers), works=seed == 0), Counter[str]()
    until = monotonic() + SECONDS
    while monotonic() < until:
        request, before = on.rng.choice(MIX), len(on.told)
        try:
            request(on)
        except NothingThere:
            continue
        counted.update(f"{request.__name__}: {told[2]}" for told in on.told[before:])
    return counted


def test_no_door_fails_and_everything_holds_afterwards(tenant: Tenant) -> None:
    north = open_tenant("north", by="test")
    apis = {each: prepared(each) for each in (tenant, north)}
    turns = [*[tenant] * (THREADS - 1), north]
    counted = at_once([partial(visits, each, apis[each], seed) for seed, each in enumerate(turns)])
    work()
    done = sum(counted, Counter[str]())
    assert done["buying: 200"] > 0
    assert done["posting: 201"] > 0
    assert [breach for each in apis for breach in breaches(each)] == []

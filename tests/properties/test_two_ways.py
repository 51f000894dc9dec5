"""The short ways of the doors end where the longer way does: every row, every event and every answer is the same.

A few worlds in a few seconds. `WORLDS=200 pytest tests/properties/test_two_ways.py` tries so many, each of them new.
"""

from __future__ import annotations

import os

import pytest

from tests.properties.two_ways import no_short_ways, portrait, tell

pytestmark = pytest.mark.django_db(transaction=True)

WORLDS = int(os.environ.get("WORLDS", "2"))
REQUESTS = 60


@pytest.mark.parametrize("world", range(WORLDS))
def test_requests_of_every_sort_end_alike_both_ways(world: int) -> None:
    quick = portrait(tell(world, REQUESTS))
    with no_short_ways():
        slow = portrait(tell(world, REQUESTS))
    for table, rows in quick.items():
        assert rows == slow[table], table

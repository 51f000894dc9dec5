"""What the benchmarks of searching and listing tell is what they measured."""

from __future__ import annotations

import pytest
from django.db import connection

from benchmarks import disk
from benchmarks.figures import Series, table
from benchmarks.typeahead import prompts


def test_percentiles_are_latencies_that_were_measured() -> None:
    series = Series("some", seconds=[number / 1000 for number in range(100, 0, -1)])
    assert [series.milliseconds(share) for share in (0.5, 0.95, 0.99, 1)] == [50, 95, 99, 100]


def test_ratios_are_to_the_first_series() -> None:
    floor, other = Series("floor", [0.001], 1), Series("other", [0.003], 2)
    assert table([floor, other]).splitlines()[-1] == "| other | 3.00 | 3.00 | 3.00 | 3.0 | 3.0 | 2 |"


def test_the_same_seed_types_the_same() -> None:
    assert list(prompts(80, 3)) == list(prompts(80, 3))
    assert len({kind for kind, _ in prompts(80, 3)}) == 8


@pytest.mark.django_db
def test_everything_on_the_disk_is_told() -> None:
    connection.ensure_connection()
    lines = disk._lines(connection.connection)
    assert lines[0] == disk.HEAD
    assert lines[-1][0].startswith("all, ")

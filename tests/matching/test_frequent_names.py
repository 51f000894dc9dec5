"""People whose names are frequent are found although most of their keys lead to more records than are read."""

from __future__ import annotations

from benchmarks.frequent_names import coarse, every, found

# In proportion to what benchmarks.frequent_names asks by default.
RECORDS, CAP = 12_000, 6


def test_the_finer_keys_find_who_is_lost_among_namesakes() -> None:
    assert found(RECORDS, 400, CAP, every).capped_reading >= 0.95
    assert found(RECORDS, 400, CAP, coarse).capped_reading < 0.92


def test_reading_every_key_whole_would_find_them_all() -> None:
    assert found(3_000, 200, 3_000, every).capped_reading >= 0.99

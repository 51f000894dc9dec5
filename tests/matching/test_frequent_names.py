"""People whose names are frequent are found among those who share most keys, though most of them are not read."""

from __future__ import annotations

from unittest.mock import patch

from benchmarks.frequent_names import coarse, every, found
from matching import nearest

# In proportion to what benchmarks.frequent_names asks by default: few of those behind the keys are read.
RECORDS, DEPTH, NEAREST = 12_000, 19, 3


def test_the_finer_keys_tell_people_from_their_namesakes() -> None:
    with patch.object(nearest, "NEAREST", NEAREST):
        finer, told = found(RECORDS, 400, DEPTH, every), found(RECORDS, 400, DEPTH, coarse)
    assert finer.read <= NEAREST < finer.reached / 20
    assert finer.nearest >= 0.95
    assert told.nearest < 0.85


def test_reading_every_key_whole_would_find_them_all() -> None:
    assert found(3_000, 200, 3_000, every).everybody >= 0.99

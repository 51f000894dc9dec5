"""The registry's own similarity, as engines call it. It travels to Spark's executors: it imports what is there only."""

from __future__ import annotations

import pyarrow as pa

from contacts.normalisation.similarity import jaro_winkler


def similarities(left: pa.Array, right: pa.Array) -> pa.Array:
    """For two arrays of texts, pair by pair, 0 to 1; null where either is."""
    pairs = zip(left.to_pylist(), right.to_pylist(), strict=True)
    return pa.array([jaro_winkler(a, b) if a and b else None for a, b in pairs], pa.float64())

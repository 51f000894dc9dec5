"""How alike two normalised values are, from 0 (nothing in common) to 1 (equal)."""

from __future__ import annotations

import jellyfish


def jaro_winkler(a: str, b: str) -> float:
    """Jaro's similarity with Winkler's bonus of 0.1 for each of up to four leading characters in common.

    Upper and lower case count as equal. Half transpositions are rounded down, as in Winkler's own program. An empty
    value is like no other, not even like another empty one: nothing is known of either.
    """
    if not a or not b:
        return 0.0
    return float(jellyfish.jaro_winkler_similarity(a.lower(), b.lower()))


def exact(a: str, b: str) -> bool:
    return bool(a) and a.lower() == b.lower()

"""Cases that are alike: candidates of which the same fields agree, differ and lack, so that one look serves many."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from matching.evidence import AGREES, BOTH_MISSING, DISAGREES, ONE_MISSING
from matching.models import CandidatePair
from review.console.filters import Filters

# Groups are looked for among so many of the queue's first records.
LOOKED_THROUGH = 300
SMALLEST = 3
SHOWN = 5
WORDS = {DISAGREES: "differs", ONE_MISSING: "on one side only"}

# The fields of a comparison with their levels.
Pattern = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """`example` is the id of one of them; `count` is among those looked through."""

    address: str
    words: str
    count: int


def batches(pairs: Iterable[CandidatePair], asked: Filters) -> list[Batch]:
    """The largest groups, largest first."""
    groups: dict[Pattern, list[CandidatePair]] = defaultdict(list)
    for pair in pairs:
        groups[tuple((field["label"], field["level"]) for field in pair.evidence["fields"])].append(pair)
    largest = [group for group in sorted(groups.items(), key=lambda group: -len(group[1])) if len(group[1]) >= SMALLEST]
    shown = largest[:SHOWN]
    told = Counter(in_words(pattern) for pattern, _ in shown)
    return [
        Batch(asked.without(alike=str(members[0].pk)), _told_apart(pattern, told), len(members))
        for pattern, members in shown
    ]


def _told_apart(pattern: Pattern, told: Counter[str]) -> str:
    """In words, and where those are another group's too, by what neither side has."""
    words = in_words(pattern)
    lacking = ", ".join(label for label, level in pattern if level == BOTH_MISSING)
    return f"{words}, no {lacking}" if told[words] > 1 and lacking else words


def in_words(pattern: Iterable[tuple[str, str]]) -> str:
    """What sets a candidate apart: the fields that do not agree. `pattern` is pairs of label and level."""
    told = [f"{label} {WORDS[level]}" for label, level in pattern if level not in (AGREES, BOTH_MISSING)]
    return ", ".join(told) or "everything agrees"


def difference_of(pair: CandidatePair) -> str:
    return in_words((field["label"], field["level"]) for field in pair.evidence["fields"])

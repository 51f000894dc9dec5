"""Cases that are alike: candidates of which the same fields agree, differ and lack, so that one look serves many."""

from __future__ import annotations

from collections import defaultdict
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


@dataclass(frozen=True, slots=True)
class Batch:
    """`example` is the id of one of them; `count` is among those looked through."""

    address: str
    words: str
    count: int


def batches(pairs: Iterable[CandidatePair], asked: Filters) -> list[Batch]:
    """The largest groups, largest first."""
    groups: dict[tuple[tuple[str, str], ...], list[CandidatePair]] = defaultdict(list)
    for pair in pairs:
        groups[tuple((field["label"], field["level"]) for field in pair.evidence["fields"])].append(pair)
    largest = sorted(groups.items(), key=lambda group: -len(group[1]))
    return [
        Batch(asked.without(alike=str(members[0].pk)), in_words(pattern), len(members))
        for pattern, members in largest[:SHOWN]
        if len(members) >= SMALLEST
    ]


def in_words(pattern: Iterable[tuple[str, str]]) -> str:
    """What sets a candidate apart: the fields that do not agree. `pattern` is pairs of label and level."""
    told = [f"{label} {WORDS[level]}" for label, level in pattern if level not in (AGREES, BOTH_MISSING)]
    return ", ".join(told) or "everything agrees"


def difference_of(pair: CandidatePair) -> str:
    return in_words((field["label"], field["level"]) for field in pair.evidence["fields"])

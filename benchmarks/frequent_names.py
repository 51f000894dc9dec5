"""Whether people with frequent names are found among those who have neither e-mail nor phone, though few are read.

    python -m benchmarks.frequent_names [--records 190000]

Such records are looked for by pieces of their names. Ten million customers of `benchmarks.people` have some 190,000 of
them. Each probe is one of the records again, half of them with a letter of the surname left out; it is found if it is
among the nearest that are read (matching.nearest). No database is needed.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from benchmarks import people
from contacts.record import Facts
from matching.model_definition import SEED_MODEL
from matching.nearest import DEPTH, Reached, least, weight
from matching.plan import Key, Plan

HEAD = ["keys", "found", "found reading everybody", "records read", "behind the keys", "largest key"]


@dataclass(frozen=True, slots=True)
class Found:
    """Shares of the probes, from 0 to 1; how many records are read of how many that the keys lead to, on average; and
    how many the most frequent key leads to."""

    nearest: float
    everybody: float
    read: float
    reached: float
    largest: int


def names(number: int) -> Facts:
    known = people.facts_of(2 * number)
    return Facts(first_name=known.first_name, last_name=known.last_name)


def slipped(facts: Facts, rng: random.Random) -> Facts:
    """The same name, or with one letter of the surname left out."""
    name = facts.last_name
    if rng.random() < 0.5 or len(name) < 5:
        return facts
    gone = rng.randrange(1, len(name))
    return Facts(first_name=facts.first_name, last_name=name[:gone] + name[gone + 1 :])


def every(key: Key) -> bool:
    return True


def coarse(key: Key) -> bool:
    """Not of five letters of the surname."""
    pieces = key.label.partition(":")[2]
    return len(pieces.partition("+")[2].strip("…")) <= 3


def found(records: int, probes: int, depth: int, kept: Callable[[Key], bool]) -> Found:
    """Probes that some of the records are looked for with, by those keys of the plan that are `kept`, to this depth."""
    plan, rng = Plan.from_model(SEED_MODEL), random.Random(5)
    blocks: dict[int, list[UUID]] = defaultdict(list)
    for place in range(records):
        for key in filter(kept, plan.index_keys(names(place + 1))):
            blocks[key.value].append(UUID(int=place))
    nearest = everybody = read = reached = 0
    for place in rng.sample(range(records), probes):
        who, keys = UUID(int=place), list(filter(kept, plan.lookup_keys(slipped(names(place + 1), rng)).hashed))
        near, _ = _reached(keys, blocks, depth).nearest()
        behind = {each for key in keys for each in blocks.get(key.value, ())}
        nearest += who in near
        everybody += who in behind
        read, reached = read + len(near), reached + len(behind)
    largest = max(map(len, blocks.values()))
    return Found(nearest / probes, everybody / probes, read / probes, reached / probes, largest)


def _reached(keys: Sequence[Key], blocks: Mapping[int, Sequence[UUID]], depth: int) -> Reached[UUID]:
    reached = Reached[UUID](least((key.label, key.sure) for key in keys))
    for key in keys:
        if block := blocks.get(key.value, ())[: depth + 1]:
            reached.add(block, key.label, most=depth, weighing=weight(len(block), sure=key.sure))
    return reached


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--records", type=int, default=190_000)
    parser.add_argument("--probes", type=int, default=4_000)
    asked = parser.parse_args()
    lines = [HEAD, ["---"] * len(HEAD)]
    for label, kept in (("without the finer ones", coarse), ("as they are", every)):
        told = found(asked.records, asked.probes, DEPTH, kept)
        shares, counts = (told.nearest, told.everybody), (told.read, told.reached, told.largest)
        lines.append([label, *(f"{share:.1%}" for share in shares), *(f"{count:,.0f}" for count in counts)])
    print("\n".join("| " + " | ".join(cells) + " |" for cells in lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Whether people with frequent names are found among those who have neither e-mail nor phone, though keys are capped.

    python -m benchmarks.frequent_names [--records 190000]

Such records are looked for by pieces of their names. Ten million customers of `benchmarks.people` have some 190,000 of
them. Each probe is one of the records again, half of them with a letter of the surname left out; it is found if one of
the at most CAP records that are read of each of its keys is the one. No database is needed.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks import people
from contacts.record import Facts
from matching.model_definition import SEED_MODEL
from matching.plan import Key, Plan

CAP = 100  # as matching.search reads
HEAD = ["keys", "found", "found without the cap", "probes with a capped key", "largest key"]


@dataclass(frozen=True, slots=True)
class Found:
    """Shares of the probes, from 0 to 1, and how many records the most frequent key leads to."""

    capped_reading: float
    whole_reading: float
    meeting_the_cap: float
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


def found(records: int, probes: int, cap: int, kept: Callable[[Key], bool]) -> Found:
    """Probes that some of the records are looked for with, by those keys of the plan that are `kept`."""
    plan, rng = Plan.from_model(SEED_MODEL), random.Random(5)
    blocks: dict[int, list[int]] = defaultdict(list)
    for place in range(records):
        for key in filter(kept, plan.index_keys(names(place + 1))):
            blocks[key.value].append(place)
    read = whole = capped = 0
    for place in rng.sample(range(records), probes):
        keys = filter(kept, plan.lookup_keys(slipped(names(place + 1), rng)).hashed)
        reached = [blocks.get(key.value, []) for key in keys]
        read += any(place in block[:cap] for block in reached)
        whole += any(place in block for block in reached)
        capped += any(len(block) > cap for block in reached)
    return Found(read / probes, whole / probes, capped / probes, max(map(len, blocks.values())))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--records", type=int, default=190_000)
    parser.add_argument("--probes", type=int, default=4_000)
    asked = parser.parse_args()
    lines = [HEAD, ["---"] * len(HEAD)]
    for label, kept in (("without the finer ones", coarse), ("as they are", every)):
        told = found(asked.records, asked.probes, CAP, kept)
        shares = (told.capped_reading, told.whole_reading, told.meeting_the_cap)
        lines.append([label, *(f"{share:.1%}" for share in shares), f"{told.largest:,}"])
    print("\n".join("| " + " | ".join(cells) + " |" for cells in lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())

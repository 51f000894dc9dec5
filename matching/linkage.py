"""How well records were put together, against records known to be the same or not. Pure: no Django.

Pairwise measures (Menestrina, Whang & Garcia-Molina, "Evaluating Entity Resolution Results", VLDB 2010): of all pairs
of records that stand together, precision is the share that belongs together; recall is the share of all pairs that
belong together which stand together. Groups are counted, pairs are never listed: a group of n holds n (n - 1) / 2.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass

Group = Hashable
Truth = Hashable


@dataclass(frozen=True, slots=True)
class PairMeasures:
    """`joined` pairs stand together, `true` ones belong together, `hits` do both."""

    joined: int
    hits: int
    true: int

    @property
    def precision(self) -> float:
        """1 where nothing was joined: nothing was wrong."""
        return self.hits / self.joined if self.joined else 1.0

    @property
    def recall(self) -> float:
        return self.hits / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        together = self.precision + self.recall
        return 2 * self.precision * self.recall / together if together else 0.0

    def as_dict(self) -> dict[str, float]:
        return {
            "pairs": self.joined,
            "true_pairs_found": self.hits,
            "precision": self.precision,
            "recall": self.recall,
            "f1": self.f1,
        }


@dataclass(frozen=True, slots=True)
class ClusterMeasures:
    """`whole`: true groups found exactly; `mixed`: found groups with records of several; `scattered`: the reverse."""

    found: int
    true: int
    whole: int
    mixed: int
    scattered: int


def pair_measures(members: Iterable[tuple[Group, Truth]], bridges: Iterable[tuple[Group, Group]] = ()) -> PairMeasures:
    """`members`: for each record the group it was put in and the one it belongs to.

    A bridge proposes two groups to be one: it joins every record of the one with every record of the other, and
    nothing further; a proposal is not taken to hold between what two bridges have in common.
    """
    cells = Counter(members)
    found = _sizes((group, count) for (group, _), count in cells.items())
    true = _sizes((truth, count) for (_, truth), count in cells.items())
    content: dict[Group, dict[Truth, int]] = {}
    for (group, truth), count in cells.items():
        content.setdefault(group, {})[truth] = count
    joined, hits = sum(map(_pairs, found.values())), sum(map(_pairs, cells.values()))
    for left, right in {frozenset(bridge) for bridge in bridges if bridge[0] != bridge[1]}:
        joined += found[left] * found[right]
        hits += _common(content.get(left, {}), content.get(right, {}))
    return PairMeasures(joined, hits, sum(map(_pairs, true.values())))


def cluster_measures(members: Iterable[tuple[Group, Truth]]) -> ClusterMeasures:
    cells = Counter(members)
    found, true = Counter(group for group, _ in cells), Counter(truth for _, truth in cells)
    return ClusterMeasures(
        found=len(found),
        true=len(true),
        whole=sum(found[group] == true[truth] == 1 for group, truth in cells),
        mixed=sum(count > 1 for count in found.values()),
        scattered=sum(count > 1 for count in true.values()),
    )


def _sizes(counted: Iterable[tuple[Hashable, int]]) -> Counter[Hashable]:
    sizes: Counter[Hashable] = Counter()
    for name, count in counted:
        sizes[name] += count
    return sizes


def _pairs(size: int) -> int:
    return size * (size - 1) // 2


def _common(left: dict[Truth, int], right: dict[Truth, int]) -> int:
    return sum(count * right.get(truth, 0) for truth, count in left.items())

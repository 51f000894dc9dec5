"""Which of the customers that share match keys with a record are read: those that share most. Pure: no Django.

In a large registry a key made of pieces of names leads to hundreds of namesakes, and nearly all of them share that one
key and nothing else. So a key is read up to a depth without looking at the customers behind it, every customer is
weighed by all the keys that it shares, and only the weightiest are read: see docs/adr/0012-namesakes.md.

A key weighs more the fewer customers it leads to: one bit for each time that it halves a million. It is the inverse
document frequency of text search (Spärck Jones, "A statistical interpretation of term specificity", 1972) in whole
bits, so that PostgreSQL and Python come to the same sums.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nsmallest
from itertools import filterfalse, islice
from typing import Generic, TypeVar
from uuid import UUID

# Of one match key so many customers are looked at, those of the lowest ids; the answer tells where there are more.
DEPTH = 600
# Of the customers that match keys alone lead to so many are read; the answer tells where some were left out.
NEAREST = 25
# Weights add up and stay below the next: of keys, of one that suffices by itself, of e-mail, phone or source key.
_MILLION, _SURE, ALWAYS = 20, 1 << 16, 1 << 30
# Whoever weighs less is not read: who shares but one key of several, which leads to more than seven.
LEAST = 17

# The weight of a key, for SQL that knows `customers` (how many it leads to, from 1) and `sure`.
WEIGHT = f"""
({_MILLION - 1} - width_bucket(customers::int, ARRAY[{", ".join(str(1 << bit) for bit in range(1, _MILLION - 1))}])
 + CASE WHEN sure THEN {_SURE} ELSE 0 END)"""


def weight(customers: int, *, sure: bool) -> int:
    """In bits, of a key that leads to so many customers, from 1; one that suffices by itself outweighs all others."""
    return _MILLION - customers.bit_length() + (_SURE if sure else 0)


def least(keys: Iterable[tuple[str, bool]]) -> int:
    """What a customer must weigh to be read for a record with these keys: their labels, and whether each is `sure`.

    Of similar values there are several keys, and hardly anybody who matters shares but one of them. Where a record has
    one key only of its kind, sharing it is all that can be asked.
    """
    first: dict[str, str] = {}
    several = set()
    for label, sure in keys:
        kind = label.partition(":")[0]
        if not sure and first.setdefault(kind, label) != label:
            several.add(kind)
    return LEAST if len(several) == len(first) else 0


# A customer's id: a UUID, or its bytes, which are in the same order.
Id = TypeVar("Id", UUID, bytes)


@dataclass(slots=True)
class Reached(Generic[Id]):
    """Customers that a record reaches, with the labels of the keys that lead to each; gathered key by key.

    `least`: who weighs less is not read. `many` are the labels of keys that lead to more than are looked at.
    """

    least: int
    many: set[str] = field(default_factory=set)
    _found: list[tuple[Collection[Id], str, int]] = field(default_factory=list)
    _kept: set[Id] = field(default_factory=set)

    def add(self, customers: Collection[Id], label: str, *, most: int, weighing: int) -> None:
        """A key leads to these customers, in the order of their ids: one more than `most` where there are as many."""
        if len(customers) > most:
            self.many.add(label)
        self._found.append((customers, label, weighing))
        if weighing >= ALWAYS:
            self._kept.update(customers)

    def keep(self, customer: Id) -> None:
        """Somebody reached without a key that people should read."""
        self._kept.add(customer)

    def nearest(self) -> tuple[Mapping[Id, list[str]], set[str]]:
        """Those to be read, with their labels; and the labels of keys that lead to others, who are not."""
        chosen = self.chosen(NEAREST)
        read: dict[Id, list[str]] = {customer: [] for customer in chosen}
        capped = set(self.many)
        for customers, label, _ in self._found:
            told = chosen.intersection(customers)
            for customer in told:
                read[customer].append(label)
            if len(told) < len(customers):
                capped.add(label)
        return read, capped

    def chosen(self, places: int) -> set[Id]:
        """Who is kept, and so many of the others: those that weigh most, the lowest ids among equals.

        Most share one key alone. Of those the first ones of a key that weighs enough will do: the rest is not weighed
        one by one.
        """
        of_keys = [(customers, weighing) for customers, _, weighing in self._found if weighing < ALWAYS]
        often = _found_often([customers for customers, _ in of_keys])
        apart = often | self._kept
        often -= self._kept
        weights: dict[Id, int] = {}
        for customers, weighing in of_keys:
            for customer in often.intersection(customers):
                weights[customer] = weights.get(customer, 0) + weighing
            if weighing >= self.least:
                alone = filterfalse(apart.__contains__, customers)
                weights.update(dict.fromkeys(islice(alone, places), weighing))
        enough = {customer: weighing for customer, weighing in weights.items() if weighing >= self.least}
        return self._kept.union(_weightiest(enough, places))


def _found_often(of_keys: Sequence[Collection[Id]]) -> set[Id]:
    """The customers that several keys lead to."""
    once: set[Id] = set()
    often: set[Id] = set()
    for customers in of_keys:
        often |= once.intersection(customers)
        once.update(customers)
    return often


def _weightiest(weights: Mapping[Id, int], places: int) -> Collection[Id]:
    if len(weights) <= places:
        return weights
    order = sorted(weights.values(), reverse=True)
    last = order[places - 1]
    chosen = [customer for customer, weighing in weights.items() if weighing > last]
    level = [customer for customer, weighing in weights.items() if weighing == last]
    return chosen + nsmallest(places - len(chosen), level)

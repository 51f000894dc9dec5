"""Which of the customers that share match keys with a record are read: those that share most. Pure: no Django.

In a large registry a key made of pieces of names leads to hundreds of namesakes, and nearly all of them share that one
key and nothing else. So a key is read up to a depth without looking at the customers behind it, every customer is
weighed by all the keys that it shares, and only the weightiest are read: see docs/adr/0012-namesakes.md.

A key weighs more the fewer customers it leads to: one bit for each time that it halves a million. It is the inverse
document frequency of text search (Spärck Jones, "A statistical interpretation of term specificity", 1972) in whole
bits, so that PostgreSQL and Python come to the same sums.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from heapq import nsmallest
from typing import Generic, TypeVar
from uuid import UUID

# Of one match key so many customers are looked at, those of the lowest ids; the answer tells where there are more.
DEPTH = 600
# Of the customers that match keys alone lead to so many are read; the answer tells where some were left out.
NEAREST = 25
# Weights add up and stay below the next: of keys, of one that suffices by itself, of e-mail, phone or source key.
_MILLION, _SURE, ALWAYS = 20, 1 << 16, 1 << 30

# The weight of a key, for SQL that knows `customers` (how many it leads to, from 1) and `sure`.
WEIGHT = f"""
({_MILLION - 1} - width_bucket(customers::int, ARRAY[{", ".join(str(1 << bit) for bit in range(1, _MILLION - 1))}])
 + CASE WHEN sure THEN {_SURE} ELSE 0 END)"""


def weight(customers: int, *, sure: bool) -> int:
    """In bits, of a key that leads to so many customers, from 1; one that suffices by itself outweighs all others."""
    return _MILLION - customers.bit_length() + (_SURE if sure else 0)


# A customer's id: a UUID, or its bytes, which are in the same order.
Id = TypeVar("Id", UUID, bytes)


@dataclass(slots=True)
class Reached(Generic[Id]):
    """Customers that a record reaches, with the labels of the keys that lead to each; gathered key by key.

    `many` are the labels of keys that lead to more than are looked at.
    """

    many: set[str] = field(default_factory=set)
    _found: list[tuple[Collection[Id], str]] = field(default_factory=list)
    _weights: dict[Id, int] = field(default_factory=dict)

    def add(self, customers: Collection[Id], label: str, *, most: int, weighing: int) -> None:
        """A key leads to these customers, one more than `most` where there are as many."""
        if len(customers) > most:
            self.many.add(label)
        self._found.append((customers, label))
        weights = self._weights
        for customer in customers:
            weights[customer] = weights.get(customer, 0) + weighing

    def keep(self, customer: Id) -> None:
        """Somebody reached without a key that people should read."""
        self._weights[customer] = ALWAYS

    def nearest(self) -> tuple[Mapping[Id, list[str]], set[str]]:
        """Those to be read, with their labels; and the labels of keys that lead to others, who are not."""
        read: dict[Id, list[str]] = {customer: [] for customer in self._chosen()}
        capped = set(self.many)
        for customers, label in self._found:
            for customer in customers:
                if customer in read:
                    read[customer].append(label)
                else:
                    capped.add(label)
        return read, capped

    def _chosen(self) -> Collection[Id]:
        weights = sorted((weighing for weighing in self._weights.values() if weighing < ALWAYS), reverse=True)
        if len(weights) <= NEAREST:
            return self._weights
        last = weights[NEAREST - 1]
        chosen = [customer for customer, weighing in self._weights.items() if weighing > last]
        level = [customer for customer, weighing in self._weights.items() if weighing == last]
        chosen += nsmallest(NEAREST - weights.index(last), level)
        return chosen

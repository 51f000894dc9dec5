"""Who is found by one value, as `matching.search` would read it, while a chunk of records is decided in memory."""

from __future__ import annotations

from collections.abc import Collection, Container, Mapping
from itertools import islice
from typing import Generic, TypeVar
from uuid import UUID

from matching.search import CAP, ROWS

V = TypeVar("V", int, str)


class Shelf:
    """The customers that one e-mail, phone or match key leads to, with the number of contacts that carry it.

    No more were read than a request reads. Where one of those is gone (`uncertain`), only the database can tell who
    would be read in its place.
    """

    __slots__ = ("_all_read", "_contacts", "_customers", "uncertain")

    def __init__(self, customers: Mapping[UUID, int]) -> None:
        self._customers = dict(customers)
        self._contacts = sum(customers.values())
        self._all_read = len(customers) <= CAP and self._contacts < ROWS
        self.uncertain = False

    def read(self) -> Collection[UUID]:
        """The customers that a request reads: one more than the cap where there are as many."""
        return self._customers if len(self._customers) <= CAP else list(islice(self._customers, CAP + 1))

    def put(self, customer: UUID) -> None:
        """A contact (or a match key) of this customer came."""
        if self._contacts < ROWS:
            self._customers[customer] = self._customers.get(customer, 0) + 1
            self._contacts += 1

    def take(self, customer: UUID) -> None:
        """A contact (or the match key) of this customer went."""
        self.uncertain = self.uncertain or not self._all_read or self._contacts >= ROWS
        left = self._customers.get(customer, 0) - 1
        self._contacts -= 1
        if left > 0:
            self._customers[customer] = left
        else:
            self._customers.pop(customer, None)


class Index(Generic[V]):
    """The shelves of all values of one kind that a chunk asks for; what it does not ask for is not kept."""

    def __init__(self, asked: Container[V], reached: Mapping[V, Mapping[UUID, int]]) -> None:
        self._asked: Container[V] = asked
        self._shelves: dict[V, Shelf] = {value: Shelf(customers) for value, customers in reached.items()}

    def __contains__(self, value: V) -> bool:
        return value in self._asked

    def read(self, value: V) -> Collection[UUID]:
        shelf = self._shelves.get(value)
        return shelf.read() if shelf else ()

    def uncertain(self, value: V) -> bool:
        shelf = self._shelves.get(value)
        return shelf is not None and shelf.uncertain

    def put(self, value: V, customer: UUID) -> None:
        if value in self._asked:
            shelf = self._shelves.get(value)
            if shelf is None:
                shelf = self._shelves[value] = Shelf({})
            shelf.put(customer)

    def take(self, value: V, customer: UUID) -> None:
        if value in self._shelves:
            self._shelves[value].take(customer)

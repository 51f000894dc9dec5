"""Who is found by one value, as `matching.search` would read it, while a chunk of records is decided in memory."""

from __future__ import annotations

from bisect import insort
from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from math import inf
from typing import Generic, TypeVar

V = TypeVar("V", int, str)

# A customer's id in its sixteen bytes: in the order of the ids, and looked up several times as fast as a UUID.
Id = bytes


class Shelf:
    """The customers that one e-mail, phone or match key leads to, with the number of contacts that carry it.

    No more were read than a request reads: of the lowest ids `most`, and one that tells that there are more, among the
    first `rows` contacts. Where one of those is gone (`uncertain`), only the database can tell who would be read in its
    place.
    """

    __slots__ = ("_all_read", "_contacts", "_customers", "_most", "_order", "_rows", "uncertain")

    def __init__(self, customers: Mapping[Id, int], *, most: int, rows: float) -> None:
        self._customers = dict(customers)
        self._contacts = sum(customers.values()) if customers else 0
        self._most, self._rows = most, rows
        self._all_read = len(customers) <= most and self._contacts < rows
        self._order: list[Id] | None = None
        self.uncertain = False

    def __contains__(self, customer: Id) -> bool:
        return customer in self._customers

    def __iter__(self) -> Iterator[Id]:
        return iter(self._customers)

    def read(self) -> Sequence[Id]:
        """The customers that a request reads, by id: one more than `most` where there are as many."""
        if self._order is None:
            self._order = sorted(self._customers)[: self._most + 1]
        return self._order

    def put(self, customer: Id) -> None:
        """A contact (or a match key) of this customer came."""
        if self._contacts >= self._rows:
            return
        had = self._customers.get(customer, 0)
        self._customers[customer] = had + 1
        self._contacts += 1
        if not had and self._order is not None:
            insort(self._order, customer)
            del self._order[self._most + 1 :]

    def take(self, customer: Id) -> None:
        """A contact (or the match key) of this customer went."""
        self.uncertain = self.uncertain or not self._all_read or self._contacts >= self._rows
        left = self._customers.get(customer, 0) - 1
        self._contacts -= 1
        self._order = None
        if left > 0:
            self._customers[customer] = left
        else:
            self._customers.pop(customer, None)


class Index(Generic[V]):
    """The shelves of all values of one kind that a chunk asks for; what it does not ask for is not kept."""

    def __init__(
        self, asked: Container[V], reached: Mapping[V, Mapping[Id, int]], *, most: int, rows: float = inf
    ) -> None:
        self.most, self._rows = most, rows
        # Whether any of them has lost somebody.
        self.taken = False
        self._asked: Container[V] = asked
        self._shelves: dict[V, Shelf] = {value: self._shelf(customers) for value, customers in reached.items()}
        # Values that led to nobody, and lead to one contact of this customer now: most never lead to another.
        self._alone: dict[V, Id] = {}
        # The other way round: put together when it is first asked for, which is seldom.
        self._values: dict[Id, set[V]] | None = None

    def _shelf(self, customers: Mapping[Id, int]) -> Shelf:
        return Shelf(customers, most=self.most, rows=self._rows)

    def _at(self, value: V) -> Shelf | None:
        shelf = self._shelves.get(value)
        if shelf is None and (customer := self._alone.pop(value, None)) is not None:
            shelf = self._shelves[value] = self._shelf({})
            shelf.put(customer)
        return shelf

    def __contains__(self, value: V) -> bool:
        return value in self._asked

    def leads_on(self, value: V) -> bool:
        """Whether anybody may be found by this value: if not, nobody is."""
        return value in self._shelves or value in self._alone

    def read(self, value: V) -> Sequence[Id]:
        shelf = self._at(value)
        return shelf.read() if shelf else ()

    def uncertain(self, value: V) -> bool:
        shelf = self._at(value)
        return shelf is not None and shelf.uncertain

    def leads_to(self, value: V, customer: Id) -> bool:
        """Whether the customer is known to be found by this value."""
        shelf = self._at(value)
        return shelf is not None and customer in shelf

    def leading_to(self, customer: Id) -> Collection[V]:
        """The values by which the customer is known to be found."""
        if self._values is None:
            self._values = {}
            for value, shelf in self._shelves.items():
                for each in shelf:
                    self._values.setdefault(each, set()).add(value)
            for value, each in self._alone.items():
                self._values.setdefault(each, set()).add(value)
        return frozenset(self._values.get(customer, ()))

    def put(self, value: V, customer: Id) -> None:
        if value in self._asked:
            shelf = self._at(value)
            if shelf is None:
                self._alone[value] = customer
            else:
                shelf.put(customer)
            if self._values is not None:
                self._values.setdefault(customer, set()).add(value)

    def take(self, value: V, customer: Id) -> None:
        shelf = self._at(value)
        if shelf is not None:
            self.taken = True
            shelf.take(customer)
            if self._values is not None:
                self._values.get(customer, set()).discard(value)

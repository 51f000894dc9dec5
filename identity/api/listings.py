"""A list that can be read from any place in it, at a cost that does not grow with what it holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from django.contrib.postgres.fields import ArrayField
from django.db.models import BooleanField, F, Func, Model, QuerySet, Value

from contacts.positions import Course
from identity.api.orders import BY_ID, Order, first_pks

# Rows of one filter that are few enough to be read whole and put in any order.
FEW = 5_000
# Rows of an index looked at, step by step, for a page whose filters another index serves.
WINDOWS = (1_000, 2_000, 4_000, 6_000, 7_000)

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows of a list, by key. `stopped_at` is the last row looked at where looking was broken off."""

    pks: Sequence[Any]
    more: bool
    stopped_at: Any = None


@dataclass(frozen=True, slots=True)
class Listing(Generic[M]):
    """The rows of `rows` in `order`.

    `walked` are the rows that the order's own index can tell, where `rows` is narrower than that: the page is then
    looked for in windows of that index, and may come out short although there is more; `told` are the same rows as
    PostgreSQL's planner estimates them best. `known` are all rows a cursor may name. `course` names the list among
    those whose positions are marked. A list that is `counted_off` is short, has an order of its own in `rows`, and
    knows no cursors.
    """

    rows: QuerySet[M]
    order: Order[M] = field(default_factory=lambda: BY_ID)
    walked: QuerySet[M] | None = None
    known: QuerySet[M] | None = None
    told: QuerySet[M] | None = None
    course: Course | None = None
    counted_off: bool = False

    @property
    def backwards(self) -> Listing[M]:
        return replace(self, order=self.order.backwards)

    def place_of(self, pk: object) -> tuple[Any, ...] | None:
        return self.order.place_of(self.rows if self.known is None else self.known, pk)

    def first(self, number: int) -> Part:
        return self._part(iter([self.order.sorted(self.rows)]), number, place=None)

    def after(self, place: Sequence[Any], number: int) -> Part:
        return self._part(self.order.beyond(self.rows, place), number, place=place)

    def skipping(self, skipped: int, number: int) -> Part:
        """Behind the first `skipped` rows: they are counted off, in the index where it has all that is asked."""
        if self.walked is not None:
            part = self._looked_for(skipped + number, None)
            return replace(part, pks=part.pks[skipped:])
        rows = self.rows if self.counted_off else self.order.sorted(self.rows)
        found = list(rows.values_list("pk", flat=True)[skipped : skipped + number + 1])
        return Part(found[:number], more=len(found) > number)

    def _part(self, segments: Iterator[QuerySet[M]], number: int, place: Sequence[Any] | None) -> Part:
        if self.walked is not None:
            return self._looked_for(number, place)
        found = first_pks(segments, number + 1)
        return Part(found[:number], more=len(found) > number)

    def _looked_for(self, number: int, place: Sequence[Any] | None) -> Part:
        found: list[Any] = []
        for size in WINDOWS:
            window = self._window(place, size)
            fitting = among(self.rows, window).values_list("pk", flat=True)
            kept = set(fitting)
            found += [pk for pk in window if pk in kept]
            if len(found) > number or len(window) < size:
                return Part(found[:number], more=len(found) > number)
            place = self.place_of(window[-1])
        return Part(found, more=True, stopped_at=window[-1])

    def _window(self, place: Sequence[Any] | None, size: int) -> list[Any]:
        walked = self.rows if self.walked is None else self.walked
        ahead = iter([self.order.sorted(walked)]) if place is None else self.order.beyond(walked, place)
        return first_pks(ahead, size)


def among(rows: QuerySet[M], pks: Sequence[Any]) -> QuerySet[M]:
    """Those of `rows` with one of these keys; the keys travel as one array."""
    array = Value(list(pks), output_field=ArrayField(type(rows.model._meta.pk)()))
    return rows.filter(
        Func(F("pk"), array, template="%(expressions)s)", arg_joiner=" = ANY(", output_field=BooleanField())
    )


def few(rows: QuerySet[M]) -> list[Any] | None:
    """The keys of these rows; None where they are more than FEW."""
    found = list(rows.order_by().values_list("pk", flat=True)[: FEW + 1])
    return found if len(found) <= FEW else None

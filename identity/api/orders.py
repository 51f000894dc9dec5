"""Total orders of lists, such that a place in one is found again by an index: *keyset*, not counting rows.

A place is the values of the ordering columns of one row. What lies beyond it is read in segments, each a range of the
same index: first the rows that share all values but the last, then those that share one fewer, and so on. (A single
condition with OR in it would make PostgreSQL read a tie from its beginning.)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from django.db.models import BooleanField, F, Func, Model, QuerySet, Value
from django.db.models.expressions import OrderBy
from django.db.models.functions import Lower

M = TypeVar("M", bound=Model)


class PatternOrder(OrderBy):
    """The order of text_pattern_ops, by code points: the indexes on names know no other."""

    def as_sql(self, compiler: Any, connection: Any, template: str | None = None, **context: Any) -> Any:
        # Django looks for ASC or DESC in what it gets; PostgreSQL wants none beside USING.
        said = "USING ~>~ /* DESC */" if self.descending else "USING ~<~ /* ASC */"
        return super().as_sql(compiler, connection, template=f"%(expression)s {said}", **context)


@dataclass(frozen=True, slots=True)
class Column:
    """A column to order by; with `pattern`, a text without case and by code points."""

    name: str
    pattern: bool = False

    @property
    def read(self) -> Any:
        return Lower(self.name) if self.pattern else F(self.name)

    def sorted(self, *, descending: bool) -> OrderBy:
        return PatternOrder(self.read, descending=descending) if self.pattern else OrderBy(self.read, descending)

    def compared(self, sign: str, value: Any) -> Func:
        """`sign` is <, > or =."""
        operator = f"~{sign}~" if self.pattern and sign != "=" else sign
        said = Value(value)
        return Func(
            self.read, said, template="%(expressions)s", arg_joiner=f" {operator} ", output_field=BooleanField()
        )


@dataclass(frozen=True, slots=True)
class Order(Generic[M]):
    """Columns, all in one direction; together they must tell any two rows apart."""

    columns: tuple[Column, ...]
    descending: bool = False

    @property
    def backwards(self) -> Order[M]:
        return replace(self, descending=not self.descending)

    def sorted(self, rows: QuerySet[M]) -> QuerySet[M]:
        return rows.order_by(*(column.sorted(descending=self.descending) for column in self.columns))

    def place_of(self, rows: QuerySet[M], pk: object) -> tuple[Any, ...] | None:
        """Where a row stands, be it in the list or no longer; `rows` are all that may be asked for."""
        return rows.filter(pk=pk).values_list(*(column.read for column in self.columns)).first()

    def beyond(self, rows: QuerySet[M], place: Sequence[Any]) -> Iterator[QuerySet[M]]:
        """The segments behind a place, nearest first, each in order."""
        sign = "<" if self.descending else ">"
        for shared in reversed(range(len(self.columns))):
            segment = rows
            for column, value in zip(self.columns[:shared], place, strict=False):
                segment = segment.filter(column.compared("=", value))
            yield self.sorted(segment.filter(self.columns[shared].compared(sign, place[shared])))


BY_ID: Order[Any] = Order((Column("id"),))


def first_pks(segments: Iterator[QuerySet[M]], number: int) -> list[Any]:
    """The keys of the first rows of these, up to `number`; later segments are read only if need be."""
    found: list[Any] = []
    for segment in segments:
        found += segment.values_list("pk", flat=True)[: number - len(found)]
        if len(found) >= number:
            break
    return found

"""Rows of the registry's tables on their way to the database and back, without a query set for each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, TypeVar

from django.db.models import JSONField, Model
from psycopg.types.json import Jsonb

from sources.documents import json_of
from sources.round_trips import Prepared, Statement
from sources.rows import stored

M = TypeVar("M", bound=Model)


def as_json(models: Iterable[Model]) -> Jsonb:
    """The rows as `jsonb_populate_recordset` reads them, by the table's own row type."""
    rows = [{column: getattr(model, name) for column, name in _columns(type(model))} for model in models]
    return Jsonb(rows, dumps=json_of)


def inserting(models: Sequence[Model]) -> Statement:
    """Inserts these rows of one table, whose ids are given already."""
    return Prepared(_insertion(type(models[0])), {"rows": as_json(models)})


def reserving(model: type[Model], number: int) -> Statement:
    """Draws ids of rows to come. They are given out in order, and one that is not used leaves a gap."""
    sequence = f"{model._meta.db_table}_id_seq"
    return Prepared(f"SELECT nextval('{sequence}') FROM generate_series(1, %(number)s)", {"number": number})


def drawn(reserved: Statement) -> list[int]:
    """The ids that `reserving` has drawn, in order."""
    return [row[0] for row in reserved.rows]


def selected(model: type[Model]) -> str:
    """The columns to read for `read_back`, of a table that goes by its model's name."""
    return ", ".join(f'{model._meta.model_name}."{column}"' for column, _ in _columns(model))


def read_back(model: type[M], rows: Iterable[Sequence[Any]]) -> list[M]:
    """The models of rows that were read with `selected`."""
    names = [name for _, name in _columns(model)]
    places = _json_places(model)
    return [stored(model, names, _parsed(row, places)) for row in rows]


def assignment(model: type[Model]) -> tuple[str, str]:
    """What an UPDATE sets, and to what of `now`: every column but the key."""
    names = [column for column, name in _columns(model) if name != model._meta.pk.attname]
    return ", ".join(f'"{name}"' for name in names), ", ".join(f'now."{name}"' for name in names)


@cache
def _insertion(model: type[Model]) -> str:
    table = model._meta.db_table
    columns = ", ".join(f'"{column}"' for column, _ in _columns(model))
    return f"INSERT INTO {table} ({columns}) SELECT {columns} FROM jsonb_populate_recordset(NULL::{table}, %(rows)s)"


@cache
def _columns(model: type[Model]) -> tuple[tuple[str, str], ...]:
    """Each column with the attribute that holds it."""
    return tuple((str(field.column), field.attname) for field in model._meta.concrete_fields)


@cache
def _json_places(model: type[Model]) -> tuple[int, ...]:
    return tuple(place for place, field in enumerate(model._meta.concrete_fields) if isinstance(field, JSONField))


def _parsed(row: Sequence[Any], places: Iterable[int]) -> list[Any]:
    """Django has JSON come as text from every connection."""
    values = list(row)
    for place in places:
        values[place] = values[place] and json.loads(values[place])
    return values

"""Rows of the registry's tables on their way to the database and back, without a query set for each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, TypeVar

from django.db.models import JSONField, Model
from psycopg.types.json import Jsonb

from sources.documents import document
from sources.round_trips import Prepared, Statement
from sources.rows import stored

M = TypeVar("M", bound=Model)


def as_json(models: Iterable[Model]) -> Jsonb:
    """The rows as `jsonb_populate_recordset` reads them, by the table's own row type."""
    rows = [{column: getattr(model, name) for column, name in _columns(type(model))} for model in models]
    return document(rows)


def parameters_of(row: Model) -> dict[str, Any]:
    """A single row's values by column, as parameters: of one that was read in part, those that were read or changed."""
    values = row.__dict__
    return {
        column: document(value) if is_document and value is not None else value
        for column, name, is_document in _documents(type(row))
        if name in values
        for value in [values[name]]
    }


def inserting(models: Sequence[Model]) -> Statement:
    """Inserts these rows of one table, whose ids are given already."""
    if len(models) == 1:
        said = {column: value for column, value in parameters_of(models[0]).items() if value is not None}
        return Prepared(_insertion_of_one(type(models[0]), tuple(said)), said)
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


def insertion_of_one(model: type[Model], parameters: Mapping[str, str]) -> str:
    """Inserts a row: of each column the name of the parameter that has its value."""
    columns = ", ".join(f'"{column}"' for column in parameters)
    values = ", ".join(f"%({name})s" for name in parameters.values())
    return f"INSERT INTO {model._meta.db_table} ({columns}) VALUES ({values})"


def update_of_one(model: type[Model], columns: Iterable[str], name: str) -> str:
    """Saves these columns of a row whose id is known: their parameters begin with this name."""
    assigned = ", ".join(f'"{column}" = %({name}_{column})s' for column in columns if column != "id")
    return f"UPDATE {model._meta.db_table} SET {assigned} WHERE id = %({name}_id)s"


@lru_cache(maxsize=64)
def _insertion_of_one(model: type[Model], columns: tuple[str, ...]) -> str:
    return insertion_of_one(model, dict(zip(columns, columns, strict=True)))


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
def _documents(model: type[Model]) -> tuple[tuple[str, str, bool], ...]:
    """Each column with the attribute that holds it, and whether that is a document."""
    return tuple((str(f.column), f.attname, isinstance(f, JSONField)) for f in model._meta.concrete_fields)


@cache
def _json_places(model: type[Model]) -> tuple[int, ...]:
    return tuple(place for place, field in enumerate(model._meta.concrete_fields) if isinstance(field, JSONField))


def _parsed(row: Sequence[Any], places: Iterable[int]) -> list[Any]:
    """Django has JSON come as text from every connection."""
    values = list(row)
    for place in places:
        values[place] = values[place] and json.loads(values[place])
    return values

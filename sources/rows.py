"""One row by fixed conditions, without building the query anew: for the few look-ups that every request makes.

Building a query takes the ORM several times as long as PostgreSQL takes to answer it. Only for models whose columns
psycopg reads as the model holds them (no JSON).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model
from django.db.models.base import ModelState

from sources.round_trips import Prepared, run

M = TypeVar("M", bound=Model)


def one(model: type[M], **conditions: Any) -> M | None:
    """The row whose columns (`tenant_id`, not `tenant`) have these values, None for null; None where there is none."""
    absent = frozenset(name for name, value in conditions.items() if value is None)
    asked = Prepared(_statement(model, tuple(conditions), absent), conditions)
    run(asked)
    return stored(model, _names(model), asked.rows[0]) if asked.rows else None


@lru_cache(maxsize=64)
def _names(model: type[Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


@lru_cache(maxsize=64)
def _statement(model: type[Model], names: tuple[str, ...], absent: frozenset[str]) -> str:
    columns = ", ".join(f'"{field.column}"' for field in model._meta.concrete_fields)
    tests = " AND ".join(f'"{name}" IS NULL' if name in absent else f'"{name}" = %({name})s' for name in names)
    return f'SELECT {columns} FROM "{model._meta.db_table}" WHERE {tests} ORDER BY 1 LIMIT 1'


def split(row: tuple[Any, ...], *models: type[Model]) -> list[Any]:
    """The instances in a row of several models' columns, one after the other; None where an outer join found none."""
    found, start = [], 0
    for model in models:
        names = _names(model)
        values = row[start : start + len(names)]
        start += len(names)
        found.append(None if values[0] is None else stored(model, names, values))
    return found


def stored(model: type[M], names: Sequence[str], values: Sequence[Any]) -> M:
    """A row that was read, of these attributes: as `from_db`, without a constructor's checks and signals."""
    row = model.__new__(model)
    row.__dict__.update(zip(names, values, strict=True))
    row._state = ModelState()
    row._state.adding, row._state.db, row._state.fields_cache = False, DEFAULT_DB_ALIAS, {}
    return row

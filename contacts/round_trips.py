"""Several statements sent at once: each further one costs the database its work, and nobody the wait for an answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection


@dataclass(slots=True)
class Statement:
    """One statement; `rows` is what it answered once it has run, `columns` their names.

    Statements that travel together share one set of parameters: give each parameter a name of its own.
    """

    sql: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)


def run(*statements: Statement) -> None:
    """Run them in order, in one round trip. A statement sees what those before it did."""
    if not statements:
        return
    parameters = {name: value for each in statements for name, value in each.parameters.items()}
    with connection.cursor() as cursor:
        cursor.execute(";\n".join(each.sql for each in statements), parameters)
        for place, each in enumerate(statements):
            if place:
                cursor.nextset()
            each.columns = [column.name for column in cursor.description or ()]
            each.rows = cursor.fetchall() if each.columns else []

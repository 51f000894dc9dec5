"""docs/data-model.md names every index, constraint and trigger that models and migrations name, and no other."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest
from django.db import connection

PAGE = Path(__file__).parents[2] / "docs" / "data-model.md"

# What Django names by itself begins with the table's app; the page tells of it in general.
_NAMED = """
SELECT relation, name FROM (
    SELECT tablename AS relation, indexname AS name FROM pg_indexes WHERE schemaname = current_schema()
    UNION
    SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype IN ('c', 'f', 'u', 'x') AND conrelid <> 0
    UNION
    SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal
) AS named
WHERE relation ~ '^(sources|contacts|matching|imports|review)_'
  AND name !~ '^(sources|contacts|matching|imports|review)_'
"""
_TABLES = """
SELECT tablename FROM pg_tables
WHERE schemaname = current_schema() AND tablename ~ '^(sources|contacts|matching|imports|review)_'
"""


def rows(statement: str) -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def told() -> dict[str, set[str]]:
    """The names that the page tells, by table: in code style, first in a row of the table's section."""
    sections = re.split(r"^### `(\w+)`", PAGE.read_text(), flags=re.MULTILINE)[1:]
    return {
        table: set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))
        for table, text in zip(sections[::2], sections[1::2], strict=True)
    }


@pytest.mark.django_db
def test_the_page_tells_of_every_table() -> None:
    assert set(told()) == {table for (table,) in rows(_TABLES)}


@pytest.mark.django_db
def test_the_page_tells_what_every_index_constraint_and_trigger_is_for() -> None:
    there: dict[str, set[str]] = defaultdict(set)
    for table, name in rows(_NAMED):
        there[table].add(name)
    wrong = {table: names ^ there[table] for table, names in told().items() if names != there[table]}
    assert not wrong, f"on the page or in the database, but not in both: {wrong}"

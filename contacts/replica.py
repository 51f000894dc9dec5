"""Reading from a copy of the database that may be a moment behind, where nobody minds: whole lists and exports.

Deciding who somebody is never does: what was committed a moment ago has to be seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

REPLICA = "replica"

_behind: ContextVar[bool] = ContextVar("a moment behind will do", default=False)


def alias_to_read() -> str:
    """The replica where the installation has one, else the database itself."""
    return REPLICA if REPLICA in connections else DEFAULT_DB_ALIAS


@contextmanager
def a_moment_behind() -> Iterator[None]:
    """What the ORM reads inside may be a moment behind. Querysets must be evaluated inside, too."""
    token = _behind.set(True)
    try:
        yield
    finally:
        _behind.reset(token)


class Router:
    """Django's database router: nothing is ever written to the replica, or migrated there."""

    def db_for_read(self, model: object, **hints: Any) -> str:
        return alias_to_read() if _behind.get() else DEFAULT_DB_ALIAS

    def db_for_write(self, model: object, **hints: Any) -> str:
        return DEFAULT_DB_ALIAS

    def allow_relation(self, one: object, other: object, **hints: Any) -> bool:
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == DEFAULT_DB_ALIAS

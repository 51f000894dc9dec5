"""What whole-registry matching asks of an engine. Pure: no Django."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from matching.model_definition import ModelDefinition


class EngineMissing(Exception):
    """A package, or Java, that an engine needs is not on this machine; the message says how to get it."""


class Engine(Protocol):
    """A place where SQL runs over Parquet files, with the registry's own similarity as a function."""

    name: str

    def read(self, table: str, *directories: Path) -> None:
        """Make the Parquet files of these directories a table."""

    def make(self, table: str, sql: str) -> None:
        """Make a table of what a query answers, worked out once."""

    def view(self, table: str, sql: str) -> None:
        """Make a query a table without working it out."""

    def similar(self, left: str, right: str, least: float) -> str:
        """SQL that is true of two columns wherever the registry's similarity reaches `least`, and as rarely else as
        the engine can tell without asking it. Not true where either is null.
        """

    def score(self, pairs: str, statements: str, model: ModelDefinition) -> str:
        """Have Splink weigh the pairs of this table; the name of the table with its answer."""

    def drop(self, table: str) -> None:
        """Give its room back."""

    def write(self, sql: str, to: Path) -> None:
        """Put what a query answers into Parquet files of a new directory, in the order it has."""

    def count(self, table: str) -> int: ...

    def rows(self, sql: str) -> list[tuple[Any, ...]]: ...

    def close(self) -> None: ...


def predicted(linker: Any, pairs: Any, *, least_weight: float) -> Any:
    """Splink's answer for pairs that were found by the registry's own keys."""
    linker.table_management.register_blocked_pairs_for_predict(pairs)
    return linker.inference.predict(threshold_match_weight=least_weight, warning_mode="never")

"""DuckDB in this process: one machine, no server, its tables in a file and what does not fit into memory beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matching.model_definition import ModelDefinition
from matching.whole_registry.engine import EngineMissing, predicted
from matching.whole_registry.similarity import similarities
from matching.whole_registry.splink_model import SIMILARITY, double, least_weight, splink_settings

# What it takes where nothing else is said; with what Python needs beside it, less than 2 GiB.
MEMORY = "1GB"


class DuckDBEngine:
    name = "duckdb"

    def __init__(self, scratch: Path, *, memory: str | None = None, threads: int | None = None) -> None:
        """`scratch` is a directory of its own; `memory` as DuckDB writes it (4GB). Raises EngineMissing."""
        try:
            import duckdb
            from splink import DuckDBAPI
        except ModuleNotFoundError as error:
            raise EngineMissing("DuckDB or Splink is not installed: pip install '.[whole-registry]'") from error
        config = {
            "memory_limit": memory or MEMORY,
            "temp_directory": str(scratch / "spilled"),
            "preserve_insertion_order": False,
            **({"threads": threads} if threads else {}),
        }
        self._connection = duckdb.connect(scratch / "matching.duckdb", config=config)
        types = ["VARCHAR", "VARCHAR"]
        self._connection.create_function(SIMILARITY, similarities, types, "DOUBLE", type="arrow")
        self._splink = DuckDBAPI(self._connection)

    def read(self, table: str, *directories: Path) -> None:
        files = ", ".join(_quoted(directory / "*.parquet") for directory in directories)
        self.view(table, f"SELECT * FROM read_parquet([{files}])")

    def make(self, table: str, sql: str) -> None:
        self._connection.execute(f"CREATE OR REPLACE TABLE {table} AS {sql}")

    def view(self, table: str, sql: str) -> None:
        self._connection.execute(f"CREATE OR REPLACE VIEW {table} AS {sql}")

    def similar(self, left: str, right: str, least: float) -> str:
        # Of ASCII DuckDB's own function says the same but for the last bits, in a fraction of the time; of other texts
        # it compares the bytes.
        return f"""
        CASE WHEN {left} IS NULL OR {right} IS NULL THEN false
             WHEN strlen({left}) = length({left}) AND strlen({right}) = length({right})
             THEN jaro_winkler_similarity({left}, {right}) >= {double(least)} ELSE true END
        """

    def score(self, pairs: str, statements: str, model: ModelDefinition) -> str:
        from splink import Linker

        compared = self._splink.register(self._connection.table(statements))
        linker = Linker(compared, splink_settings(model), log_level=None)
        found = self._splink.register(self._connection.table(pairs))
        return str(predicted(linker, found, least_weight=least_weight(model)).physical_name)

    def drop(self, table: str) -> None:
        self._connection.execute(f"DROP TABLE {table}")

    def write(self, sql: str, to: Path) -> None:
        to.mkdir(parents=True)
        self._connection.execute(f"COPY ({sql}) TO {_quoted(to / 'part-0.parquet')} (FORMAT parquet)")

    def count(self, table: str) -> int:
        return int(self.rows(f"SELECT count(*) FROM {table}")[0][0])

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql).fetchall()

    def close(self) -> None:
        self._connection.remove_function(SIMILARITY)
        self._connection.close()


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"

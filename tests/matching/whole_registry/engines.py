"""Engines small enough for a test, and one matching from beginning to end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from matching.whole_registry.engine import Engine
from matching.whole_registry.finding import Match, Task, Workspace
from matching.whole_registry.on_duckdb import DuckDBEngine
from matching.whole_registry.on_spark import SparkEngine
from matching.whole_registry.statements import Statement

# A few hundred rows: what makes Spark quick with billions is in the way.
SMALL = {
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.sql.shuffle.partitions": "1",
    "spark.default.parallelism": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}


@contextmanager
def running(name: str, scratch: Path) -> Iterator[Engine]:
    scratch.mkdir()
    engine: Engine = (
        DuckDBEngine(scratch, memory="1GB", threads=2)
        if name == "duckdb"
        else SparkEngine(scratch, master="local[2]", memory="600m", conf=SMALL)
    )
    try:
        yield engine
    finally:
        engine.close()


@dataclass(frozen=True)
class Made:
    """Statements made up by a test, so many of them in a range."""

    statements: Sequence[Statement]
    rows: int = 1_000
    name: str = "made up"

    def cuts(self) -> list[str]:
        return [str(first) for first in range(0, len(self.statements), self.rows)]

    @contextmanager
    def opened(self, cuts: Sequence[str]) -> Iterator[Sequence[Sequence[Statement]]]:
        yield [self.statements[int(first) : int(first) + self.rows] for first in cuts]


def prepared(directory: Path, statements: Sequence[Statement], task: Task, *, rows: int = 1_000) -> Workspace:
    space = Workspace(directory)
    space.prepare(Made(statements, rows), task, report=lambda *_: None)
    return space


def found(name: str, directory: Path, statements: Sequence[Statement], task: Task) -> tuple[Workspace, list[Match]]:
    """The matches that an engine finds among these statements."""
    space = prepared(directory / name, statements, task)
    with running(name, directory / f"{name}-scratch") as engine:
        find(space, engine, task)
    return space, list(space.matches())


def find(space: Workspace, engine: Engine, task: Task) -> int:
    """Returns the pairs compared."""
    return space.find(engine, task, space.gather(engine, task), report=lambda *_: None)

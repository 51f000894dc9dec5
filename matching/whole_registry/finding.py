"""From the registry's statements to the pairs of customers that may be one, through an engine. Pure: no Django."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from matching.model_definition import ModelDefinition
from matching.whole_registry import questions
from matching.whole_registry.engine import Engine
from matching.whole_registry.preparing import prepare
from matching.whole_registry.statements import STATEMENTS, TABLES, Statement, read_back

_MANIFEST = "matching.json"


class NotPrepared(Exception):
    """A directory that holds something else than what is asked for; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Task:
    """What to match: a model and a tenant (`scope`), keys read up to `cap` customers, in so many `parts`.

    More parts need less room at once; what they find is the same.
    """

    model: ModelDefinition
    scope: int
    cap: int
    parts: int = 1

    def as_dict(self) -> dict[str, Any]:
        return {"model": self.model.to_dict(), "scope": self.scope, "cap": self.cap, "parts": self.parts}


@dataclass(frozen=True, slots=True)
class Crowded:
    """A key that more customers share than are read. `example`: a statement that is stored under it."""

    key: int
    customers: int
    example: int


@dataclass(frozen=True, slots=True)
class Match:
    """Two customers that may be one, by the best pair of their statements, and what is proposed for them.

    `contact` asks and is one of `customer`; `against` is the statement of `other` that it fits best. `match_weight` is
    in bits, `score` 0 to 1.
    """

    contact: int
    customer: str
    other: str
    against: int
    match_weight: float
    score: float
    identified: bool
    proposal: str


class Workspace:
    """A directory with everything of one matching: statements and keys, the parts scored so far, the matches."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def prepare(self, statements: Iterable[Statement], task: Task, *, report: Callable[[int], None]) -> int:
        """Fill an empty directory. Returns how many statements there were."""
        if self.directory.exists() and any(self.directory.iterdir()):
            raise NotPrepared(f"{self.directory} is not empty")
        done = prepare(statements, into=self.directory, model=task.model, scope=task.scope, report=report)
        (self.directory / _MANIFEST).write_text(json.dumps(task.as_dict(), indent=1))
        return done

    def check(self, task: Task) -> None:
        """Raises NotPrepared where the directory was not prepared for this very task."""
        manifest = self.directory / _MANIFEST
        if not manifest.exists() or json.loads(manifest.read_text()) != task.as_dict():
            raise NotPrepared(f"{self.directory} was not prepared for this model, tenant and number of parts")

    def statements(self) -> Iterator[Statement]:
        """Of this directory, or of any other that has Parquet files with the columns of statements.SAID."""
        for file in sorted(self.statements_at.glob("*.parquet")):
            for batch in pq.ParquetFile(file).iter_batches():
                yield from read_back(batch)

    def find(self, engine: Engine, task: Task, *, report: Callable[[int, int], None]) -> int:
        """Score all parts that are not yet there, and bring the matches together. Returns the pairs compared now."""
        for table in TABLES:
            engine.read(table, self.directory / table)
        engine.make(questions.CROWDED, questions.crowded(task.cap))
        engine.make(questions.KEPT, questions.kept(task.cap))
        compared = 0
        for part in range(task.parts):
            if not self._scored(part).exists():
                compared += self._score(engine, task, part)
            report(part + 1, task.parts)
        engine.read(questions.SCORED, *map(self._scored, range(task.parts)))
        self._written(engine, questions.matches(task.model), self._matches)
        return compared

    def _score(self, engine: Engine, task: Task, part: int) -> int:
        engine.make("pairs", questions.pairs(part, task.parts))
        answered = engine.score("pairs", task.model)
        self._written(engine, questions.scored(answered, task.model), self._scored(part))
        engine.drop(answered)
        return engine.count("pairs")

    def _written(self, engine: Engine, sql: str, to: Path) -> None:
        """All or nothing: what was broken off is not taken for a part."""
        unfinished = to.with_name(f"{to.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        engine.write(sql, unfinished)
        shutil.rmtree(to, ignore_errors=True)
        unfinished.rename(to)

    def matches(self) -> Iterator[Match]:
        """Best first."""
        for file in sorted(self._matches.glob("*.parquet")):
            for batch in pq.ParquetFile(file).iter_batches():
                yield from (Match(**row) for row in batch.to_pylist())

    @staticmethod
    def crowded(engine: Engine) -> list[Crowded]:
        """The keys that `find` read in part, the fullest first."""
        sql = f"SELECT key, customers, example FROM {questions.CROWDED} ORDER BY customers DESC, key"
        return [Crowded(*row) for row in engine.rows(sql)]

    @property
    def statements_at(self) -> Path:
        return self.directory / STATEMENTS

    def sizes(self) -> dict[str, int]:
        """Rows by table."""
        return {
            table: sum(pq.ParquetFile(file).metadata.num_rows for file in (self.directory / table).glob("*.parquet"))
            for table in TABLES
        }

    @property
    def _matches(self) -> Path:
        return self.directory / "matches"

    def _scored(self, part: int) -> Path:
        return self.directory / "scored" / f"part-{part:05}"

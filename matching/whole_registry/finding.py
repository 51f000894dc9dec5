"""From the registry's statements to the pairs of customers that may be one, through an engine. Pure: no Django."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from matching.model_definition import ModelDefinition
from matching.whole_registry import questions
from matching.whole_registry.engine import Engine
from matching.whole_registry.preparing import Material, NotPrepared, prepare
from matching.whole_registry.statements import STATEMENTS, TABLES

# Compared at once, of those that share a key: some hundred megabytes of the engine's room.
PAIRS = 4_000_000


@dataclass(frozen=True, slots=True)
class Task:
    """What to match: a model and a tenant (`scope`), keys read up to `cap` customers, in so many `parts`.

    More parts need less room at once; what they find is the same. None: as many as the pairs ask for.
    """

    model: ModelDefinition
    scope: int
    cap: int
    parts: int | None = None

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

    def prepare(self, material: Material, task: Task, *, report: Callable[[int, int], None]) -> None:
        """Fill an empty directory, or go on with what was broken off. Raises NotPrepared."""
        if self._matches.exists():
            raise NotPrepared(f"{self.directory} is not empty: it holds a finished matching")
        prepare(material, into=self.directory, model=task.model, scope=task.scope, report=report)
        if not self._manifest.exists():
            self._manifest.write_text(json.dumps(task.as_dict(), indent=1))
        self.check(task)

    def check(self, task: Task) -> None:
        """Raises NotPrepared where the directory was not prepared for this very task."""
        if not self._manifest.exists() or json.loads(self._manifest.read_text()) != task.as_dict():
            raise NotPrepared(f"{self.directory} was not prepared for this model, tenant and number of parts")

    def gather(self, engine: Engine, task: Task) -> int:
        """Bring together who shares a key with somebody. Returns in how many parts the pairs are to be scored."""
        for table in TABLES:
            engine.read(table, self.directory / table)
        engine.make(questions.CROWDED, questions.crowded(task.cap))
        engine.make(questions.KEPT, questions.kept(task.cap))
        engine.make(questions.MET, questions.met())
        engine.make(questions.ASKING, questions.asking())
        engine.make(questions.HELD, questions.held())
        engine.make(questions.CONCERNED, questions.concerned())
        return task.parts or 1 + int(engine.rows(questions.expected())[0][0]) // PAIRS

    def find(self, engine: Engine, task: Task, parts: int, *, report: Callable[[int, int], None]) -> int:
        """Of what was gathered, score the parts that are not yet there, and bring the matches together.

        Returns the pairs compared now. `report` is called with the parts done and their number.
        """
        compared = 0
        for part in range(parts):
            if not self._scored(part).exists():
                compared += self._score(engine, task.model, part, parts)
                report(part + 1, parts)
        engine.read(questions.SCORED, *map(self._scored, range(parts)))
        self._written(engine, questions.matches(task.model), self._matches)
        return compared

    def _score(self, engine: Engine, model: ModelDefinition, part: int, parts: int) -> int:
        engine.make(questions.PAIRS, questions.pairs(part, parts))
        engine.make(questions.PROMISING, questions.promising(model, engine.similar))
        answered = engine.score(questions.PROMISING, questions.CONCERNED, model)
        self._written(engine, questions.scored(answered, model), self._scored(part))
        engine.drop(answered)
        return engine.count(questions.PAIRS)

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
    def _manifest(self) -> Path:
        return self.directory / "matching.json"

    @property
    def _matches(self) -> Path:
        return self.directory / "matches"

    def _scored(self, part: int) -> Path:
        return self.directory / "scored" / f"part-{part:05}"

"""`manage.py match_registry`: find every pair of customers that may be one, on DuckDB or on Spark."""

from __future__ import annotations

import shutil
import tempfile
from argparse import ArgumentTypeError
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from identity.management import arguments
from identity.progress import Progress
from matching.active import ActiveModel, active_model
from matching.model_definition import InvalidModelError
from matching.search import CAP
from matching.whole_registry.applying import apply
from matching.whole_registry.crowding import labelled
from matching.whole_registry.engine import Engine, EngineMissing
from matching.whole_registry.finding import Match, Task, Workspace
from matching.whole_registry.on_duckdb import DuckDBEngine
from matching.whole_registry.on_spark import SparkEngine
from matching.whole_registry.parquet_material import ParquetMaterial
from matching.whole_registry.preparing import Material, NotPrepared
from matching.whole_registry.questions import LINK
from matching.whole_registry.reading import RegistryMaterial
from sources.models import DEFAULT_TENANT, Tenant

BY = "whole-registry matching"
CROWDED_SHOWN = 10


class Command(BaseCommand):
    help = (
        "Finds every pair of customers that may be one, with the model in force, and prints how many there are. Nothing"
        " is changed without --apply. docs/at-scale.md tells more."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--engine", choices=("duckdb", "spark"), default="duckdb")
        parser.add_argument("--master", default="local[*]", help="Spark: local[2], spark://host:7077, yarn, k8s://…")
        parser.add_argument("--conf", action="append", default=[], type=_setting, help="Spark: a setting, name=value.")
        parser.add_argument(
            "--memory",
            type=arguments.memory,
            help="The engine's room (1g); what does not fit is put on disk, in --temp.",
        )
        parser.add_argument("--temp", type=Path, help="A folder for what does not fit: of the directory otherwise.")
        parts = arguments.whole_number(least=1)
        parser.add_argument("--parts", type=parts, help="Score in so many parts, one after the other.")
        parser.add_argument("--from-parquet", type=Path, help="Take the statements from here, not from PostgreSQL.")
        parser.add_argument("--to-parquet", type=Path, help="Work in this directory and keep what is found in it.")
        parser.add_argument("--review-threshold", type=float, help="In place of the model's, 0 to 1.")
        parser.add_argument(
            "--apply",
            choices=("candidates", "links"),
            help="candidates: propose every pair to people; links: merge those beyond doubt, propose the others.",
        )
        parser.add_argument("--limit", type=arguments.whole_number(least=0), help="Apply so many pairs, the best.")
        parser.add_argument("--tenant", default=DEFAULT_TENANT)

    def handle(self, *args: Any, **options: Any) -> None:
        tenant = Tenant.objects.filter(name=options["tenant"]).first()
        if tenant is None:
            raise CommandError(f"There is no tenant {options['tenant']!r}.")
        try:
            model = _model(tenant, options["review_threshold"])
            with tempfile.TemporaryDirectory(prefix="match-registry-") as own:
                place = options["to_parquet"] or options["from_parquet"] or Path(own) / "matching"
                space = Workspace(place)
                self._find(space, Task(model.definition, tenant.pk, CAP, options["parts"]), tenant, options)
                if options["apply"]:
                    self._apply(space, tenant, model, links=options["apply"] == "links", limit=options["limit"])
        except (EngineMissing, NotPrepared, InvalidModelError) as error:
            raise CommandError(str(error)) from error

    def _find(self, space: Workspace, task: Task, tenant: Tenant, options: dict[str, Any]) -> None:
        self._prepare(space, task, tenant, source=options["from_parquet"])
        with ExitStack() as held:
            scratch = (options["temp"] or space.directory) / "engine"
            held.callback(shutil.rmtree, scratch, ignore_errors=True)
            engine = held.enter_context(closing(_engine(options, scratch)))
            self.stderr.write("  bringing together who shares a key")
            parts = space.gather(engine, task)
            compared = space.find(engine, task, parts, report=Progress(self.stderr, "parts compared"))
            self.stdout.write("\n".join(_lines(space, engine, compared, task)))

    def _prepare(self, space: Workspace, task: Task, tenant: Tenant, *, source: Path | None) -> None:
        if source == space.directory:
            space.check(task)
            return
        material: Material = ParquetMaterial(source) if source else RegistryMaterial(tenant)
        space.prepare(material, task, report=Progress(self.stderr, "ranges of statements prepared"))

    def _apply(self, space: Workspace, tenant: Tenant, model: ActiveModel, *, links: bool, limit: int | None) -> None:
        def matches() -> Iterator[Match]:
            return islice(space.matches(), limit)

        total, told = sum(1 for _ in matches()), Progress(self.stderr, "pairs applied")
        done = apply(
            matches, links=links, tenant=tenant, model=model, by=BY, report=lambda so_far: told(so_far.looked_at, total)
        )
        self.stdout.write(f"linked             {done.linked:>12,}")
        self.stdout.write(f"proposed           {done.proposed:>12,}")
        self.stdout.write(f"left out           {done.left_out:>12,}  proposed or decided before, or no longer so")


def _setting(word: str) -> tuple[str, str]:
    name, given, value = word.partition("=")
    if not given:
        raise ArgumentTypeError(f"{word!r} is not name=value")
    return name, value


def _model(tenant: Tenant, review_threshold: float | None) -> ActiveModel:
    model = active_model(tenant)
    if review_threshold is None:
        return model
    return replace(model, definition=replace(model.definition, review_threshold=review_threshold))


def _engine(options: dict[str, Any], scratch: Path) -> Engine:
    shutil.rmtree(scratch, ignore_errors=True)  # what a run that was broken off left
    scratch.mkdir(parents=True)
    if options["engine"] == "duckdb":
        return DuckDBEngine(scratch, memory=options["memory"])
    return SparkEngine(scratch, master=options["master"], memory=options["memory"], conf=dict(options["conf"]))


def _lines(space: Workspace, engine: Engine, compared: int, task: Task) -> Iterator[str]:
    sizes, matches, links = space.sizes(), 0, 0
    for match in space.matches():
        matches, links = matches + 1, links + (match.proposal == LINK)
    crowded = space.crowded(engine)
    yield f"statements         {sizes['statements']:>12,}"
    yield f"keys asked         {sizes['asked']:>12,}"
    yield f"keys stored        {sizes['stored']:>12,}"
    yield f"pairs compared     {compared:>12,}  of statements, by {engine.name}"
    yield f"pairs found        {matches:>12,}  of customers, at or above {task.model.review_threshold:g}"
    yield f"beyond doubt       {links:>12,}  of these"
    yield f"keys read in part  {len(crowded):>12,}  shared by more than {task.cap} customers"
    for label, customers in labelled(crowded[:CROWDED_SHOWN], space, task):
        yield f"  {label}: {customers:,} customers"

"""Measures what the registry linked against a list of who is really who."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from contacts.models import Contact
from matching.linkage import ClusterMeasures, PairMeasures, cluster_measures, pair_measures
from matching.models import CandidatePair
from sources.models import DEFAULT_TENANT, Tenant

COLUMNS = ("source_system", "source_key", "entity_id")

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """`missing`: records of the list that the registry does not hold; they count for nothing else."""

    records: int
    missing: int
    pending: int
    clusters: ClusterMeasures
    linked: PairMeasures
    linked_or_pending: PairMeasures

    def as_dict(self) -> dict[str, Any]:
        return {
            "records": self.records,
            "missing": self.missing,
            "pending_candidates": self.pending,
            "true_pairs": self.linked.true,
            "customers": asdict(self.clusters),
            "linked": self.linked.as_dict(),
            "linked_or_pending": self.linked_or_pending.as_dict(),
        }


class Command(BaseCommand):
    help = (
        "Prints pairwise precision, recall and F1 of what was linked, and of linked plus pending candidates, against "
        "the true entities: a CSV file, .gz or not, with the columns source_system, source_key and entity_id."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("truth", type=Path)
        parser.add_argument("--tenant", default=DEFAULT_TENANT)
        parser.add_argument("--json", action="store_true", help="One JSON object instead of a table.")

    def handle(self, *args: Any, **options: Any) -> None:
        tenant = Tenant.objects.filter(name=options["tenant"]).first()
        if tenant is None:
            raise CommandError(f"There is no tenant {options['tenant']!r}.")
        evaluation = evaluate(dict(_truth(options["truth"])), tenant=tenant)
        told = json.dumps(evaluation.as_dict(), indent=2) if options["json"] else "\n".join(_lines(evaluation))
        self.stdout.write(told)


def evaluate(truth: dict[Key, str], *, tenant: Tenant) -> Evaluation:
    """`truth`: the true entity of each record, by source system and source key."""
    held: dict[tuple[str, str | None], UUID] = {
        (source, key): customer
        for source, key, customer in Contact.objects.of(tenant)
        .live()
        .filter(source_key__isnull=False)
        .values_list("source__name", "source_key", "customer_id")
        .iterator()
    }
    members = [(held[key], entity) for key, entity in truth.items() if key in held]
    pending = CandidatePair.objects.filter(tenant=tenant, status=CandidatePair.Status.PENDING)
    bridges = list(pending.values_list("contact__customer_id", "customer_id"))
    return Evaluation(
        records=len(members),
        missing=len(truth) - len(members),
        pending=len(bridges),
        clusters=cluster_measures(members),
        linked=pair_measures(members),
        linked_or_pending=pair_measures(members, bridges),
    )


def _truth(path: Path) -> Iterator[tuple[Key, str]]:
    """Raises CommandError where the file is none, or lacks a column."""
    try:
        with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file)
            if missing := [name for name in COLUMNS if name not in (rows.fieldnames or ())]:
                raise CommandError(f"{path} lacks the column {missing[0]}.")
            for row in rows:
                yield (row["source_system"], row["source_key"]), row["entity_id"]
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} cannot be read: {error}") from error


def _lines(evaluation: Evaluation) -> Iterator[str]:
    clusters = evaluation.clusters
    yield f"records               {evaluation.records:>10,}   (not in the registry: {evaluation.missing:,})"
    yield (
        f"entities              {clusters.true:>10,}   "
        f"(found exactly: {clusters.whole:,}, scattered: {clusters.scattered:,})"
    )
    yield f"customers             {clusters.found:>10,}   (mixing entities: {clusters.mixed:,})"
    yield f"pending candidates    {evaluation.pending:>10,}"
    yield f"true pairs            {evaluation.linked.true:>10,}"
    yield ""
    yield f"{'':<22}{'pairs':>10}{'correct':>10}{'precision':>11}{'recall':>9}{'F1':>9}"
    yield _row("linked", evaluation.linked)
    yield _row("linked plus pending", evaluation.linked_or_pending)


def _row(name: str, measures: PairMeasures) -> str:
    counts = f"{name:<22}{measures.joined:>10,}{measures.hits:>10,}"
    return f"{counts}{measures.precision:>11.4f}{measures.recall:>9.4f}{measures.f1:>9.4f}"

"""Bulk import: from a file to resolved customers, beside the time of reading and normalising the file alone.

    python -m benchmarks.bulk --records 1000000 [--rounds 1] [--url URL] [--keep]

An empty registry with its durable settings is made for each round, or one is given that `benchmarks.filling` filled,
and the records stay in it. The import is `manage.py import_customers`, a process of its own. The floor is taken right
before and right after on the same cores: as many processes as the import uses read the file's lines and normalise them
by the import's own rules, and do nothing else. A second floor is taken where the registry was empty: what the same
PostgreSQL takes for the rows that the import left, and for nothing else (benchmarks/writing_alone.py). Memory is the
most that the import's processes held at once, without PostgreSQL's (resident, so that what they share counts more than
once).
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

import psutil
import psycopg

from benchmarks import results, writing_alone
from benchmarks.filling.copying import register
from benchmarks.people_file import SOURCES, write
from benchmarks.registry import ROOT, Registry, either
from imports.normalising import Rules, read
from imports.rows import Row
from matching.model_definition import SEED_MODEL
from matching.plan import Plan

CHUNK = 2_000
SECONDS_BETWEEN_LOOKS = 0.25
# Of writing alone, how PostgreSQL's processor time of each part is called.
WRITING = "writing: "


def main() -> int:
    asked = _arguments()
    rounds = [_round(asked.records, asked.url) for _ in range(1 if asked.url else asked.rounds)]
    row = {name: round(median(each[name] for each in rounds), 3) for name in rounds[0]}
    row = {"records": asked.records, **row, "rate": round(asked.records / row["seconds"])}
    print(row)
    if asked.keep:
        results.keep("bulk", [row], same=_same, rounds=len(rounds))
    return 0


def _same(old: results.Row, new: results.Row) -> bool:
    return bool(old["records"] == new["records"] and old.get("known", 0) == new["known"])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=1, help="paired measurements, of which the medians are told")
    parser.add_argument("--url", help="a registry that was filled; by default an empty one is made")
    parser.add_argument("--keep", action="store_true", help="Keep the figures for the report.")
    return parser.parse_args()


def _round(records: int, url: str | None) -> dict[str, float]:
    with either(url, 0) as registry, tempfile.TemporaryDirectory(prefix="identity-registry-benchmark-") as folder:
        path = Path(folder) / "people.ndjson"
        write(path, records, registry.size)
        if url:
            return _measured(path, registry)
        _register(registry)
        with writing_alone.emptied(registry.url) as empty:
            told = _measured(path, registry)
            written = writing_alone.write_again(registry.url, into=empty, folder=Path(folder))
    parts = {f"{WRITING}{part}": spent for part, spent in written.processor.items()}
    seconds = written.seconds
    return {**told, "writing_seconds": seconds, "of_writing": told["seconds"] / seconds, **parts}


def _measured(path: Path, registry: Registry) -> dict[str, float]:
    before = normalising_alone(path)
    seconds, memory = _imported(path, registry)
    floor = (before + normalising_alone(path)) / 2
    with psycopg.connect(registry.url) as connection:
        found = _outcomes(connection)
    told = {"known": registry.size, "floor_seconds": floor, "seconds": seconds, "of_floor": seconds / floor}
    return {**told, "mebibytes": memory, **found}


def _register(registry: Registry) -> None:
    with psycopg.connect(registry.url) as connection:
        tenant = _first(connection, "SELECT min(id) FROM sources_tenant")
        for source in SOURCES:
            register(connection, tenant, source)


def normalising_alone(path: Path) -> float:
    """Seconds for the whole file."""
    begun = time.monotonic()
    with multiprocessing.get_context("spawn").Pool(os.cpu_count()) as pool:
        for _ in pool.imap_unordered(_normalise, _chunks(path)):
            pass
    return time.monotonic() - begun


def _normalise(rows: list[Row]) -> None:
    """Raises InvalidSubmission: of the generated records none is refused."""
    plan = Plan.from_model(SEED_MODEL)  # no keys are made by it here
    rules = Rules("US", dict.fromkeys(SOURCES, ()), usually_required=(), attribute_types={}, plan=plan, scope=0)
    for row in rows:
        read(row, rules)


def _chunks(path: Path) -> Iterator[list[Row]]:
    with path.open("rb") as file:
        rows = (Row(number, number, raw.rstrip(b"\n"), len(raw)) for number, raw in enumerate(file, start=1))
        while chunk := list(islice(rows, CHUNK)):
            yield chunk


def _imported(path: Path, registry: Registry) -> tuple[float, float]:
    """Seconds, and the most MiB that its processes held at once."""
    begun = time.monotonic()
    command = [sys.executable, str(ROOT / "manage.py"), "import_customers", str(path)]
    process = subprocess.Popen(command, env=registry.environment)
    most = 0.0
    while process.poll() is None:
        most = max(most, _held(process.pid))
        time.sleep(SECONDS_BETWEEN_LOOKS)
    if process.returncode:
        raise SystemExit("The import failed.")
    return time.monotonic() - begun, most


def _held(pid: int) -> float:
    """MiB of a process and all below it."""
    try:
        parent = psutil.Process(pid)
        return sum(each.memory_info().rss for each in [parent, *parent.children(recursive=True)]) / 2**20
    except psutil.Error:
        return 0.0


def _outcomes(connection: psycopg.Connection) -> Mapping[str, float]:
    return {
        "customers": _first(connection, "SELECT count(*) FROM contacts_customer WHERE deleted_at IS NULL"),
        "contacts": _first(connection, "SELECT count(*) FROM contacts_contact WHERE deleted_at IS NULL"),
        "waiting": _first(connection, "SELECT count(*) FROM matching_candidatepair"),
    }


def _first(connection: psycopg.Connection, statement: str) -> int:
    row: Any = connection.execute(statement).fetchone()
    return int(row[0])


if __name__ == "__main__":
    sys.exit(main())

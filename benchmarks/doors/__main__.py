"""How quick the doors are, beside the floor of the same run.

    python -m benchmarks.doors --sizes 10000 100000 --clients 1 8 --seconds 10

For each size an empty registry is filled, the server is started as `make run` starts it, and every door is measured
between two measurements of the floor (benchmarks.doors.floor). Machines are noisy and shared: look at the ratios.
Prints a table; `--write` puts it into docs/benchmarks.md with the machine's description.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from benchmarks.doors.clients import Measured, drive
from benchmarks.doors.filling import fill
from benchmarks.doors.traffic import traffics
from identity.postgres import EmbeddedPostgres
from identity.serving import web_server

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "benchmarks.md"
FLOOR = "floor"
DOORS = "doors"
SETTINGS = {DOORS: "identity.settings.development", FLOOR: "benchmarks.doors.floor_settings"}
WARM_UP_SECONDS = 3
PORTS = {DOORS: 18650, FLOOR: 18651}


@dataclass(frozen=True, slots=True)
class Row:
    size: int
    clients: int
    door: str
    measured: Measured
    floor: float

    @property
    def cells(self) -> list[str]:
        m = self.measured
        figures = [f"{m.rate:,.0f}", f"{m.rate / self.floor:.2f}", f"{m.p50:.1f}", f"{m.p95:.1f}", f"{m.p99:.1f}"]
        return [f"{self.size:,}", str(self.clients), self.door, *figures, str(m.failed)]


HEAD = ["customers", "clients", "door and traffic", "a second", "of the floor", "p50 ms", "p95 ms", "p99 ms", "failed"]


def main() -> int:
    asked = _arguments()
    rows = [row for size in asked.sizes for row in _measured(size, asked)]
    table = "\n".join(_line(cells) for cells in [HEAD, ["---"] * len(HEAD), *(row.cells for row in rows)])
    print(table)
    if asked.write:
        PAGE.write_text(_page(table, asked))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8])
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--doors", nargs="+", help="Only traffics whose name begins so.")
    parser.add_argument("--write", action="store_true", help="Put the table into docs/benchmarks.md.")
    return parser.parse_args()


def _measured(size: int, asked: argparse.Namespace) -> Iterator[Row]:
    with tempfile.TemporaryDirectory(prefix="identity-registry-benchmark-") as folder:
        Path(folder).chmod(0o711)
        postgres = EmbeddedPostgres(Path(folder))
        with postgres.running():
            environment = _environment(postgres.url, folder)
            key = _prepared(environment, size)
            headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
            with _server(DOORS, environment), _server(FLOOR, environment):
                for which in PORTS:
                    _drive(which, "identify repeat", size, headers, WARM_UP_SECONDS, 8, 90)
                yield from _rounds(size, headers, asked)


def _server(which: str, environment: dict[str, str]) -> AbstractContextManager[subprocess.Popen[bytes]]:
    return web_server(PORTS[which], environment={**environment, "DJANGO_SETTINGS_MODULE": SETTINGS[which]})


def _environment(url: str, folder: str) -> dict[str, str]:
    own = {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": SETTINGS[DOORS], "IDENTITY_DATA_DIR": folder}
    return {**os.environ, **own, "PYTHONPATH": str(ROOT)}


def _prepared(environment: dict[str, str], size: int) -> str:
    """Migrate, fill and make a key; the key."""
    _manage(environment, "migrate", "--verbosity", "0")
    begun = time.monotonic()
    fill(environment["DATABASE_URL"], size)
    print(f"filled {size:,} customers in {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
    with psycopg.connect(environment["DATABASE_URL"]) as connection:
        connection.execute("CREATE TABLE benchmark_floor (id bigserial PRIMARY KEY, tenant_id bigint, body jsonb)")
    return _manage(environment, "create_api_key", "benchmark", "--scopes", "read", "write").strip()


def _manage(environment: dict[str, str], *command: str) -> str:
    done = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *command], env=environment, check=True, capture_output=True, text=True
    )
    return done.stdout


def _rounds(size: int, headers: dict[str, str], asked: argparse.Namespace) -> Iterator[Row]:
    names = [name for name in traffics(size, 0) if not asked.doors or name.startswith(tuple(asked.doors))]
    for number, clients in enumerate(asked.clients):
        for place, name in enumerate(names):
            seed = 1 + 100 * (number * len(names) + place)
            before = _drive(FLOOR, "identify repeat", size, headers, asked.seconds / 2, clients, seed + 50)
            measured = _drive(DOORS, name, size, headers, asked.seconds, clients, seed)
            after = _drive(FLOOR, "identify repeat", size, headers, asked.seconds / 2, clients, seed + 60)
            row = Row(size, clients, name, measured, (before.rate + after.rate) / 2)
            print(_line(row.cells), file=sys.stderr, flush=True)
            yield row


def _drive(
    which: str, name: str, size: int, headers: dict[str, str], seconds: float, clients: int, seed: int
) -> Measured:
    port = PORTS[which]
    return drive(port, headers, lambda number: traffics(size, seed + number)[name], clients=clients, seconds=seconds)


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _page(table: str, asked: argparse.Namespace) -> str:
    cores, kind = os.cpu_count(), platform.machine()
    today = datetime.now(UTC).date().isoformat()
    return f"""# How quick the doors are

Made by `python -m benchmarks.doors` on {today}: {cores} cores ({kind}), Python {platform.python_version()},
the embedded PostgreSQL with its durable settings; server, database and clients share the cores; {asked.seconds:g} s a
figure.

*Of the floor* is the rate beside that of the same server answering an authenticated POST that does nothing but one
insert, measured right before and right after (`benchmarks/doors/floor.py`). Machines are noisy: read the ratios.
What each traffic sends is in `benchmarks/doors/traffic.py`.

{table}
"""


if __name__ == "__main__":
    sys.exit(main())

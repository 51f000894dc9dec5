"""How quick the doors are, beside the floors of the same run.

    python -m benchmarks.doors --sizes 10000 1000000 --clients 1 8 --seconds 10
    python -m benchmarks.doors --url postgresql://…      a registry that benchmarks.filling filled

The server is started as `make run` starts it, and every door is measured between two measurements of the floor, the
same server answering an authenticated POST with one insert (benchmarks.doors.floor), and beside the least SQL by hand
(benchmarks.doors.by_hand). Machines are noisy and shared: look at the ratios. What was measured is kept
(benchmarks.results); `python -m benchmarks.report` makes the page of it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from statistics import median
from typing import Any

import psycopg

from benchmarks import results
from benchmarks.doors import by_hand
from benchmarks.doors.clients import Measured, drive
from benchmarks.doors.traffic import traffics
from benchmarks.registry import SETTINGS, Registry, given, made
from identity.serving import web_server

FLOOR = "floor"
DOORS = "doors"
MODULES = {DOORS: SETTINGS, FLOOR: "benchmarks.doors.floor_settings"}
WARM_UP_SECONDS = 3
PORTS = {DOORS: 18650, FLOOR: 18651}
SAME = ("size", "clients", "door")


def main() -> int:
    asked = _arguments()
    for size in [0] if asked.url else asked.sizes:
        with given(asked.url) if asked.url else made(size) as registry:
            rows = list(_measured(registry, asked))
        if asked.keep:
            results.keep("doors", rows, same=_same, seconds=asked.seconds, rounds=asked.rounds)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--url", help="A filled registry to measure, instead of making some.")
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8])
    parser.add_argument("--seconds", type=float, default=10, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=1, help="paired measurements, of which the medians are told")
    parser.add_argument("--doors", nargs="+", help="Only traffics whose name begins so.")
    parser.add_argument("--keep", action="store_true", help="Keep the figures for the report.")
    return parser.parse_args()


def _measured(registry: Registry, asked: argparse.Namespace) -> Iterator[dict[str, Any]]:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {registry.key()}"}
    with psycopg.connect(registry.url) as connection:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS benchmark_floor (id bigserial PRIMARY KEY, tenant_id bigint, body jsonb)"
        )
    with _server(DOORS, registry), _server(FLOOR, registry):
        for which in PORTS:
            _drive(which, "identify repeat", registry.size, headers, WARM_UP_SECONDS, 8, 90)
        yield from _rounds(registry, headers, asked)


def _server(which: str, registry: Registry) -> AbstractContextManager[Any]:
    environment = {**registry.environment, "DJANGO_SETTINGS_MODULE": MODULES[which]}
    return web_server(PORTS[which], environment=environment)


def _rounds(registry: Registry, headers: Mapping[str, str], asked: argparse.Namespace) -> Iterator[dict[str, Any]]:
    shop = _storefront(registry)
    names = [name for name in traffics(registry.size, 0) if not asked.doors or name.startswith(tuple(asked.doors))]
    seed = 1
    for clients in asked.clients:
        for name in names:
            paired = []
            for _ in range(asked.rounds):
                paired.append(_pair(registry, headers, name, clients, asked.seconds, seed))
                seed += 3 * clients
            hand = by_hand.rate(
                registry.url, name, size=registry.size, **shop, clients=clients, seconds=asked.seconds / 2
            )
            row = {"size": registry.size, "clients": clients, "door": name, **_median(paired), "by_hand": hand}
            print(_told(row), file=sys.stderr, flush=True)
            yield row


def _storefront(registry: Registry) -> dict[str, int]:
    with psycopg.connect(registry.url) as connection:
        row = connection.execute(
            "SELECT tenant_id, id FROM sources_sourcesystem WHERE name = 'storefront' ORDER BY id LIMIT 1"
        ).fetchone()
    assert row is not None  # noqa: S101 - every migrated registry has one
    return {"tenant": row[0], "shop": row[1]}


def _pair(
    registry: Registry, headers: Mapping[str, str], name: str, clients: int, seconds: float, seed: int
) -> dict[str, float]:
    """One measurement of a door between two of the floor."""
    size = registry.size
    before = _drive(FLOOR, "identify repeat", size, headers, seconds / 2, clients, seed)
    door = _drive(DOORS, name, size, headers, seconds, clients, seed + clients)
    after = _drive(FLOOR, "identify repeat", size, headers, seconds / 2, clients, seed + 2 * clients)
    floor = (before.rate + after.rate) / 2
    figures = {"p50": door.p50, "p95": door.p95, "p99": door.p99, "failed": door.failed}
    return {"rate": door.rate, "floor": floor, "of_floor": door.rate / floor, **figures}


def _median(paired: list[dict[str, float]]) -> dict[str, float]:
    return {name: round(median(pair[name] for pair in paired), 3) for name in paired[0]}


def _drive(
    which: str, name: str, size: int, headers: Mapping[str, str], seconds: float, clients: int, seed: int
) -> Measured:
    port = PORTS[which]
    return drive(port, headers, lambda number: traffics(size, seed + number)[name], clients=clients, seconds=seconds)


def _told(row: Mapping[str, Any]) -> str:
    return (
        f"{row['size']:>10,} customers {row['clients']} clients  {row['door']:<18} {row['rate']:7,.0f} a second, "
        f"{row['of_floor']:.2f} of the floor, by hand {row['by_hand']:,.0f}; "
        f"p50 {row['p50']:.1f} p95 {row['p95']:.1f} p99 {row['p99']:.1f} ms; failed {row['failed']:.0f}"
    )


def _same(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    return all(old[name] == new[name] for name in SAME)


if __name__ == "__main__":
    sys.exit(main())

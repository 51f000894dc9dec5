"""Sends a file of POST bodies to a running registry, over HTTP, as its source systems would.

    python benchmarks/post_file.py payloads.jsonl.gz --base-url http://127.0.0.1:8000

One JSON object a line, .gz or not. The sources the file names are registered first, with no required fields. Several
clients take the next line in turn, each on one connection that it keeps. Prints the status codes, the rate and the
latencies (milliseconds, percentiles); ends with 1 if any record was refused.
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

ACCEPTED = (200, 201)
KEPT_REFUSALS = 5
SECONDS_BETWEEN_LINES = 5.0


@dataclass(slots=True)
class Tally:
    """What came back so far: status codes, seconds each answer took, candidates opened, and the first refusals."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    candidates: int = 0
    refusals: list[str] = field(default_factory=list)

    def add(self, status: int, seconds: float, answer: bytes) -> None:
        self.statuses[status] += 1
        self.seconds.append(seconds)
        if status == http.client.CREATED and b'"candidates"' in answer:
            self.candidates += len(json.loads(answer).get("candidates") or ())
        if status not in ACCEPTED and len(self.refusals) < KEPT_REFUSALS:
            self.refusals.append(f"{status} {answer[:300].decode(errors='replace')}")

    @property
    def refused(self) -> int:
        return sum(count for status, count in self.statuses.items() if status not in ACCEPTED)


@dataclass(slots=True)
class Registry:
    """Where to send to, and as whom."""

    host: str
    headers: dict[str, str]

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(self.host, timeout=120)


def main() -> int:
    asked = _arguments()
    lines = _read(asked.file, limit=asked.limit)
    headers = {"Content-Type": "application/json", "x-user-id": "post_file"}
    if asked.api_key:
        headers["Authorization"] = f"Bearer {asked.api_key}"
    registry = Registry(urlsplit(asked.base_url).netloc, headers)
    _register({json.loads(line)["source_system"] for line in lines}, registry)
    begun = time.monotonic()
    tally = _send_all(lines, registry, clients=asked.clients)
    print("\n".join(_summary(tally, seconds=time.monotonic() - begun, clients=asked.clients)))
    return 1 if tally.refused else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--base-url", default="http://127.0.0.1:8000")
    parser.add_argument("--api-key", help="Needed where anonymous access is off.")
    parser.add_argument("--clients", type=int, default=6)
    parser.add_argument("--limit", type=int, help="Send the first so many lines only.")
    return parser.parse_args()


def _read(path: Path, *, limit: int | None) -> list[bytes]:
    with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
        return [line for line in file.read().splitlines() if line.strip()][:limit]


def _register(names: set[str], registry: Registry) -> None:
    connection = registry.connect()
    for name in sorted(names):
        status, answer = _post(connection, "/sources", {"name": name, "required_fields": []}, registry)
        if status not in (http.client.CREATED, http.client.CONFLICT):
            sys.exit(f"Source {name} was not registered: {status} {answer.decode(errors='replace')}")


def _post(connection: http.client.HTTPConnection, path: str, body: object, registry: Registry) -> tuple[int, bytes]:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    connection.request("POST", path, content, registry.headers)
    response = connection.getresponse()
    return response.status, response.read()


def _send_all(lines: list[bytes], registry: Registry, *, clients: int) -> Tally:
    tally, queue, lock = Tally(), iter(lines), threading.Lock()

    def client() -> None:
        connection = registry.connect()
        while (line := _next(queue, lock)) is not None:
            begun = time.perf_counter()
            status, answer = _post(connection, "/customers", line, registry)
            seconds = time.perf_counter() - begun
            with lock:
                tally.add(status, seconds, answer)

    threads = [threading.Thread(target=client, daemon=True) for _ in range(clients)]
    for thread in threads:
        thread.start()
    _watch(threads, tally, total=len(lines))
    if len(tally.seconds) < len(lines):
        sys.exit(f"A client gave up: {len(lines) - len(tally.seconds)} records were not answered.")
    return tally


def _next(queue: Iterator[bytes], lock: threading.Lock) -> bytes | None:
    with lock:
        return next(queue, None)


def _watch(threads: list[threading.Thread], tally: Tally, *, total: int) -> None:
    """Tells how far it is until all threads have ended."""
    before, told = 0, time.monotonic()
    while any(thread.is_alive() for thread in threads):
        for thread in threads:
            thread.join(timeout=SECONDS_BETWEEN_LINES / len(threads))
        done, now = len(tally.seconds), time.monotonic()
        if now - told >= SECONDS_BETWEEN_LINES:
            rate = (done - before) / (now - told)
            print(f"  {done:,} of {total:,} ({rate:,.0f} a second)", file=sys.stderr, flush=True)
            before, told = done, now


def _summary(tally: Tally, *, seconds: float, clients: int) -> Iterator[str]:
    count = len(tally.seconds)
    yield f"records      {count:>10,}   in {seconds:,.1f} s by {clients} clients: {count / seconds:,.0f} a second"
    for status, number in sorted(tally.statuses.items()):
        yield f"status {status}   {number:>10,}"
    yield f"refused      {tally.refused:>10,}"
    yield f"candidates   {tally.candidates:>10,}   in the answers"
    ordered = sorted(tally.seconds)
    marks = {"median": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}
    told = [f"{name} {ordered[min(int(count * share), count - 1)] * 1000:.1f}" for name, share in marks.items()]
    yield f"latency, ms  {', '.join(told)}" if count else "nothing was sent"
    yield from tally.refusals


if __name__ == "__main__":
    sys.exit(main())

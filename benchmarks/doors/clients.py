"""Closed-loop clients: each sends, waits for the answer, and sends again, on one connection that it keeps."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from benchmarks.doors.traffic import Traffic

TOO_LONG = 60


@dataclass(frozen=True, slots=True)
class Measured:
    """One run: answers a second, latencies in milliseconds, and how many answers were no 2xx."""

    rate: float
    p50: float
    p95: float
    p99: float
    failed: int


def drive(
    port: int, headers: Mapping[str, str], traffic_of: Callable[[int], Traffic], *, clients: int, seconds: float
) -> Measured:
    """Run `clients` clients for so many seconds; `traffic_of` gives each its own requests."""
    taken: list[list[float]] = [[] for _ in range(clients)]
    failed = [0] * clients
    start = threading.Barrier(clients + 1)

    def run(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TOO_LONG)
        traffic = traffic_of(number)
        start.wait()
        end = time.perf_counter() + seconds
        while (begun := time.perf_counter()) < end:
            path, body = next(traffic)
            connection.request("POST", path, body, dict(headers))
            answer = connection.getresponse()
            answer.read()
            taken[number].append(time.perf_counter() - begun)
            failed[number] += answer.status >= 300

    threads = [threading.Thread(target=run, args=(number,), daemon=True) for number in range(clients)]
    for thread in threads:
        thread.start()
    start.wait()
    begun = time.perf_counter()
    for thread in threads:
        thread.join()
    return _summed([second for own in taken for second in own], time.perf_counter() - begun, sum(failed))


def _summed(seconds: list[float], elapsed: float, failed: int) -> Measured:
    ordered = sorted(seconds)

    def at(share: float) -> float:
        return 1000 * ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0

    return Measured(len(ordered) / elapsed, at(0.50), at(0.95), at(0.99), failed)

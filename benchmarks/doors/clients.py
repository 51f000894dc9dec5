"""Closed-loop clients: each sends, waits for the answer, and sends again, on one connection that it keeps.

They share the processors with what they measure, so they do as little as HTTP allows: http.client takes several times
as long for an answer.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from benchmarks.doors.traffic import Traffic

HOST = "127.0.0.1"
TOO_LONG = 60
_AT_ONCE = 64 * 1024
_LENGTH = b"\r\ncontent-length:"


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
        connection = socket.create_connection((HOST, port), timeout=TOO_LONG)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        traffic, constant = traffic_of(number), _headers(port, headers)
        start.wait()
        end = time.perf_counter() + seconds
        while (begun := time.perf_counter()) < end:
            path, body = next(traffic)
            status = _post(connection, path, constant, body)
            taken[number].append(time.perf_counter() - begun)
            failed[number] += status >= 300

    threads = [threading.Thread(target=run, args=(number,), daemon=True) for number in range(clients)]
    for thread in threads:
        thread.start()
    start.wait()
    begun = time.perf_counter()
    for thread in threads:
        thread.join()
    return _summed([second for own in taken for second in own], time.perf_counter() - begun, sum(failed))


def _headers(port: int, headers: Mapping[str, str]) -> bytes:
    lines = [f"Host: {HOST}:{port}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join(lines).encode()


def _post(connection: socket.socket, path: str, headers: bytes, body: bytes) -> int:
    """The status of the answer, which is read whole. The service tells the length of each."""
    request = b"POST %s HTTP/1.1\r\n%s\r\nContent-Length: %d\r\n\r\n%s" % (path.encode(), headers, len(body), body)
    connection.sendall(request)
    answer = _received(connection)
    while (end := answer.find(b"\r\n\r\n")) < 0:
        answer += _received(connection)
    head = answer[:end].lower()
    length = int(head.split(_LENGTH, 1)[1].split(b"\r\n", 1)[0])
    missing = end + 4 + length - len(answer)
    while missing > 0:
        missing -= len(_received(connection))
    return int(head[9:12])


def _received(connection: socket.socket) -> bytes:
    received = connection.recv(_AT_ONCE)
    if not received:
        raise ConnectionError("The server closed the connection.")
    return received


def _summed(seconds: list[float], elapsed: float, failed: int) -> Measured:
    ordered = sorted(seconds)

    def at(share: float) -> float:
        return 1000 * ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0

    return Measured(len(ordered) / elapsed, at(0.50), at(0.95), at(0.99), failed)

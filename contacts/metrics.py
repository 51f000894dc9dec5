"""What is counted while the registry works, for `GET /metrics`. Labels are kinds of things, never somebody's values."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import Counter, Histogram

REQUESTS = Histogram(
    "registry_request_seconds",
    "Requests to the API: how many, and how long they took to answer.",
    ["address", "method", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
RESTARTS = Counter("registry_restarts", "Verbs begun again since another was faster, by why.", ["reason"])
CAPPED = Counter("registry_capped_reads", "Keys that led to more customers than are read, by kind of key.", ["kind"])


def kinds_of(keys: Iterable[str]) -> list[str]:
    """What kinds of keys these are; their values are somebody's."""
    return sorted({key.partition(":")[0] for key in keys})

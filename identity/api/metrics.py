"""`/metrics`: figures for Prometheus, in its text format."""

from __future__ import annotations

import os
from collections.abc import Iterable

from django.db import connection
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from identity.api.views import ApiView, Call

# Where the processes of one server keep what they count, so that any of them can tell of all.
SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
# Rows of one kind counted for a figure; so many mean so many or more.
COUNTED = 100_000

_WAITING = {
    "registry_pending_candidates": (
        "Candidates that wait for a decision.",
        "SELECT 1 FROM matching_candidatepair WHERE status = 'pending'",
    ),
    "registry_open_disputes": (
        "Reported wrong links that nobody has settled.",
        "SELECT 1 FROM review_feedback WHERE type = 'false_positive' AND NOT resolved",
    ),
    "registry_waiting_jobs": (
        "Background jobs that no worker has begun.",
        "SELECT 1 FROM procrastinate_jobs WHERE status = 'todo'",
    ),
    "registry_running_jobs": (
        "Background jobs that a worker is carrying out.",
        "SELECT 1 FROM procrastinate_jobs WHERE status = 'doing'",
    ),
}
SAMPLE = """# HELP registry_capped_reads_total Keys that led to more customers than are read, by kind of key.
# TYPE registry_capped_reads_total counter
registry_capped_reads_total{kind="ph"} 3.0
"""


class Waiting(Collector):
    """How much waits, counted when it is asked for."""

    def collect(self) -> Iterable[Metric]:
        with connection.cursor() as cursor:
            for name, (described, rows) in _WAITING.items():
                cursor.execute(f"SELECT count(*) FROM ({rows} LIMIT {COUNTED}) AS counted")
                yield GaugeMetricFamily(name, described, value=cursor.fetchone()[0])


class Metrics(ApiView):
    operators_only = True

    @extend_schema(
        operation_id="metrics",
        summary="Read figures for monitoring",
        description=(
            "Requests with their latencies, restarts of verbs, keys too frequent to be read whole, and how much waits"
            f" for people and workers (up to {COUNTED:,}), in Prometheus' text format; of all tenants, for operators."
        ),
        responses={(200, "text/plain"): OpenApiTypes.STR},
        examples=[OpenApiExample("figures", value=SAMPLE, response_only=True, media_type="text/plain")],
    )
    def get(self, request: Call) -> HttpResponse:
        told = generate_latest(_counted()) + generate_latest(_waiting())
        return HttpResponse(told, content_type=CONTENT_TYPE_LATEST)


def _counted() -> CollectorRegistry:
    """By all processes where they share a folder, else by this one."""
    if not os.environ.get(SHARED_FOLDER):
        return REGISTRY
    shared = CollectorRegistry()
    MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
    return shared


def _waiting() -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(Waiting())
    return registry

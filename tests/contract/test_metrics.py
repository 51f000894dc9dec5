"""`GET /metrics`: what operators watch; kinds and numbers, nobody's values."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError
from psycopg.errors import DeadlockDetected

from contacts.transactions import verb
from matching import search
from tests.contract.registry_caller import Registry
from tests.identity.api.callers import operator, with_key


@pytest.fixture
def registry(registry: Registry) -> Registry:
    return Registry(operator(), x_user_id="jane")


def figures(registry: Registry) -> dict[str, float]:
    answer = registry.get("/metrics")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain")
    lines = [line.rpartition(" ") for line in answer.content.decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in lines}


def risen(before: dict[str, float], after: dict[str, float], name: str) -> float:
    return after.get(name, 0) - before.get(name, 0)


def test_it_counts_requests_by_address_and_status(registry: Registry) -> None:
    before = figures(registry)
    registry.created()
    registry.get("/customers/none")
    registry("BREW", "/customers")
    after = figures(registry)
    for name in (
        'registry_request_seconds_count{address="Customers",method="POST",status="201"}',
        'registry_request_seconds_count{address="CustomerById",method="GET",status="404"}',
        'registry_request_seconds_count{address="Customers",method="other",status="405"}',
    ):
        assert risen(before, after, name) == 1, name


def test_it_counts_what_nobody_foresaw(registry: Registry, monkeypatch: Any) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("identity.api.registry.customers.page_of", broken)
    registry.client.raise_request_exception = False
    before = figures(registry)
    assert registry.get("/customers").status_code == 500
    failed = 'registry_request_seconds_count{address="Customers",method="GET",status="500"}'
    assert risen(before, figures(registry), failed) == 1


def test_it_counts_keys_too_frequent_to_be_read_whole(registry: Registry, monkeypatch: Any) -> None:
    monkeypatch.setattr(search, "CAP", 1)
    before = figures(registry)
    for first_name, last_name in (("Ada", "Zorn"), ("Bertrand", "Kulp"), ("Cyprian", "Mottram")):
        registry.created("CRM", first_name=first_name, last_name=last_name, address=None)
    answer = registry.submit("ERP", first_name="Odalys", address=None)
    assert answer["X-Match-Keys-Capped"] == "em, ph"
    after = figures(registry)
    assert risen(before, after, 'registry_capped_reads_total{kind="em"}') >= 1
    assert not any("@" in name or "867" in name for name in after)


def test_it_counts_verbs_begun_again(registry: Registry) -> None:
    before, attempts = figures(registry), iter([True, False])

    @verb
    def contended() -> None:
        if next(attempts):
            raise OperationalError from DeadlockDetected()

    contended()
    assert risen(before, figures(registry), 'registry_restarts_total{reason="DeadlockDetected"}') == 1


def test_it_tells_what_waits(registry: Registry) -> None:
    before = figures(registry)
    registry.near_miss()
    after = figures(registry)
    assert risen(before, after, "registry_pending_candidates") == 1
    assert {"registry_open_disputes", "registry_waiting_jobs", "registry_running_jobs"} <= set(after)


def test_it_is_for_operators(registry: Registry) -> None:
    assert with_key().get("/metrics").status_code == 403


def test_processes_that_share_a_folder_tell_of_each_other(
    registry: Registry, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    assert not any(name.startswith("registry_request") for name in figures(registry))

"""The queue: a job exists exactly when what asked for it was committed, and survives the worker it was given to."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued

from identity.tasks import retry_stalled
from imports import running
from imports.models import Import
from imports.resolving import Overtaken
from imports.steering import pause, start
from matching.lookups import LookupDefinition, create_lookup, remove_lookup
from matching.models import Lookup
from matching.tenants import open_tenant
from sources.models import DEFAULT_TENANT, Tenant
from tests.imports.files import body, ndjson, received
from tests.jobs import waiting
from tests.registry import live_customers

BOB = {"first_name": "Robert", "last_name": "Quigley", "email": "bob@example.org", "phone": "+12145550123"}
CONTENT = ndjson([body("1"), body("2", **BOB)])


@pytest.fixture
def tenant(transactional_db: None) -> Tenant:
    return Tenant.objects.filter(name=DEFAULT_TENANT).first() or open_tenant(DEFAULT_TENANT, by="system")


def work() -> None:
    """In a thread of its own: a browser that this process drove before leaves its event loop running in this one."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(_run_worker).result()


def _run_worker() -> None:
    try:
        call_command("run_worker", until_idle=True)
    finally:
        connections.close_all()


def import_jobs() -> int:
    return ProcrastinateJob.objects.filter(queue_name="imports").count()


def test_an_import_is_carried_out_by_a_worker(tenant: Tenant) -> None:
    begun = start(received(CONTENT).pk, tenant=tenant)
    assert begun.state == Import.State.QUEUED
    work()
    begun.refresh_from_db()
    assert begun.state == Import.State.DONE
    assert live_customers() == 2
    assert import_jobs() == 0


def test_there_is_no_job_where_what_asked_for_it_was_taken_back(tenant: Tenant) -> None:
    begun = received(CONTENT)
    with transaction.atomic():
        start(begun.pk, tenant=tenant)
        assert import_jobs() == 1
        transaction.set_rollback(True)
    assert import_jobs() == 0


def test_a_job_whose_worker_was_killed_is_begun_again(tenant: Tenant) -> None:
    begun = start(received(CONTENT).pk, tenant=tenant)
    with connection.cursor() as cursor:
        # As a worker leaves it that was killed: taken, and the worker silent for a minute.
        cursor.execute(
            "WITH gone AS (INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 minute')"
            " RETURNING id) UPDATE procrastinate_jobs SET status = 'doing', worker_id = gone.id FROM gone"
        )
    work()
    begun.refresh_from_db()
    assert begun.state == Import.State.QUEUED
    with suppress(AlreadyEnqueued):  # the worker itself has it done every minute
        retry_stalled.configure().defer(timestamp=0)
    work()
    work()
    begun.refresh_from_db()
    assert begun.state == Import.State.DONE


def test_the_job_of_an_import_that_another_process_is_at_waits_for_what_that_leaves_undone(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = start(received(CONTENT).pk, tenant=tenant)

    def overtaken(*_: Any, **__: Any) -> None:
        raise Overtaken

    with monkeypatch.context() as patched:
        patched.setattr(running, "resolve", overtaken)
        work()
    begun.refresh_from_db()
    assert begun.state == Import.State.RUNNING, "the other one is killed now"
    assert ProcrastinateJob.objects.filter(queue_name="imports", status="todo").count() == 1
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = now()")
    work()
    begun.refresh_from_db()
    assert begun.state == Import.State.DONE
    assert import_jobs() == 0


def test_the_job_of_an_import_that_was_stopped_is_over(tenant: Tenant) -> None:
    begun = start(received(CONTENT).pk, tenant=tenant)
    pause(begun.pk, tenant=tenant)
    work()
    assert import_jobs() == 0


def test_a_lookup_is_built_and_a_removed_one_cleared_by_a_worker(tenant: Tenant) -> None:
    lookup = create_lookup(LookupDefinition("ByTitle", ["Title"], "unique"), tenant=tenant, by="tester")
    assert lookup.state == Lookup.State.BUILDING
    work()
    lookup.refresh_from_db()
    assert lookup.state == Lookup.State.READY
    remove_lookup(lookup.pk, tenant=tenant, by="tester")
    work()
    assert not Lookup.objects.filter(pk=lookup.pk).exists()


def test_there_is_no_job_where_the_lookup_was_taken_back(tenant: Tenant) -> None:
    with transaction.atomic():
        create_lookup(LookupDefinition("ByTitle", ["Title"], "unique"), tenant=tenant, by="tester")
        assert waiting() == ["lookups.build"]
        transaction.set_rollback(True)
    assert waiting() == []

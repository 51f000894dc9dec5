"""`manage.py import_customers` as a process of its own, for tests to kill."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from time import monotonic, sleep

from django.db import connection
from psycopg.conninfo import make_conninfo

from imports.models import Import
from sources.models import Tenant

ROOT = Path(__file__).parents[2]
SECONDS = 60


def database_url() -> str:
    """The database of this test, for other processes."""
    parameters = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    here = {name: str(connection.settings_dict[setting]) for name, setting in parameters.items()}
    return make_conninfo("", **{name: value for name, value in here.items() if value})


def command(*words: str, url: str, chunk: int) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "identity.settings.test",
        "IMPORT_CHUNK_RECORDS": str(chunk),
        "IMPORT_PROCESSES": "2",
    }
    silent = subprocess.DEVNULL
    return subprocess.Popen(
        [sys.executable, "manage.py", *words], cwd=ROOT, env=environment, stdout=silent, stderr=silent
    )


@contextmanager
def importing(file: Path, tenant: Tenant, *, url: str = "", chunk: int = 10) -> Iterator[subprocess.Popen[bytes]]:
    words = ("import_customers", str(file), "--tenant", tenant.name)
    process = command(*words, url=url or database_url(), chunk=chunk)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def records_of(tenant: Tenant) -> int:
    """How many the tenant's only import that was begun has dealt with."""
    counted = Import.objects.of(tenant).exclude(started_at=None).values_list("records", flat=True)
    return sum(counted)


def until_more_than(records: int, tenant: Tenant, process: subprocess.Popen[bytes]) -> None:
    deadline = monotonic() + SECONDS
    while records_of(tenant) <= records:
        assert process.poll() is None, f"it ended by itself ({process.returncode}) after {records_of(tenant)} records"
        assert monotonic() < deadline, f"it stays at {records_of(tenant)} records"
        sleep(0.005)


def kill_in_the_middle(file: Path, tenant: Tenant, rng: Random) -> None:
    """Let it get on by a chunk at least, then kill it wherever it is."""
    before = records_of(tenant)
    with importing(file, tenant) as process:
        until_more_than(before, tenant, process)
        sleep(rng.random() / 20)

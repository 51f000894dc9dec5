"""A process that dies in the middle leaves whole transactions only, and saying everything again repairs the rest."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from random import Random
from time import sleep

import pytest
from django.db import connection
from psycopg.conninfo import make_conninfo

from contacts.models import Contact
from matching.models import CandidatePair
from matching.tenants import open_tenant
from sources.models import Tenant
from tests.concurrency.posting_process import records
from tests.properties.invariants import breaches
from tests.registry import post

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).parents[2]
RECORDS = 80
KILLS = 5


def posting(tenant: Tenant) -> subprocess.Popen[str]:
    parameters = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    here = {name: str(connection.settings_dict[setting]) for name, setting in parameters.items()}
    url = make_conninfo("", **{name: value for name, value in here.items() if value})
    environment = {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "identity.settings.test"}
    command = [sys.executable, "-m", "tests.concurrency.posting_process", tenant.name, str(RECORDS)]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


def kill_after(process: subprocess.Popen[str], posts: int, pause: float) -> None:
    assert process.stdout is not None
    with process.stdout as told:
        for _ in range(posts):
            told.readline()
        sleep(pause)
        process.kill()
    assert process.wait() != 0, "it was done before it could be killed"


def groups(tenant: Tenant) -> set[frozenset[str]]:
    held: dict[object, set[str]] = {}
    for contact in Contact.objects.of(tenant).live():
        held.setdefault(contact.customer_id, set()).add(contact.source_key or "")
    return {frozenset(keys) for keys in held.values()}


def candidates(tenant: Tenant) -> set[tuple[str, str]]:
    pairs = CandidatePair.objects.filter(tenant=tenant).select_related("contact", "against")
    return {(pair.contact.source_key or "", str(pair.against and pair.against.source_key)) for pair in pairs}


def test_posting_everything_again_after_kills_ends_as_if_nothing_had_happened(tenant: Tenant) -> None:
    rng = Random(11)
    for kill in range(KILLS):
        kill_after(posting(tenant), posts=1 + 12 * kill, pause=rng.random() / 30)
        assert breaches(tenant) == []
    with posting(tenant) as process:
        process.communicate(timeout=60)
    assert process.returncode == 0

    undisturbed = open_tenant("undisturbed", by="test")
    for record in records(RECORDS):
        post(**record, tenant=undisturbed)
    assert groups(tenant) == groups(undisturbed)
    # A record that is said again is compared with what has come since: that may propose more, and never less.
    assert candidates(tenant) >= candidates(undisturbed)
    assert breaches(tenant) == []

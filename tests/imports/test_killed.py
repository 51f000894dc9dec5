"""Killed at any moment, an import goes on where it was, and ends as if nothing had happened, row for row."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import pytest

from imports.models import Block, Import, RejectedRow
from matching.tenants import open_tenant
from sources.models import DEFAULT_TENANT, Tenant
from tests.imports.files import counts, ndjson
from tests.imports.importer import importing, kill_in_the_middle
from tests.imports.portrait import UUID, portrait
from tests.imports.test_importing import people
from tests.properties.invariants import breaches
from tests.properties.people import SOURCES
from tests.registry import source

pytestmark = pytest.mark.django_db(transaction=True)

# IMPORT_KILLS=20 takes some minutes.
KILLS = int(os.environ.get("IMPORT_KILLS") or 3)
RECORDS = 40 * (KILLS + 1)


def opened_tenant(name: str) -> Tenant:
    tenant = open_tenant(name, by="test")
    for system in SOURCES:
        source(system, tenant=tenant)
    return tenant


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """People with bad rows among them, some of them the same people again."""
    path = tmp_path / "people.ndjson"
    lines = ndjson(people(RECORDS)).splitlines(keepends=True)
    lines[17::31] = [b"no record\n" for _ in lines[17::31]]
    path.write_bytes(b"".join(lines))
    return path


def bookkeeping(tenant: Tenant) -> tuple[object, ...]:
    [done] = Import.objects.of(tenant).filter(state=Import.State.DONE)
    rows = RejectedRow.objects.filter(imported=done)
    rejected = [(row.line, row.raw, [UUID.sub("…", error) for error in row.errors]) for row in rows]
    return done.state, counts(done), done.lines, done.position, rejected


def test_an_importer_that_is_killed_again_and_again_ends_as_an_undisturbed_one(file: Path) -> None:
    if not Tenant.objects.filter(name=DEFAULT_TENANT).exists():
        open_tenant(DEFAULT_TENANT, by="test")
    disturbed, undisturbed, rng = opened_tenant("disturbed"), opened_tenant("undisturbed"), Random(7)
    for _ in range(KILLS):
        kill_in_the_middle(file, disturbed, rng)
        assert breaches(disturbed) == []
    for tenant in (disturbed, undisturbed):
        with importing(file, tenant) as process:
            assert process.wait(timeout=300) == 0
    assert bookkeeping(disturbed) == bookkeeping(undisturbed)
    told, expected = portrait(disturbed), portrait(undisturbed)
    for table, rows in expected.items():
        assert sorted({*told[table]} ^ {*rows}) == [], table
        assert told[table] == rows, table
    assert not Block.objects.exists()

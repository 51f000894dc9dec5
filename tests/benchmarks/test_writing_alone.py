"""Writing alone leaves the rows that the import left, and tells what each part of it took."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from benchmarks import report, results, writing_alone
from benchmarks.people_file import SOURCES, records
from matching.tenants import open_tenant
from sources.models import DEFAULT_TENANT, Tenant
from tests.imports.files import imported, ndjson
from tests.imports.importer import database_url
from tests.registry import source

CHUNK = 50
PARTS = [*writing_alone.TABLES, writing_alone.FOREIGN_KEYS, writing_alone.COMMITS]


def contents(url: str) -> dict[str, list[tuple[object, ...]]]:
    with psycopg.connect(url) as registry:
        return {
            table: registry.execute(f"SELECT row::text FROM {table} AS row ORDER BY 1").fetchall()
            for table in writing_alone.TABLES
        }


@pytest.mark.django_db(transaction=True)
def test_it_writes_the_very_rows_that_an_import_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "IMPORT_CHUNK_RECORDS", CHUNK)
    monkeypatch.setattr(writing_alone, "COPY", f"{connection.settings_dict['NAME']}_again")
    tenant = Tenant.objects.filter(name=DEFAULT_TENANT).first() or open_tenant(DEFAULT_TENANT, by="system")
    for name in SOURCES:
        source(name, tenant=tenant)
    url = database_url()
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's has one
    with writing_alone.emptied(url) as empty:
        imported(ndjson(list(records(4 * CHUNK))))
        written = writing_alone.write_again(url, into=empty, folder=tmp_path)
        left = contents(url)
        assert contents(empty) == left
    assert all(left.values())
    assert list(written.processor) == PARTS


def test_the_report_tells_both_floors_where_both_were_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    how = {"on": "2026-11-22", "machine": "a machine", "mebibytes": 200, "customers": 9, "waiting": 1}
    both = {"writing_seconds": 2.0, "of_writing": 5.0, "writing: contacts_customer": 0.5, "writing: commits": 0.25}
    rows = [
        {
            "records": 1000,
            "known": known,
            "floor_seconds": 1.0,
            "seconds": 10.0,
            "of_floor": 10.0,
            "rate": 100,
            **how,
            **more,
        }
        for known, more in ((0, both), (7, {}))
    ]
    monkeypatch.setattr(results, "kept", lambda benchmark: rows if benchmark == "bulk" else [])
    lines = report.bulk().splitlines()
    assert "| 0 | 1,000 | 1 | 2 | 10 | 10.0 | 5.0 | 100 | 200 | 9 | 1 |" in lines
    assert "| 7 | 1,000 | 1 | – | 10 | 10.0 | – | 100 | 200 | 9 | 1 |" in lines
    assert lines[-3:] == ["| contacts_customer | 500.0 |", "| commits | 250.0 |", "| all | 750.0 |"]

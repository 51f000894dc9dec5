"""`manage.py export_crosswalk` and `export_customers`."""

from __future__ import annotations

import gzip
import os
from dataclasses import replace
from io import StringIO
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pyarrow import parquet

from contacts.exports import formats
from tests.identity.api.callers import another_tenant
from tests.registry import post

pytestmark = pytest.mark.django_db


def exported(command: str, *arguments: Any) -> str:
    told = StringIO()
    call_command(command, *map(str, arguments), stderr=told)
    return told.getvalue()


def test_it_writes_the_form_that_the_ending_says(tmp_path: Path) -> None:
    known = post()
    for ending in ("csv", "csv.gz", "ndjson", "parquet", "txt"):
        assert "1 rows" in exported("export_crosswalk", tmp_path / f"crosswalk.{ending}")
    plain = (tmp_path / "crosswalk.csv").read_bytes()
    assert plain.decode() == f"source_system,source_key,customer_id\r\nCRM,1,{known.customer_id}\r\n"
    assert gzip.decompress((tmp_path / "crosswalk.csv.gz").read_bytes()) == plain
    assert (tmp_path / "crosswalk.txt").read_bytes() == plain
    assert (tmp_path / "crosswalk.ndjson").read_bytes().startswith(b'{"source_system":"CRM"')
    assert parquet.read_table(tmp_path / "crosswalk.parquet").column("source_key").to_pylist() == ["1"]


def test_it_exports_golden_records_of_the_tenant_named(tmp_path: Path) -> None:
    post()
    theirs = post(tenant=another_tenant())
    exported("export_customers", tmp_path / "customers.ndjson", "--tenant", "north")
    [line] = (tmp_path / "customers.ndjson").read_text().splitlines()
    assert str(theirs.customer_id) in line


def test_parquet_has_a_row_group_for_each_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for key in range(5):
        post(key=str(key))
    small = replace(formats.FORMATS["parquet"], rows_at_once=2)
    monkeypatch.setitem(formats.FORMATS, "parquet", small)
    exported("export_crosswalk", tmp_path / "crosswalk.parquet")
    stored = parquet.ParquetFile(tmp_path / "crosswalk.parquet")
    assert [stored.metadata.row_group(place).num_rows for place in range(stored.num_row_groups)] == [2, 2, 1]


def test_a_broken_export_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: Any) -> Any:
        yield b"half"
        raise RuntimeError

    file = tmp_path / "crosswalk.csv"
    file.write_text("yesterday's")
    monkeypatch.setitem(formats.FORMATS, "csv", replace(formats.FORMATS["csv"], write=breaks))
    with pytest.raises(RuntimeError):
        exported("export_crosswalk", file)
    assert (file.read_text(), [*tmp_path.iterdir()]) == ("yesterday's", [file])


def test_it_writes_into_a_pipe(tmp_path: Path) -> None:
    post()
    pipe, read = tmp_path / "pipe.csv", []
    os.mkfifo(pipe)
    reader = Thread(target=lambda: read.append(pipe.read_bytes()), daemon=True)
    reader.start()
    exported("export_crosswalk", pipe)
    reader.join(10)
    assert read[0].startswith(b"source_system")
    assert pipe.is_fifo()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["nowhere/crosswalk.csv"], "cannot be written: No such file"),
        (["crosswalk.parquet.gz"], "compressed inside"),
        (["crosswalk.csv", "--tenant", "south"], "Tenant not found"),
    ],
)
def test_it_says_what_it_cannot_do(arguments: list[str], complaint: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=complaint):
        exported("export_crosswalk", tmp_path / arguments[0], *arguments[1:])

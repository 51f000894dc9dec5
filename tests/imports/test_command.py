"""`manage.py import_customers`: where it writes what was not taken."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from imports.models import Import
from tests.imports.files import body, ndjson
from tests.registry import source

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path: Path) -> Path:
    source("CRM")
    path = tmp_path / "people.ndjson"
    path.write_bytes(ndjson([body("1"), body("2", email="nonsense")]))
    return path


def test_rejected_rows_are_written_beside_the_file(file: Path) -> None:
    out = StringIO()
    call_command("import_customers", str(file), stdout=out, stderr=StringIO())
    told = file.with_name("people.ndjson.rejected.ndjson")
    assert json.loads(told.read_text())["errors"] == ["email format is invalid"]
    assert str(told) in out.getvalue()


@pytest.mark.parametrize("place", ["nowhere/rejected.ndjson", "."])
def test_a_place_that_cannot_be_written_is_refused_before_anything_is_read(file: Path, place: str) -> None:
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("import_customers", str(file), rejected=file.parent / place)
    assert not Import.objects.exists()


def test_where_writing_fails_in_the_end_it_is_told_where_the_rows_are(file: Path) -> None:
    with pytest.raises(CommandError, match=r"No space left.*GET /imports/\d+/rejected has the rejected rows"):
        call_command("import_customers", str(file), rejected=Path("/dev/full"), stdout=StringIO(), stderr=StringIO())
    assert Import.objects.get().state == "done"

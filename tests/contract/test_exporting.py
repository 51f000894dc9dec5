"""`GET /exports/crosswalk` and `/exports/customers`: everything live, of this tenant, in four forms."""

from __future__ import annotations

import csv
import gzip
import io
import json
from dataclasses import replace
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from psycopg import ServerCursor
from pyarrow import ArrowInvalid, parquet

from contacts.exports.exporting import TookTooLong, export
from contacts.exports.formats import FORMATS
from contacts.exports.tables import CROSSWALK
from identity.api.registry import exports
from tests.contract.registry_caller import Registry
from tests.identity.api.callers import Api, another_tenant, with_key
from tests.registry import buy, default_tenant

FORMULA = '=HYPERLINK("http://example.org")'


def body(answer: Any) -> bytes:
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def table(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body(answer).decode("utf-8-sig"), newline="")))


def test_it_exports_which_customer_each_live_record_belongs_to(registry: Registry) -> None:
    first, second, _ = registry.near_miss()
    gone = registry.somebody_else(key="gone")
    registry.delete(f"/customers/{gone['id']}")
    registry.patch(f"/customers/{first['id']}", {"merge": second["id"]})
    answer = registry.get("/exports/crosswalk")
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="crosswalk.csv"'
    assert body(answer).decode() == (
        f"source_system,source_key,customer_id\r\nCRM,K-1,{first['id']}\r\nERP,K-2,{first['id']}\r\n"
    )


def test_a_record_without_a_key_is_exported_without_one(registry: Registry) -> None:
    known = buy(email="nobody@example.org")
    [row] = [json.loads(line) for line in body(registry.get("/exports/crosswalk?format=ndjson")).splitlines()]
    assert row == {"source_system": "storefront", "source_key": None, "customer_id": str(known.customer_id)}
    assert table(registry.get("/exports/crosswalk"))[0]["source_key"] == ""


def test_it_exports_golden_records(registry: Registry) -> None:
    registry.post("/contact-attributes", {"name": "born", "type": "date"})
    known = registry.created(attributes={"born": "1980-01-31"}, address=None)
    [row] = table(registry.get("/exports/customers"))
    assert row["customer_id"] == known["id"]
    assert (row["first_name"], row["phone"], row["street"]) == ("Sylvia", "+12148675309", "")
    assert json.loads(row["attributes"]) == {"born": "1980-01-31"}
    assert (row["version"], row["created_at"], row["updated_at"]) == ("1", known["created_at"], "")


def test_all_forms_say_the_same(registry: Registry) -> None:
    registry.near_miss()
    lines = [json.loads(line) for line in body(registry.get("/exports/customers?format=ndjson")).splitlines()]
    answer = registry.get("/exports/customers?format=parquet")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="customers.parquet"'
    stored = parquet.read_table(io.BytesIO(body(answer))).to_pylist()
    by_cell = table(registry.get("/exports/customers"))
    assert len(lines) == len(stored) == len(by_cell) == 2
    for line, row, cells in zip(lines, stored, by_cell, strict=True):
        assert line | {"attributes": None, "created_at": None} == row | {"attributes": None, "created_at": None}
        assert row["created_at"].isoformat().replace("+00:00", "Z") == line["created_at"] == cells["created_at"]
        assert cells == {name: _cell(value) for name, value in line.items()}


def _cell(value: Any) -> str:
    return "" if value is None else json.dumps(value) if isinstance(value, dict) else str(value)


def test_only_the_form_for_spreadsheets_changes_what_looks_like_a_formula(registry: Registry) -> None:
    registry.created(key="-1", last_name=FORMULA)
    exact, harmless = (registry.get(f"/exports/customers?format={form}") for form in ("csv", "spreadsheet"))
    [exact_row], [harmless_row] = table(exact), table(harmless)
    assert (exact_row["last_name"], exact_row["phone"]) == (FORMULA, "+12148675309")
    assert (harmless_row["last_name"], harmless_row["phone"]) == (f"'{FORMULA}", "'+12148675309")
    assert harmless_row["email"] == exact_row["email"]
    assert table(registry.get("/exports/crosswalk"))[0]["source_key"] == "-1"


@pytest.mark.parametrize("sign", list("=+-@\t\r\n＝＋－＠"))
def test_no_cell_of_a_spreadsheet_begins_with(sign: str) -> None:
    rows = b"".join(FORMATS["spreadsheet"].write(CROSSWALK.columns, [[(f"{sign}1+1", f"a{sign}", None)]]))
    [cells] = list(csv.reader(io.StringIO(rows.decode("utf-8-sig"), newline="")))[1:]
    assert cells == [f"'{sign}1+1", f"a{sign}", ""]


def test_it_is_compressed_where_asked(registry: Registry) -> None:
    registry.near_miss()
    plain = body(registry.get("/exports/crosswalk"))
    packed = registry.get("/exports/crosswalk", accept_encoding="br, gzip;q=0.8")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(body(packed)) == plain
    for unwilling in ("gzip;q=0", "gzip;q=0.0", "br", "identity, gzipped"):
        assert body(registry.get("/exports/crosswalk", accept_encoding=unwilling)) == plain
    assert body(registry.get("/exports/crosswalk?format=parquet", accept_encoding="gzip")).startswith(b"PAR1")


@pytest.mark.parametrize("name", ["crosswalk", "customers"])
def test_it_is_for_those_who_may_read_this_tenant(registry: Registry, name: str) -> None:
    registry.created()
    stranger = another_tenant()
    assert len(table(with_key("read").get(f"/exports/{name}"))) == 1
    assert table(with_key("read", tenant=stranger).get(f"/exports/{name}")) == []
    assert with_key("write").get(f"/exports/{name}").status_code == 403
    assert Api().get(f"/exports/{name}").status_code == 401
    answer = registry.get(f"/exports/{name}?format=xml")
    assert (answer.status_code, answer.json()) == (
        400,
        {"error": "format must be one of csv, spreadsheet, ndjson, parquet"},
    )


def test_an_empty_registry_is_a_file_too(registry: Registry) -> None:
    for form in FORMATS:
        whole = body(registry.get(f"/exports/customers?format={form}"))
        if form == "parquet":
            assert parquet.read_table(io.BytesIO(whole)).num_rows == 0
        else:
            assert whole.count(b"customer_id") == (0 if form == "ndjson" else 1)


def test_it_asks_for_nothing_more_than_its_headers(registry: Registry) -> None:
    registry.created()
    with CaptureQueriesContext(connection) as queries:
        answer = registry("HEAD", "/exports/crosswalk")
    assert (answer.status_code, list(answer.streaming_content)) == (200, [])
    assert not [query for query in queries if "contacts_contact" in query["sql"]]


def test_it_reads_no_more_than_a_batch_at_a_time(registry: Registry) -> None:
    for place in range(5):
        registry.created(key=f"k{place}", email=f"e{place}@example.org", phone=None, address=None)
    few = replace(FORMATS["csv"], rows_at_once=2)
    told: list[int] = []
    pieces = export(CROSSWALK, tenant=default_tenant(), form=few, told=told.append)
    assert next(pieces).startswith(b"source_system")
    assert (next(pieces).count(b"\n"), told) == (2, [2])
    assert (len(list(pieces)), told) == (2, [2, 2, 1])


def test_it_sees_one_moment_and_lets_it_go_when_its_reader_leaves(registry: Registry) -> None:
    known = [registry.created(key="1"), registry.somebody_else(key="2")]
    one = replace(FORMATS["csv"], rows_at_once=1)
    pieces = export(CROSSWALK, tenant=default_tenant(), form=one)
    header, first = next(pieces), next(pieces)
    registry.delete(f"/customers/{known[1]['id']}")
    assert known[1]["id"].encode() in next(pieces)
    pieces.close()
    assert (header[:6], known[0]["id"].encode() in first) == (b"source", True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_cursors")
        assert cursor.fetchone() == (0,)


def test_it_gives_up_on_a_reader_who_takes_too_long(registry: Registry) -> None:
    registry.near_miss()
    one = replace(FORMATS["csv"], rows_at_once=1)
    pieces = export(CROSSWALK, tenant=default_tenant(), form=one, seconds=-1)
    assert [next(pieces).count(b"\n") for _ in range(2)] == [1, 1]
    with pytest.raises(TookTooLong):
        next(pieces)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_nobody_takes_what_broke_off_for_the_whole(
    registry: Registry, monkeypatch: pytest.MonkeyPatch, form: str, encoding: str
) -> None:
    registry.near_miss()
    monkeypatch.setattr(exports, "MOST_SECONDS", -1)
    monkeypatch.setitem(FORMATS, form, replace(FORMATS[form], rows_at_once=1))
    answer = registry.get(f"/exports/crosswalk?format={form}", accept_encoding=encoding)
    whole = body(answer)
    text = gzip.decompress(whole) if answer.headers.get("Content-Encoding") else whole
    if form == "parquet":
        with pytest.raises(ArrowInvalid):
            parquet.read_table(io.BytesIO(text))
    elif form == "ndjson":
        with pytest.raises(ValueError, match="Expecting value"):
            [json.loads(line) for line in text.splitlines()]
    else:
        last = list(csv.reader(io.StringIO(text.decode(), newline="")))[-1]
        assert (len(last), last[0]) == (4, "the export broke off here and is not complete")


def test_a_busy_database_is_told_before_the_file_begins(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    def cannot(*_: Any) -> None:
        raise OperationalError("canceling statement due to statement timeout")

    monkeypatch.setattr(ServerCursor, "fetchmany", cannot)
    answer = registry.get("/exports/crosswalk")
    assert (answer.status_code, answer.json()) == (503, {"error": "The database is busy: try again"})

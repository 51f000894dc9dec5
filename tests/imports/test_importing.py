"""A file of records becomes customers, as if each record had been posted."""

from __future__ import annotations

import gzip
from random import Random
from typing import Any

import pytest

from contacts.models import Contact, Customer
from imports.errors import FileTooLarge, UnreadableFile
from imports.models import Block, Import, RejectedRow
from imports.options import Options
from imports.receiving import receive
from matching.identify import SourceKeyCollision
from matching.models import CandidatePair
from matching.tenants import open_tenant
from sources.models import Tenant
from tests.imports.files import body, counts, imported, in_pieces, ndjson, received
from tests.properties.people import SOURCES, somebody
from tests.registry import default_tenant, live_customers, post, source

pytestmark = pytest.mark.django_db

BOB = {"first_name": "Robert", "last_name": "Quigley", "email": "bob@example.org", "phone": "+12145550123"}


def rejected(done: Import) -> list[tuple[int, list[str]]]:
    return list(RejectedRow.objects.filter(imported=done).values_list("line", "errors"))


def test_it_creates_links_and_rejects_as_posting_would() -> None:
    done = imported(ndjson([body("1"), body("2"), body("3", **BOB), body("4", email="nonsense")]))
    assert done.state == Import.State.DONE
    assert counts(done) == {"records": 4, "created": 2, "linked": 1, "rejected": 1}
    assert live_customers() == 2
    assert rejected(done) == [(4, ["email format is invalid"])]


TWICE = b'{"source_system": "CRM", "source_key": "9", "email": "a@example.org", "email": "b@example.org"}\n'


def test_it_tells_every_reason_and_keeps_the_row_as_it_stands() -> None:
    line = b'{"source_system": "Nobody", "source_key": "1", "first_name": 1e999, "email": "x"}\n'
    done = imported(line + b"{not json}\n" + b'\xff{"first_name": "A\x00"}\n' + TWICE)
    assert rejected(done) == [
        (1, ["body contains a number that cannot be stored", "source_system 'Nobody' is not registered"]),
        (2, ["the line is not valid JSON"]),
        (3, ["the line is not valid JSON"]),
        (4, ["body names 'email' twice in one object"]),
    ]
    assert RejectedRow.objects.get(imported=done, line=2).raw == "{not json}"
    assert RejectedRow.objects.get(imported=done, line=3).raw == '\\xff{"first_name": "A\\x00"}'


def test_a_source_key_that_is_somebody_elses_is_rejected_with_its_reason() -> None:
    post(key="1")
    done = imported(ndjson([body("1", **BOB, address=None), body("2", **BOB)]))
    assert counts(done) == {"records": 2, "rejected": 1, "collisions": 1, "created": 1}
    [(line, [reason])] = rejected(done)
    assert line == 1
    assert reason.startswith("Source key collision: CRM has source_key '1' on customer ")


def test_importing_a_file_again_changes_nothing() -> None:
    content = ndjson([body("1"), body("2"), body("3", **BOB)])
    imported(content)
    before = list(Contact.objects.order_by("pk").values()), list(Customer.objects.order_by("pk").values())
    again = imported(content)
    assert counts(again) == {"records": 3, "found": 3}
    assert before == (list(Contact.objects.order_by("pk").values()), list(Customer.objects.order_by("pk").values()))


def test_records_that_name_no_source_are_the_named_ones() -> None:
    source("ERP")
    crm = source("CRM")
    done = imported(ndjson([body("1", source_system=None), body("2", of="ERP")]), source=crm)
    assert counts(done)["records"] == 2
    assert set(Contact.objects.values_list("source__name", flat=True)) == {"CRM", "ERP"}


def test_a_key_bound_to_a_source_imports_records_of_that_source_only() -> None:
    source("ERP")
    done = imported(ndjson([body("1"), body("2", of="ERP")]), only_source=source("CRM"))
    assert rejected(done) == [(2, ["This API key may only submit for the source it is bound to"])]


@pytest.mark.parametrize("piece", [1, 3, 70_000])
@pytest.mark.parametrize("packed", [False, True])
def test_it_takes_gzip_and_a_byte_order_mark_in_pieces_of_any_size(piece: int, packed: bool) -> None:
    plain = b"\xef\xbb\xbf" + b"\n\n" + ndjson([body("1"), body("2", **BOB)]).rstrip() + b"\r\n\n"
    half = len(plain) // 2
    content = gzip.compress(plain[:half]) + gzip.compress(plain[half:]) if packed else plain
    source("CRM")
    waiting = receive(in_pieces(content, piece), Options(), name="p", tenant=default_tenant(), by="tester")
    assert waiting.size == len(plain)
    assert waiting.format == Import.Format.NDJSON


def test_lines_are_counted_as_they_stand_in_the_file() -> None:
    done = imported(b"\n\n" + ndjson([body("1")]) + b"\n" + b"oops\n")
    assert rejected(done) == [(5, ["the line is not valid JSON"])]


@pytest.mark.parametrize(
    ("content", "options", "error"),
    [
        (b"", {}, "the file holds no records"),
        (b"\n \n", {}, "no column is a field of a record"),
        (b"[1]", {}, "the file must hold one JSON object on each line, not an array"),
        ("a".encode("utf-16"), {}, "the file must be UTF-8"),
        (gzip.compress(b"x" * 100_000)[:-12], {}, "the gzip file ends in the middle"),
        (b"\x1f\x8bnonsense", {}, "the gzip file is damaged"),
        (b"{}", {"mapping": {"a": "email"}}, "a mapping is for CSV: records of NDJSON name their fields themselves"),
        (b"mail,key\n", {"mapping": {"post": "email"}}, "column 'post' is not in the file"),
        (b"mail,key\n", {"mapping": {"mail": "shoe"}}, "'shoe' is not a field"),
    ],
)
def test_a_file_that_is_none_leaves_nothing(content: bytes, options: dict[str, Any], error: str) -> None:
    with pytest.raises(UnreadableFile) as refusal:
        received(content, "file", **options)
    assert error in refusal.value.errors
    assert not Import.objects.exists()
    assert not Block.objects.exists()


def test_a_file_that_unpacks_to_too_much_leaves_nothing(settings: Any) -> None:
    settings.IMPORT_MAX_BYTES = 3_000_000
    with pytest.raises(FileTooLarge):
        received(gzip.compress(b"x" * 3_000_001))
    assert not Block.objects.exists()


def test_a_line_that_is_too_long_is_one_rejected_row() -> None:
    done = imported(ndjson([body("1")]) + b'{"a": "' + b"x" * 3_000_000 + b'"}\n' + ndjson([body("2", **BOB)]))
    assert rejected(done) == [(2, ["the line is longer than 1,048,576 bytes"])]
    assert counts(done)["created"] == 2


def test_the_file_is_gone_when_the_import_is_done() -> None:
    done = imported(ndjson([body("1")]))
    assert not Block.objects.filter(imported=done).exists()
    assert done.position == done.size


def test_a_dry_run_counts_and_writes_nothing() -> None:
    post(key="0")
    done = imported(ndjson([body("1"), body("2", **BOB), body("3", email="nonsense")]), dry_run=True)
    assert counts(done) == {"records": 3, "linked": 1, "created": 1, "rejected": 1}
    assert rejected(done) == [(3, ["email format is invalid"])]
    assert Contact.objects.count() == 1


def groups(tenant: Tenant) -> set[frozenset[tuple[str, str]]]:
    held: dict[object, set[tuple[str, str]]] = {}
    for contact in Contact.objects.of(tenant).live().select_related("source"):
        held.setdefault(contact.customer_id, set()).add((contact.source.name, contact.source_key or ""))
    return {frozenset(keys) for keys in held.values()}


def opened(tenant: Tenant) -> set[tuple[str, str, float]]:
    pairs = CandidatePair.objects.filter(tenant=tenant).select_related("contact", "against")
    return {(p.contact.source_key or "", str(p.against and p.against.source_key), float(p.confidence)) for p in pairs}


def people(number: int) -> list[dict[str, Any]]:
    rng = Random(5)
    return [
        {**somebody(rng), "source_system": rng.choice(SOURCES), "source_key": str(rng.randrange(number * 3 // 4))}
        for _ in range(number)
    ]


def test_it_ends_as_posting_one_by_one_in_the_same_order(settings: Any) -> None:
    settings.IMPORT_CHUNK_RECORDS = 40
    records, posted, bulk = people(150), open_tenant("posted", by="test"), open_tenant("bulk", by="test")
    for name in SOURCES:
        source(name, tenant=posted)
        source(name, tenant=bulk)

    refused = []
    for number, record in enumerate(records, start=1):
        try:
            post(record, to=record["source_system"], key=record["source_key"], tenant=posted)
        except SourceKeyCollision:
            refused.append(number)
    done = imported(ndjson(records), tenant=bulk)
    assert [line for line, _ in rejected(done)] == refused
    assert groups(bulk) == groups(posted)
    assert opened(bulk) == opened(posted)

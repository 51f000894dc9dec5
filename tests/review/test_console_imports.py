"""Files of records in the console: uploaded, mapped, tried dry, let in, held, and what was rejected."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from contacts.models import Contact, Customer
from imports.models import Import
from imports.running import carry_out
from sources.models import Tenant
from tests.identity.api.callers import another_tenant
from tests.registry import SYLVIA, live_customers, source
from tests.review.console_callers import admin, nobody, steward, text_of
from tests.review.desk import near_miss

pytestmark = pytest.mark.django_db

HEADER = "Vorname,last_name,E-Mail,id,note"
ROWS = (
    "Sylvia,Abernathy,sylvia@example.org,1,a",
    "Odalys,Quist,odalys@example.net,2,b",
    ",Nameless,nobody,3,c",
    "Too,few",
)


def file(*rows: str, name: str = "people.csv", header: str = HEADER) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, "\n".join([header, *(rows or ROWS)]).encode())


def uploaded(client: Client, upload: SimpleUploadedFile | None = None, **fields: Any) -> Import:
    answer = client.post(
        "/console/imports/new", {"file": upload or file(), "source": "CRM", "format": "", **fields}, follow=True
    )
    assert answer.status_code == 200, text_of(answer)
    return Import.objects.latest("pk")


def said(client: Client, imported: Import) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text_of(client.get(f"/console/imports/{imported.pk}"))))


def press(client: Client, imported: Import, do: str, **fields: Any) -> Any:
    form = {"format": "csv", "source": "CRM", "column-0": "first_name", "do": do, **fields}
    return client.post(f"/console/imports/{imported.pk}/begin", form, follow=True)


@pytest.fixture
def boss(db: None) -> Client:
    source("CRM")
    return admin()


def test_only_administrators_enter(boss: Client) -> None:
    imported = uploaded(boss)
    pages = [reverse("console:imports"), reverse("console:imports-new"), f"/console/imports/{imported.pk}"]
    pages += [f"{pages[2]}/{rest}" for rest in ("progress", "rejected", "rejected.csv")]
    for client in (steward(source("CRM")), nobody()):
        assert {client.get(address).status_code for address in pages} == {403}
        assert press(client, imported, "import").status_code == 403
        assert client.post(f"{pages[2]}/cancel").status_code == 403
    assert Client().get(pages[0]).status_code == 302
    theirs = admin("other", tenant=another_tenant())
    assert {theirs.get(address).status_code for address in pages[2:]} == {404}
    assert theirs.post(f"{pages[2]}/cancel").status_code == 404
    imported.refresh_from_db()
    assert (imported.state, "Imports" in text_of(steward(name="sue").get("/console/"))) == ("ready", False)


def test_an_empty_list_tells_how_one_begins(boss: Client) -> None:
    answer = text_of(boss.get("/console/imports"))
    assert "No imports yet" in answer
    assert reverse("console:imports-new") in answer


def test_it_shows_how_a_file_is_read_before_anything_is_let_in(boss: Client) -> None:
    imported = uploaded(boss)
    told = said(boss, imported)
    assert (imported.format, imported.name, live_customers()) == ("csv", "people.csv", 0)
    assert "Vorname" in told
    assert "first_name" not in told
    assert "Quist" in told
    assert "would be rejected" in told
    assert dict(imported.columns or [])["E-Mail"] == "email"


def test_a_file_in_another_encoding_is_shown_as_far_as_it_can_be_read(boss: Client) -> None:
    latin = "\n".join((HEADER, "José,Quist,jose@example.net,1,a")).encode("latin-1")
    told = said(boss, uploaded(boss, SimpleUploadedFile("people.csv", latin)))
    assert "Jos\\xe9" in told
    assert "would be rejected" in told


def test_no_column_need_be_known_by_its_name(boss: Client) -> None:
    imported = uploaded(boss, file("1,Ada", header="Nr,Vorname"))
    refused = press(boss, imported, "import", **{"column-0": "", "column-1": ""})
    assert refused.status_code == 400
    assert "no column is a field of a record" in text_of(refused)
    press(boss, imported, "look", **{"column-0": "source_key", "column-1": "first_name"})
    imported.refresh_from_db()
    assert imported.columns == [["Nr", "source_key"], ["Vorname", "first_name"]]
    assert "Ada" in said(boss, imported)


def test_two_columns_cannot_be_one_field(boss: Client) -> None:
    imported = uploaded(boss)
    refused = press(boss, imported, "import", **{"column-1": "first_name"})
    assert refused.status_code == 400
    assert "more than one column is mapped to first_name" in text_of(refused)
    imported.refresh_from_db()
    assert imported.state == "ready"


def test_a_dry_run_writes_nothing_and_can_be_followed(boss: Client) -> None:
    imported = uploaded(boss)
    press(boss, imported, "try")
    carry_out(imported.pk)
    told = said(boss, imported)
    assert "Created 2" in told
    assert "Import for real" in told
    assert live_customers() == 0
    boss.post(f"/console/imports/{imported.pk}/start")
    carry_out(imported.pk)
    assert (live_customers(), "Created 2" in said(boss, imported)) == (2, True)
    assert {each.added_by for each in Contact.objects.all()} == {"boss"}


def test_a_file_can_be_read_another_way_after_a_dry_run(boss: Client) -> None:
    imported = uploaded(boss)
    press(boss, imported, "try", **{"column-2": ""})
    carry_out(imported.pk)
    boss.post(f"/console/imports/{imported.pk}/read-anew")
    imported.refresh_from_db()
    assert (imported.state, imported.records, dict(imported.columns or [])["E-Mail"]) == ("ready", 0, None)
    press(boss, imported, "import", **{"column-2": "email"})
    carry_out(imported.pk)
    assert sorted(Customer.objects.values_list("email", flat=True)) == ["odalys@example.net", "sylvia@example.org"]


def test_rejected_rows_are_told_with_every_reason_and_can_be_had(boss: Client) -> None:
    imported = uploaded(boss)
    press(boss, imported, "import")
    carry_out(imported.pk)
    told = said(boss, imported)
    assert "2 of 4" in told
    assert "email format is invalid" in told
    assert "the row has 2 columns, the header has 5" in told
    page = text_of(boss.get(f"/console/imports/{imported.pk}/rejected"))
    assert "Nameless,nobody" in page
    lines = list(csv.DictReader(io.StringIO(_download(boss, imported, "csv"))))
    assert [line["line"] for line in lines] == ["4", "5"]
    assert json.loads(_download(boss, imported, "ndjson").splitlines()[1])["raw"] == "Too,few"
    assert boss.get(f"/console/imports/{imported.pk}/rejected.xml").status_code == 404


def test_no_rejected_row_is_a_formula_of_a_spreadsheet(boss: Client) -> None:
    imported = uploaded(boss, file('=HYPERLINK("http://example.org")'))
    press(boss, imported, "import")
    carry_out(imported.pk)
    [line] = csv.DictReader(io.StringIO(_download(boss, imported, "csv")))
    assert line["raw"].startswith("'=HYPERLINK(")
    assert json.loads(_download(boss, imported, "ndjson"))["raw"].startswith("=HYPERLINK(")


def _download(client: Client, imported: Import, form: str) -> str:
    answer: Any = client.get(f"/console/imports/{imported.pk}/rejected.{form}")
    assert f"import-{imported.pk}-rejected.{form}" in answer["Content-Disposition"]
    return b"".join(answer.streaming_content).decode()


def test_many_rejected_rows_come_in_pages(boss: Client) -> None:
    imported = uploaded(boss, file(*(f",,wrong,{place}," for place in range(150))))
    press(boss, imported, "import")
    carry_out(imported.pk)
    assert "150 email format is invalid" in said(boss, imported)
    first = text_of(boss.get(f"/console/imports/{imported.pk}/rejected"))
    assert first.count("<tr>") == 101
    [following] = re.findall(r'href="(\?after=\d+)"', first)
    second = text_of(boss.get(f"/console/imports/{imported.pk}/rejected{following}"))
    assert (second.count("<tr>"), "Next page" in second) == (51, False)


def test_what_was_left_for_review_is_a_part_of_the_queue(boss: Client) -> None:
    near_miss(0)
    record = {**SYLVIA, "source_system": "CRM"}
    lines = [{**record, "source_key": "1"}, {**record, "source_key": "2", "email": "another@example.com"}]
    upload = SimpleUploadedFile("people.ndjson", "\n".join(map(json.dumps, lines)).encode())
    imported = uploaded(boss, upload)
    press(boss, imported, "import", format="ndjson")
    carry_out(imported.pk)
    assert f"{reverse('console:queue')}?imported={imported.pk}" in text_of(boss.get(f"/console/imports/{imported.pk}"))
    listed = [text_of(boss.get(f"/console/{query}")).count("data-row") for query in ("", f"?imported={imported.pk}")]
    assert listed == [2, 1]
    assert "data-row" not in text_of(boss.get("/console/?imported=999"))


def test_it_is_held_goes_on_and_is_given_up(boss: Client) -> None:
    imported = uploaded(boss)
    press(boss, imported, "import")
    for verb, state in (("pause", "paused"), ("resume", "queued"), ("cancel", "cancelled")):
        boss.post(f"/console/imports/{imported.pk}/{verb}")
        imported.refresh_from_db()
        assert imported.state == state
    refused = boss.post(f"/console/imports/{imported.pk}/resume")
    assert (refused.status_code, "cancelled cannot be resumed" in text_of(refused)) == (409, True)
    assert boss.post(f"/console/imports/{imported.pk}/explode").status_code == 404


def test_the_top_bar_tells_that_one_is_under_way(boss: Client) -> None:
    assert "Importing" not in text_of(boss.get("/console/counts"))
    imported = uploaded(boss)
    press(boss, imported, "import")
    assert "Importing <b>1</b>" in text_of(boss.get("/console/counts"))
    assert "Importing" not in text_of(steward(name="sue").get("/console/counts"))


def test_figures_move_and_the_page_follows_the_state(boss: Client) -> None:
    imported = uploaded(boss)
    press(boss, imported, "import")
    address = f"/console/imports/{imported.pk}/progress?state="
    still = boss.get(f"{address}queued")
    assert (still.headers.get("HX-Retarget"), "every 2s" in text_of(still), "<h1" in text_of(still)) == (
        None,
        True,
        False,
    )
    carry_out(imported.pk)
    done = boss.get(f"{address}queued")
    assert (done.headers["HX-Retarget"], "every 2s" in text_of(done), "<h1" in text_of(done)) == ("#main", False, True)


@pytest.mark.parametrize(
    ("upload", "complaint"),
    [
        (None, "No file was chosen"),
        (SimpleUploadedFile("people.csv", b""), "holds no records"),
        (SimpleUploadedFile("people.csv.gz", b"\x1f\x8bbroken"), "gzip"),
        (SimpleUploadedFile("people.ndjson", b"[]"), "not an array"),
        (SimpleUploadedFile("people.csv", "a,b\n1,2".encode("utf-16")), "must be UTF-8"),
    ],
)
def test_a_file_of_no_records_is_refused_and_leaves_nothing(boss: Client, upload: Any, complaint: str) -> None:
    answer = boss.post("/console/imports/new", {"file": upload} if upload else {})
    assert (answer.status_code, complaint in text_of(answer)) == (400, True), text_of(answer)
    assert not Import.objects.exists()


def test_what_a_file_says_is_never_markup(boss: Client) -> None:
    imported = uploaded(boss, file("<b>x</b>,<i>,a,1,", name="<u>.csv"))
    press(boss, imported, "import")
    carry_out(imported.pk)
    for address in ("", "/rejected"):
        told = text_of(boss.get(f"/console/imports/{imported.pk}{address}"))
        assert not re.search("<b>x|<i>|<u>", told)
        assert "&lt;b&gt;x" in told


def test_long_lists_come_in_pages(boss: Client) -> None:
    tenant = Tenant.objects.get(name="default")
    Import.objects.bulk_create(Import(tenant=tenant, name=f"f{n}", by="x", state="done") for n in range(60))
    first = text_of(boss.get("/console/imports"))
    [older] = re.findall(r'href="(\?before=\d+)"', first)
    assert (first.count("data-row"), text_of(boss.get(f"/console/imports{older}")).count("data-row")) == (50, 10)


def test_an_administrator_finds_the_exports(boss: Client) -> None:
    for address in ("/console/customers", "/console/imports"):
        told = text_of(boss.get(address))
        assert f"{reverse('export-customers')}?format=spreadsheet" in told
        assert f'{reverse("export-crosswalk")}"' in told
    assert boss.get("/exports/customers?format=spreadsheet").status_code == 200
    assert reverse("export-crosswalk") not in text_of(steward(name="sue").get("/console/customers"))

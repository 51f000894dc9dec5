"""`/imports`: received at once, carried out in the background, told of while it goes on."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from imports.models import Block, Import
from imports.running import carry_out
from matching.tenants import open_tenant
from sources.keys import issue
from sources.models import Tenant
from tests.imports.files import body, ndjson
from tests.registry import default_tenant, live_customers, source

pytestmark = pytest.mark.django_db

BOB = {"first_name": "Robert", "last_name": "Quigley", "email": "bob@example.org", "phone": "+12145550123"}
CONTENT = ndjson([body("1"), body("2", **BOB), body("3", email="nonsense")])


class Caller:
    """A program with a key of its own."""

    def __init__(self, tenant: Tenant, *scopes: str, bound_to: Any = None) -> None:
        key = issue(name="test", scopes=list(scopes), tenant=tenant, source=bound_to, by="test").secret
        self._client = Client(HTTP_AUTHORIZATION=f"Bearer {key}", HTTP_X_USER_ID="jane")

    def send(self, content: bytes, kind: str = "application/x-ndjson", query: str = "", **headers: Any) -> Any:
        return self._client.post(f"/imports{query}", content, content_type=kind, **headers)

    def post(self, address: str) -> Any:
        return self._client.post(address)

    def get(self, address: str) -> Any:
        return self._client.get(address)

    def form(self, fields: dict[str, Any]) -> Any:
        return self._client.post("/imports", fields)


@pytest.fixture
def caller() -> Caller:
    source("CRM")
    return Caller(default_tenant(), "read", "write")


def test_it_is_received_queued_and_told_of(caller: Caller) -> None:
    answer = caller.send(CONTENT, query="?name=crm.ndjson")
    assert answer.status_code == 202
    told = answer.json()
    assert answer["Location"] == f"/imports/{told['id']}"
    assert (told["state"], told["name"], told["created_by"], told["size"]) == (
        "queued",
        "crm.ndjson",
        "jane",
        len(CONTENT),
    )
    assert ProcrastinateJob.objects.filter(queue_name="imports").count() == 1
    carry_out(told["id"])
    done = caller.get(answer["Location"]).json()
    assert (done["state"], done["records"], done["created"], done["rejected"]) == ("done", 3, 2, 1)
    assert done["progress"] == 1.0
    assert caller.get("/imports?state=done").json()[0] == done
    assert caller.get("/imports?state=paused").json() == []


def test_rejected_rows_are_downloaded_with_their_reasons(caller: Caller) -> None:
    told = caller.send(CONTENT).json()
    carry_out(told["id"])
    [row] = [json.loads(line) for line in caller.get(f"/imports/{told['id']}/rejected").getvalue().splitlines()]
    assert (row["line"], row["errors"]) == (3, ["email format is invalid"])
    assert json.loads(row["raw"])["source_key"] == "3"
    table = caller.get(f"/imports/{told['id']}/rejected?format=csv")
    assert table["Content-Type"] == "text/csv"
    assert table.getvalue().decode().splitlines()[0] == "line,errors,raw"


def test_a_csv_with_a_mapping_is_checked_first_and_started_later(caller: Caller) -> None:
    content = b"who,id,mail\nAbernathy,1,s@example.org\n"
    answer = caller.send(content, "text/csv", "?start=false&source=CRM&map=who=last_name&dry_run=true")
    assert answer.status_code == 201
    told = answer.json()
    assert (told["state"], told["dry_run"], told["source"]) == ("ready", True, "CRM")
    assert told["columns"] == [
        {"name": "who", "field": "last_name"},
        {"name": "id", "field": "source_key"},
        {"name": "mail", "field": None},
    ]
    assert caller.post(f"{answer['Location']}/start").json()["state"] == "queued"
    carry_out(told["id"])
    assert live_customers() == 0
    assert caller.post(f"{answer['Location']}/start").json()["dry_run"] is False
    carry_out(told["id"])
    assert live_customers() == 1


def test_it_is_steered(caller: Caller) -> None:
    address = caller.send(CONTENT)["Location"]
    assert caller.post(f"{address}/pause").json()["state"] == "paused"
    assert caller.post(f"{address}/pause").status_code == 409
    assert caller.post(f"{address}/resume").json()["state"] == "queued"
    assert caller.post(f"{address}/cancel").json()["state"] == "cancelled"
    refused = caller.post(f"{address}/start")
    assert (refused.status_code, refused.json()) == (409, {"error": "An import that is cancelled cannot be started"})


def test_gzip_is_taken_with_and_without_being_announced(caller: Caller) -> None:
    packed = gzip.compress(CONTENT)
    for answer in (caller.send(packed, HTTP_CONTENT_ENCODING="gzip"), caller.send(packed, "application/gzip")):
        assert answer.status_code == 202
        assert answer.json()["size"] == len(CONTENT)
    assert caller.send(packed, HTTP_CONTENT_ENCODING="br").status_code == 415


def test_a_form_holds_a_file_and_options(caller: Caller, tmp_path: Any) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(b"who,id\nAbernathy,1\n")
    with path.open("rb") as file:
        answer = caller.form({"file": file, "source": "CRM", "map": "who=last_name", "start": "false"})
    assert answer.status_code == 201, answer.content
    assert answer.json()["name"] == "people.csv"
    assert answer.json()["columns"][0]["field"] == "last_name"
    assert caller.form({"source": "CRM"}).json() == {"errors": ["the form must hold a file"]}


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("?source=Nobody", "source 'Nobody' is not registered"),
        ("?format=xml", "format must be one of ndjson, csv"),
        ("?dry_run=yes", "dry_run must be true or false"),
        ("?start=later", "start must be true or false"),
        ("?map=who", "map must be COLUMN=FIELD, not 'who'"),
        ("?map=who=email", "a mapping is for CSV: records of NDJSON name their fields themselves"),
    ],
)
def test_what_cannot_be_done_is_told_and_nothing_is_kept(caller: Caller, query: str, error: str) -> None:
    answer = caller.send(CONTENT, query=query)
    assert (answer.status_code, answer.json()) == (400, {"errors": [error]})
    assert not Import.objects.exists()
    assert not Block.objects.exists()


def test_a_file_beyond_the_limit_is_refused(caller: Caller, settings: Any) -> None:
    settings.IMPORT_MAX_BYTES = 3_000_000
    answer = caller.send(gzip.compress(b"{}\n" * 1_000_001))
    assert (answer.status_code, answer.json()) == (413, {"error": "The file is larger than 3,000,000 bytes unpacked"})
    assert not Block.objects.exists()


def test_a_file_far_above_the_limit_of_other_bodies_is_taken(caller: Caller) -> None:
    answer = caller.send(CONTENT * 20_000)
    assert answer.status_code == 202
    assert answer.json()["size"] > 10 * 1024 * 1024


def test_a_request_that_is_sent_again_is_answered_again(caller: Caller) -> None:
    first = caller.send(CONTENT, HTTP_IDEMPOTENCY_KEY="once")
    again = caller.send(CONTENT, HTTP_IDEMPOTENCY_KEY="once")
    assert again.json() == first.json()
    assert again["Idempotency-Replayed"] == "true"
    assert caller.send(CONTENT + CONTENT, HTTP_IDEMPOTENCY_KEY="once").status_code == 422
    assert [each["id"] for each in caller.get("/imports").json()] == [first.json()["id"]]
    assert set(Block.objects.values_list("imported", flat=True)) == {first.json()["id"]}


def test_a_file_that_waits_is_kept_once_however_often_it_is_sent(caller: Caller) -> None:
    first, again = (caller.send(CONTENT, query="?start=false", HTTP_IDEMPOTENCY_KEY="once") for _ in range(2))
    assert again.json() == first.json()
    assert [each["id"] for each in caller.get("/imports").json()] == [first.json()["id"]]
    assert caller.post(f"{first['Location']}/start").json()["state"] == "queued"


def test_a_key_of_one_source_imports_for_that_source(caller: Caller) -> None:
    source("ERP")
    bound = Caller(default_tenant(), "read", "write", bound_to=source("CRM"))
    assert bound.send(CONTENT, query="?source=ERP").status_code == 403
    told = bound.send(ndjson([body("1", source_system=None), body("2", of="ERP")])).json()
    carry_out(told["id"])
    done = bound.get(f"/imports/{told['id']}").json()
    assert (done["created"], done["rejected"]) == (1, 1)


def test_who_may_only_read_may_not_import(caller: Caller) -> None:
    told = caller.send(CONTENT).json()
    reader = Caller(default_tenant(), "read")
    assert reader.get(f"/imports/{told['id']}").status_code == 200
    assert reader.send(CONTENT).status_code == 403
    assert reader.post(f"/imports/{told['id']}/cancel").status_code == 403
    assert Import.objects.count() == 1


def test_another_tenants_import_is_not_there(caller: Caller) -> None:
    told = caller.send(CONTENT).json()
    stranger = Caller(open_tenant("other", by="test"), "admin")
    address = f"/imports/{told['id']}"
    assert stranger.get(address).status_code == stranger.get(f"{address}/rejected").status_code == 404
    for verb in ("start", "pause", "resume", "cancel"):
        assert stranger.post(f"{address}/{verb}").status_code == 404
    assert stranger.get("/imports").json() == []

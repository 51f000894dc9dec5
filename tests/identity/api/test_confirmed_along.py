"""Keys and sources that a process has read before are confirmed along with what a door asks first: changes count."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from contacts.models import Contact
from identity.api.parsing import MAX_BODY_BYTES
from sources import round_trips
from sources.models import ApiKey, SourceSystem, Tenant
from tests.identity.api.callers import Api, with_key
from tests.registry import SYLVIA, source

pytestmark = pytest.mark.django_db

DOORS: dict[str, dict[str, Any]] = {
    "/identify": {"email": "sylvia@example.com", "phoneNumber": "817 555 0101"},
    "/customers": {**SYLVIA, "source_system": "CRM", "source_key": "1"},
    "/contacts/identify": {"MediaType": "email", "EmailAddress": "sylvia@example.com", "LastName": "Silva"},
}


@pytest.fixture(params=DOORS)
def door(request: pytest.FixtureRequest) -> str:
    source("CRM")
    return str(request.param)


def known(*scopes: str) -> Api:
    """A program whose key this process remembers."""
    api = with_key(*scopes or ("write", "read"))
    assert api.get("/tenants").status_code in (200, 403)
    return api


def write_nothing(api: Api, door: str, body: Any, status: int) -> dict[str, Any]:
    before = Contact.objects.count()
    answer = api.post(door, body)
    assert answer.status_code == status, answer.content
    assert Contact.objects.count() == before
    told: dict[str, Any] = answer.json()
    return told


def test_a_revoked_key_is_refused_and_writes_nothing(door: str) -> None:
    api = known()
    ApiKey.objects.update(revoked_at="2026-01-01T00:00Z")
    assert "revoked" in str(write_nothing(api, door, DOORS[door], 401))


def test_a_revoked_key_is_refused_before_its_body_is(door: str) -> None:
    api = known()
    ApiKey.objects.update(revoked_at="2026-01-01T00:00Z")
    write_nothing(api, door, {"email": 5, "EmailAddress": 5}, 401)


def test_a_scope_that_was_taken_is_missed(door: str) -> None:
    api = known("write")
    ApiKey.objects.update(scopes=["read"])
    write_nothing(api, door, DOORS[door], 403)


def test_a_scope_that_was_given_counts(door: str) -> None:
    api = known("read")
    ApiKey.objects.update(scopes=["read", "write"])
    assert api.post(door, DOORS[door]).status_code in (200, 201)


def test_a_revoked_key_is_not_told_what_scope_it_lacks(door: str) -> None:
    api = known("read")
    ApiKey.objects.update(revoked_at="2026-01-01T00:00Z")
    write_nothing(api, door, DOORS[door], 401)


def test_a_changed_tenant_is_read_again() -> None:
    api = known()
    assert api.post("/identify", {"phoneNumber": "030 901820"}).json()["contact"]["phoneNumbers"] == ["030 901820"]
    Tenant.objects.update(region="DE")
    api.post("/identify", {"phoneNumber": "030 901821"})
    assert Contact.objects.order_by("pk").values_list("phone", flat=True)[1] == "+4930901821"


def test_a_changed_source_is_read_again() -> None:
    system = source("CRM")
    api = known()
    assert api.post("/customers", DOORS["/customers"]).status_code == 201
    SourceSystem.objects.filter(pk=system.pk).update(required_fields=["address.zip"])
    without = {**DOORS["/customers"], "source_key": "2", "address": {}}
    assert "zip" in str(write_nothing(api, "/customers", without, 400))


def test_a_retired_source_takes_nothing() -> None:
    system = source("CRM")
    api = known()
    assert api.post("/customers", DOORS["/customers"]).status_code == 201
    SourceSystem.objects.filter(pk=system.pk).update(deleted_at="2026-01-01T00:00Z", deleted_by="test")
    told = write_nothing(api, "/customers", {**DOORS["/customers"], "source_key": "2"}, 400)
    assert "source_system 'CRM' is not registered" in str(told)


@pytest.mark.parametrize(
    ("body", "status"),
    [(b'{"email": "\\ud800@example.org"}', 400), (b" " * (MAX_BODY_BYTES + 1) + b'{"email": "a@example.org"}', 413)],
)
def test_a_body_that_was_refused_is_refused_again_for_the_same_reason(door: str, body: bytes, status: int) -> None:
    """What is left of it when it is read is not taken for another one."""
    api = known()
    refusals = []
    for region in ("US", "DE"):
        answer = api.client.generic("POST", door, body, content_type="application/json", headers=api.headers)
        refusals.append((answer.status_code, answer.content))
        Tenant.objects.update(region=region)  # another tuple: the key is confirmed to have changed
    assert refusals[0] == refusals[1]
    assert refusals[0][0] == status
    assert not Contact.objects.exists()


def test_it_is_done_once_under_an_idempotency_key(door: str) -> None:
    api = known()
    Tenant.objects.update(region="US")  # another tuple: the key is confirmed to have changed
    first, second = (api.post(door, DOORS[door], idempotency_key="once") for _ in range(2))
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert second["Idempotency-Replayed"] == "true"


def test_what_a_lost_database_left_unasked_is_not_asked_by_the_next(door: str, monkeypatch: pytest.MonkeyPatch) -> None:
    api = known()

    def lost(*_: object) -> None:
        raise OperationalError("the database is gone")

    with monkeypatch.context() as patched:
        patched.setattr(round_trips._Trip, "execute", lost)
        api.client.raise_request_exception = False
        assert api.post(door, DOORS[door]).status_code in (500, 503)
    settled: list[object] = []
    monkeypatch.setattr(round_trips, "_send", settled.append)
    round_trips.settle()
    assert settled == []


def messages(api: Api, door: str, body: dict[str, Any]) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert api.post(door, body).status_code == 200
    return len([query for query in queries if "SAVEPOINT" not in query["sql"]])


@pytest.mark.parametrize("again", ["/identify", "/contacts/identify"])
def test_somebody_known_takes_one_message(again: str) -> None:
    api = known()
    api.post("/identify", DOORS["/identify"])
    messages(api, again, DOORS[again])  # what the door remembers besides is read once
    assert messages(api, again, DOORS[again]) == 1


def test_what_is_new_to_the_checkout_takes_two() -> None:
    api = known()
    api.post("/identify", {"email": "somebody@example.net"})
    assert messages(api, "/identify", DOORS["/identify"]) == 2
    assert messages(api, "/identify", {"email": "sylvia@example.com", "phoneNumber": "817 555 0102"}) == 2


def test_it_spends_no_statement_of_its_own(door: str) -> None:
    api = known()
    api.post(door, DOORS[door])
    with CaptureQueriesContext(connection) as queries:
        api.post(door, DOORS[door])
    first = next(query["sql"] for query in queries if "SAVEPOINT" not in query["sql"])
    named = ["sources_sourcesystem"] if door == "/customers" else []
    assert all(table in first for table in ("sources_apikey", "sources_tenant", *named, "contacts_contact")), first
    assert first.count("ctid = ") == 2 + len(named)

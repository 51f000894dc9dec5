"""Who is let in, as whom, and to what."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sources.keys import verify
from sources.models import ApiKey, SourceSystem, Tenant
from tests.identity.api.callers import Api, another_tenant, operator, with_key, with_session

pytestmark = pytest.mark.django_db


@pytest.fixture
def open_door(settings: Any) -> Api:
    settings.ANONYMOUS_API = True
    return Api()


def made_by(answer: Any) -> str:
    assert answer.status_code == 201, answer.content
    return answer.json()["created_by"]


def test_it_asks_a_stranger_for_a_key() -> None:
    answer = Api().get("/sources")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    assert list(answer.json()) == ["error"]


@pytest.mark.parametrize(
    "credentials", ["", "Bearer", "Bearer ", "Bearer idr_wrong", "Basic YTpi", "idr_x", "Bearer \udcff", "Bearer é"]
)
def test_it_refuses_what_is_no_key(open_door: Api, credentials: str) -> None:
    answer = open_door.get("/sources", authorization=credentials)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")


def test_it_refuses_a_revoked_key() -> None:
    api = with_key()
    assert api.get("/sources").status_code == 200
    ApiKey.objects.update(revoked_at="2026-01-01T00:00Z")
    assert api.get("/sources").status_code == 401


def test_it_sees_a_change_of_the_tenant_or_the_key_at_once() -> None:
    api = with_key("admin")
    assert api.post("/sources", {"name": "CRM"}).status_code == 201
    for region in ("DE", "FR"):
        Tenant.objects.update(region=region)
        secret = api.headers["authorization"].removeprefix("Bearer ")
        assert verify(secret).tenant.region == region  # type: ignore[union-attr]
    ApiKey.objects.update(scopes=["read"])
    assert api.post("/sources", {"name": "ERP"}).status_code == 403


def test_it_spends_one_query_on_a_key_it_has_seen_before_too() -> None:
    api = with_key("read")
    api.get("/contact-attributes")
    with CaptureQueriesContext(connection) as queries:
        api.get("/contact-attributes")
    assert len(queries) == 2
    assert "created_at" not in queries[0]["sql"]


def test_it_hands_out_no_row_that_another_request_might_change() -> None:
    secret = with_key("read").headers["authorization"].removeprefix("Bearer ")
    first, second = verify(secret), verify(secret)
    assert first == second
    assert first.tenant == second.tenant  # type: ignore[union-attr]
    assert first.tenant is not second.tenant  # type: ignore[union-attr]


def test_it_keeps_no_key_itself() -> None:
    api = with_key()
    secret = api.headers["authorization"].removeprefix("Bearer ")
    row = ApiKey.objects.values().get()
    assert secret not in str(row)
    assert secret.startswith(row["prefix"])


@pytest.mark.parametrize(
    ("scopes", "reads", "registers"),
    [(("read",), 200, 403), (("write",), 403, 403), (("review",), 403, 403), (("admin",), 200, 201)],
)
def test_it_gives_what_the_scopes_allow(scopes: tuple[str, ...], reads: int, registers: int) -> None:
    api = with_key(*scopes)
    assert api.get("/sources").status_code == reads
    assert api.post("/sources", {"name": "CRM"}).status_code == registers
    assert SourceSystem.objects.filter(name="CRM").exists() == (registers == 201)


def test_it_answers_an_unknown_method_as_one() -> None:
    assert with_key("read").put("/sources", {}).status_code == 405


def test_it_spends_one_query_on_a_key_and_its_tenant() -> None:
    api = with_key("read")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        api.get("/contact-attributes")
    assert len(queries) == 2


def test_it_spends_one_query_on_an_anonymous_caller(open_door: Api) -> None:
    with CaptureQueriesContext(connection) as queries:
        open_door.get("/contact-attributes")
    assert len(queries) == 2


class TestTenants:
    def test_it_takes_the_tenant_of_the_key(self) -> None:
        theirs = with_key(tenant=another_tenant())
        theirs.post("/sources", {"name": "CRM"})
        assert SourceSystem.objects.get(name="CRM").tenant.name == "north"

    def test_it_lets_an_operator_name_the_tenant(self) -> None:
        north = another_tenant()
        for reference in ("north", str(north.pk), "  north "):
            operator().post("/sources", {"name": f"CRM {reference}"}, x_tenant_id=reference)
        assert SourceSystem.objects.filter(tenant=north, built_in=False).count() == 3
        operator().post("/sources", {"name": "ERP"})
        assert SourceSystem.objects.get(name="ERP").tenant.name == "default"

    @pytest.mark.parametrize("reference", ["nowhere", "999", "9" * 30, "x" * 150, "-1", "\x01", "é", "1.5"])
    def test_it_does_not_know_every_tenant(self, reference: str) -> None:
        answer = operator().get("/sources", x_tenant_id=reference)
        assert (answer.status_code, answer.json()) == (404, {"error": "Tenant not found"})

    def test_it_lets_no_key_name_another_tenant(self) -> None:
        another_tenant()
        api = with_key()
        assert api.get("/sources", x_tenant_id="north").status_code == 404
        assert api.get("/sources", x_tenant_id="default").status_code == 200


class TestActor:
    @pytest.mark.parametrize(
        ("said", "kept"),
        [
            ("ada", "ada"),
            ("  ada ", "ada"),
            ("", "anonymous"),
            ("   ", "anonymous"),
            ("a\x01d\x7fa", "ada"),
            ("J\u00c3\u00bcrgen", "J\u00fcrgen"),  # UTF-8, as WSGI hands it over
            ("x" * 200, "x" * 200),
        ],
    )
    def test_it_writes_down_who_acts(self, said: str, kept: str) -> None:
        assert made_by(with_key().post("/sources", {"name": "CRM"}, x_user_id=said)) == kept

    def test_it_calls_whom_nobody_names_anonymous(self) -> None:
        assert made_by(with_key().post("/sources", {"name": "CRM"})) == "anonymous"

    @pytest.mark.parametrize("said", ["x" * 201, "a\0b"])
    def test_it_refuses_a_name_it_cannot_keep(self, said: str) -> None:
        assert with_key().post("/sources", {"name": "CRM"}, x_user_id=said).status_code == 400

    @pytest.mark.parametrize("said", ["\xff\xfe", "\udcff", "J\u00fcrgen", "\U0001f600"])
    def test_it_survives_bytes_that_are_no_text(self, said: str) -> None:
        assert with_key().post("/sources", {"name": "CRM"}, x_user_id=said).status_code == 201


class TestSessions:
    def test_it_lets_a_steward_read_but_not_administer(self) -> None:
        api = with_session(role="steward")
        assert api.get("/sources").status_code == 200
        assert api.get("/api-keys").status_code == 403

    def test_it_wants_the_csrf_token_of_a_writer(self) -> None:
        api = with_session(role="admin")
        assert api.post("/sources", {"name": "CRM"}).status_code == 403
        api.client.cookies["csrftoken"] = token = "t" * 32
        assert made_by(api.post("/sources", {"name": "CRM"}, x_csrftoken=token, x_user_id="somebody else")) == "ada"

    def test_it_keeps_a_user_in_the_tenant(self) -> None:
        north = another_tenant()
        api = with_session(role="admin", tenant=north)
        mine = with_key(tenant=north).post("/sources", {"name": "CRM"}).json()
        assert mine in api.get("/sources").json()
        assert api.get("/sources", x_tenant_id="default").status_code == 404

    def test_it_takes_a_superuser_for_an_operator(self) -> None:
        another_tenant()
        assert with_session(superuser=True).get("/sources", x_tenant_id="north").status_code == 200

    def test_it_refuses_a_user_of_no_tenant(self, settings: Any) -> None:
        settings.ANONYMOUS_API = True
        assert with_session().get("/sources").status_code == 403


class TestAnonymous:
    def test_it_serves_this_machine_and_warns(self, open_door: Api) -> None:
        answer = open_door.post("/sources", {"name": "CRM"})
        assert answer.status_code == 201
        assert "development only" in answer["X-Registry-Warning"]
        assert "X-Registry-Warning" not in with_key().get("/sources")

    def test_it_warns_with_a_refusal_too(self, open_door: Api) -> None:
        assert "X-Registry-Warning" in open_door.get("/sources/0")

    @pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
    def test_it_knows_this_machine(self, open_door: Api, address: str) -> None:
        assert Api(Client(REMOTE_ADDR=address)).get("/sources").status_code == 200

    @pytest.mark.parametrize(
        "address", ["10.0.0.1", "", "unix:", "::ffff:10.0.0.1", "2001:db8::1", "127.0.0.1, 8.8.8.8"][:]
    )
    def test_it_serves_no_other_machine(self, open_door: Api, address: str) -> None:
        assert Api(Client(REMOTE_ADDR=address)).get("/sources").status_code == 401

    @pytest.mark.parametrize("header", ["x_forwarded_for", "forwarded", "x_real_ip", "via", "x_forwarded_host"])
    def test_it_serves_nobody_behind_a_proxy(self, open_door: Api, header: str) -> None:
        assert open_door.get("/sources", **{header: "127.0.0.1"}).status_code == 401

    @pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://testserver:81", "http://[bad"])
    def test_it_serves_no_page_of_another_site(self, open_door: Api, origin: str) -> None:
        assert open_door.post("/sources", {"name": "CRM"}, origin=origin).status_code == 401

    def test_it_serves_pages_of_its_own(self, open_door: Api) -> None:
        assert open_door.get("/sources", origin="http://testserver").status_code == 200

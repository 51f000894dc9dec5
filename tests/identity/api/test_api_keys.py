"""`/api-keys`: made, shown once, revoked."""

from __future__ import annotations

from typing import Any

import pytest

from identity.api.callers import Caller
from identity.api.permissions import may_submit_for
from sources.errors import Forbidden
from sources.models import ApiKey
from tests.identity.api.callers import Api, another_tenant, operator, with_key
from tests.registry import source

pytestmark = pytest.mark.django_db

REQUEST = {"name": "sync", "scopes": ["write", "read"]}


def test_it_shows_a_key_once_and_lets_it_in() -> None:
    admin = with_key()
    answer = admin.post("/api-keys", REQUEST, x_user_id="ada")
    body = answer.json()
    assert answer.status_code == 201
    assert (body["scopes"], body["source"], body["created_by"]) == (["read", "write"], None, "ada")
    assert body["key"].startswith(body["prefix"])
    assert Api(authorization=f"bearer {body['key']}").get("/sources").status_code == 200
    listed = admin.get("/api-keys")
    assert body["key"] not in listed.content.decode()
    assert {key: value for key, value in body.items() if key != "key"} == listed.json()[0]


def test_it_revokes_a_key() -> None:
    admin = with_key()
    made = admin.post("/api-keys", REQUEST).json()
    for _ in range(2):
        answer = admin.delete(f"/api-keys/{made['id']}")
        assert (answer.status_code, answer.json()["message"]) == (200, "API key revoked")
    assert Api(authorization=f"Bearer {made['key']}").get("/sources").status_code == 401
    listed = admin.get("/api-keys").json()[0]
    assert (listed["revoked_at"] is not None, listed["revoked_by"]) == (True, "anonymous")


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, ["name is required", "scopes is required"]),
        ({"name": "x", "scopes": []}, ["scopes is required"]),
        ({"name": "x", "scopes": "read"}, ["scopes must be a list of strings"]),
        ({"name": "x", "scopes": ["all"]}, ["scopes may hold read, write, review, admin; not 'all'"]),
        ({**REQUEST, "source": "ERP"}, ["source 'ERP' is not registered"]),
        ({**REQUEST, "source": 5}, ["source must be a string"]),
        (
            {"name": "x", "scopes": ["admin"], "source": "storefront"},
            ["a key bound to a source cannot have the scope 'admin'"],
        ),
    ],
)
def test_it_names_every_breach(body: dict[str, Any], errors: list[str]) -> None:
    answer = with_key().post("/api-keys", body)
    assert (answer.status_code, answer.json()) == (400, {"errors": errors})
    assert ApiKey.objects.count() == 1


def test_it_binds_a_key_to_a_source() -> None:
    crm = source("CRM")
    body = with_key().post("/api-keys", {**REQUEST, "source": "CRM"}).json()
    assert body["source"] == "CRM"
    assert ApiKey.objects.get(pk=body["id"]).source == crm


def test_it_lets_a_bound_key_submit_for_its_source_only() -> None:
    class Request:
        auth = Caller(scopes=frozenset({"write"}), source=source("CRM"))

    may_submit_for(Request(), "CRM")  # type: ignore[arg-type]
    with pytest.raises(Forbidden):
        may_submit_for(Request(), "ERP")  # type: ignore[arg-type]


def test_it_keeps_tenants_apart() -> None:
    mine, theirs = with_key(), with_key(tenant=another_tenant())
    made = mine.post("/api-keys", REQUEST).json()
    assert theirs.delete(f"/api-keys/{made['id']}").status_code == 404
    assert made["id"] not in [row["id"] for row in theirs.get("/api-keys").json()]
    assert Api().get("/api-keys").status_code == 401
    assert Api(authorization=f"Bearer {made['key']}").get("/sources").status_code == 200


def test_it_shows_no_tenant_an_operators_key() -> None:
    boss = operator()
    assert boss.get("/api-keys").json() == []
    row = ApiKey.objects.get()
    assert with_key().delete(f"/api-keys/{row.pk}").status_code == 404


@pytest.mark.parametrize("scopes", [("read",), ("write",), ("review",)])
def test_it_is_for_administrators(scopes: tuple[str, ...]) -> None:
    api = with_key(*scopes)
    assert api.get("/api-keys").status_code == 403
    assert api.post("/api-keys", REQUEST).status_code == 403
    assert api.delete("/api-keys/1").status_code == 403

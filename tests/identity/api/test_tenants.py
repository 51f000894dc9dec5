"""`/tenants`, their subtenants, and their custom attributes."""

from __future__ import annotations

from typing import Any

import pytest

from matching.active import active_model
from matching.model_definition import SEED_MODEL
from sources.models import SourceSystem, Tenant
from tests.identity.api.callers import Api, another_tenant, operator, with_key
from tests.registry import live_customers, post

pytestmark = pytest.mark.django_db


def test_it_opens_a_tenant_ready_for_its_first_record() -> None:
    answer = operator().post("/tenants", {"name": " north ", "region": "de"}, x_user_id="ada")
    body = answer.json()
    assert answer.status_code == 201
    assert {"id", "name", "region", "merge_protection", "blocked_values", "created_by", "created_at"} <= set(body)
    assert (body["name"], body["region"], body["created_by"]) == ("north", "DE", "ada")
    tenant = Tenant.objects.get(pk=body["id"])
    built_in = SourceSystem.objects.of(tenant).filter(built_in=True, required_fields=[])
    assert sorted(source.name for source in built_in) == ["contact-centre", "storefront"]
    assert active_model(tenant).version == 1
    post(tenant=tenant, phone=None)
    assert live_customers() == 1


def test_it_gives_a_new_tenant_the_model_that_the_first_one_has() -> None:
    opened = active_model(another_tenant())
    assert opened.definition == active_model(Tenant.objects.get(name="default")).definition == SEED_MODEL


def test_it_lists_and_reads_tenants() -> None:
    north = another_tenant()
    assert [row["name"] for row in operator().get("/tenants").json()] == ["default", "north"]
    assert operator().get(f"/tenants/{north.pk}").json()["name"] == "north"
    for strange in ("999", "north", "x", "9" * 40):
        answer = operator().get(f"/tenants/{strange}")
        assert (answer.status_code, answer.json()) == (404, {"error": "Tenant not found"})


def test_a_tenant_says_what_a_shared_value_means() -> None:
    tenant = Tenant.objects.get(name="default")
    changes = {
        "merge_protection": False,
        "customers_per_value": 3,
        "blocked_values": ["(214) 555-0100", "Branch@Example.org"],
    }
    answer = operator().patch(f"/tenants/{tenant.pk}", changes)
    assert answer.status_code == 200, answer.json()
    tenant.refresh_from_db()
    assert (tenant.merge_protection, tenant.customers_per_value) == (False, 3)
    assert tenant.blocked_values == ["+12145550100", "branch@example.org"]
    assert not tenant.placeholders_link


def test_it_names_every_setting_that_is_wrong() -> None:
    tenant = Tenant.objects.get(name="default")
    changes = {"merge_protection": "no", "customers_per_value": -1, "blocked_values": [5], "region": "Narnia"}
    answer = operator().patch(f"/tenants/{tenant.pk}", changes)
    assert answer.status_code == 400
    assert len(answer.json()["errors"]) >= 4


def test_a_tenants_administrator_changes_its_settings_and_no_other_tenants() -> None:
    own, other = Tenant.objects.get(name="default"), another_tenant()
    admin = with_key("admin")
    assert admin.patch(f"/tenants/{own.pk}", {"customers_per_value": 3}).status_code == 200
    assert admin.patch(f"/tenants/{other.pk}", {"customers_per_value": 3}).status_code == 404
    assert with_key("write").patch(f"/tenants/{own.pk}", {"customers_per_value": 3}).status_code == 403


def test_it_refuses_a_taken_name_and_leaves_nothing_behind() -> None:
    sources = SourceSystem.objects.count()
    answer = operator().post("/tenants", {"name": "default"})
    assert (answer.status_code, answer.json()) == (409, {"error": "A tenant with this name already exists"})
    assert SourceSystem.objects.count() == sources


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, ["name is required"]),
        ({"name": 5}, ["name must be a string"]),
        ({"name": "12"}, ["name cannot be a number"]),
        ({"name": "a\nb"}, ["name cannot contain control characters"]),
        ({"name": "x" * 101}, ["name is too long (at most 100 characters)"]),
        ({"name": "x", "region": "XX"}, ["region is not an ISO 3166-1 alpha-2 code"]),
        ({"region": ["US"]}, ["name is required", "region must be a string"]),
    ],
)
def test_it_names_every_breach(body: dict[str, Any], errors: list[str]) -> None:
    answer = operator().post("/tenants", body)
    assert (answer.status_code, answer.json()) == (400, {"errors": errors})


def test_it_opens_subtenants() -> None:
    boss, north = operator(), another_tenant()
    path = f"/tenants/{north.pk}/subtenants"
    assert boss.post(path, {"name": "shops"}).status_code == 201
    again = boss.post(path, {"name": "shops"})
    assert (again.status_code, again.json()) == (409, {"error": "A subtenant with this name already exists"})
    assert boss.post(path, {"name": "7"}).json() == {"errors": ["name cannot be a number"]}
    assert [row["name"] for row in boss.get(path).json()] == ["shops"]
    assert boss.get("/tenants/999/subtenants").status_code == 404
    assert boss.post("/tenants/999/subtenants", {"name": "x"}).status_code == 404


def test_it_is_for_operators() -> None:
    api, mine = with_key(), Tenant.objects.get(name="default").pk
    for path in ("/tenants", f"/tenants/{mine}/subtenants"):
        assert api.get(path).status_code == 403
        assert Api().get(path).status_code == 401
        assert with_key("read", tenant=None).get(path).status_code == 403
    assert api.post("/tenants", {"name": "x"}).status_code == 403
    assert Tenant.objects.count() == 1


class TestAttributes:
    def test_it_defines_attributes(self) -> None:
        api = with_key()
        answer = api.post("/contact-attributes", {"name": "date_of_birth", "type": "date"})
        assert answer.status_code == 201
        assert set(answer.json()) == {"id", "name", "type", "created_by", "created_at"}
        assert api.get("/contact-attributes").json() == [answer.json()]
        taken = api.post("/contact-attributes", {"name": "date_of_birth", "type": "string"})
        assert (taken.status_code, taken.json()) == (409, {"error": "An attribute with this name already exists"})

    @pytest.mark.parametrize(
        ("body", "errors"),
        [
            ({}, ["name is required", "type is required"]),
            ({"name": "x", "type": "bool"}, ["type must be one of string, date, number"]),
            ({"name": "x", "type": 5}, ["type must be a string"]),
            ({"name": "x\ty", "type": "date"}, ["name cannot contain control characters"]),
        ],
    )
    def test_it_names_every_breach(self, body: dict[str, Any], errors: list[str]) -> None:
        answer = with_key().post("/contact-attributes", body)
        assert (answer.status_code, answer.json()) == (400, {"errors": errors})

    def test_it_keeps_tenants_apart(self) -> None:
        mine, theirs = with_key(), with_key(tenant=another_tenant())
        mine.post("/contact-attributes", {"name": "x", "type": "string"})
        assert theirs.get("/contact-attributes").json() == []
        assert theirs.post("/contact-attributes", {"name": "x", "type": "string"}).status_code == 201
        assert Api().get("/contact-attributes").status_code == 401
        assert with_key("read", "write").post("/contact-attributes", {"name": "y", "type": "date"}).status_code == 403

"""`/sources`: register, list, read, change, delete."""

from __future__ import annotations

from typing import Any

import pytest

from sources.models import Reviewer, SourceSystem
from tests.identity.api.callers import Api, another_tenant, with_key

pytestmark = pytest.mark.django_db

JANE = {"first_name": "Jane", "last_name": "Smith", "email": "jane@example.com"}
FIELDS = {
    "id",
    "name",
    "entra_ad_group",
    "required_fields",
    "reviewers",
    "built_in",
    "created_by",
    "created_at",
    "updated_by",
    "updated_at",
    "deleted_by",
    "deleted_at",
}


@pytest.fixture
def api() -> Api:
    return with_key()


def registered(api: Api, name: str = "CRM", **fields: Any) -> dict[str, Any]:
    answer = api.post("/sources", {"name": name, **fields})
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_it_registers_a_source(api: Api) -> None:
    answer = api.post("/sources", {"name": " CRM ", "entra_ad_group": "SG-X"}, x_user_id="ada")
    body = answer.json()
    assert answer.status_code == 201
    assert set(body) == FIELDS
    assert (body["name"], body["entra_ad_group"], body["reviewers"]) == ("CRM", "SG-X", [])
    assert body["required_fields"] == ["first_name", "last_name", "email"]
    assert body["created_by"] == "ada"
    assert body["created_at"].endswith("Z")
    assert body["updated_at"] is body["updated_by"] is body["deleted_at"] is body["deleted_by"] is None


def test_it_keeps_reviewers_trimmed_with_their_email_in_lower_case(api: Api) -> None:
    body = registered(api, reviewers=[{"first_name": " Jane ", "last_name": "Smith", "email": " Jane@Example.COM "}])
    assert body["reviewers"] == [JANE]


def test_it_lets_a_source_require_less(api: Api) -> None:
    assert registered(api, "A", required_fields=[])["required_fields"] == []
    assert registered(api, "B", required_fields=["email", "last_name"])["required_fields"] == ["last_name", "email"]
    assert len(registered(api, "C", required_fields=None)["required_fields"]) == 3


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, ["name is required"]),
        (None, ["name is required"]),
        ({"name": "   "}, ["name is required"]),
        ({"name": None}, ["name is required"]),
        ({"name": 7}, ["name must be a string"]),
        ({"name": ["x"]}, ["name must be a string"]),
        ({"name": "x" * 201}, ["name is too long (at most 200 characters)"]),
        ({"name": "C\nRM"}, ["name cannot contain control characters"]),
        ({"name": "x\0"}, ["body contains a character that cannot be stored"]),
        ({"name": "\ud800"}, ["body contains a character that cannot be stored"]),
        ([1], ["body must be a JSON object"]),
        ({"name": "x", "entra_ad_group": 5}, ["entra_ad_group must be a string"]),
        ({"name": "x", "reviewers": "Jane"}, ["reviewers must be a list"]),
        ({"name": "x", "reviewers": ["Jane"]}, ["reviewers[0] must be an object"]),
        ({"name": "x", "reviewers": [{**JANE, "email": 5}]}, ["reviewers[0].email must be a string"]),
        ({"name": "x", "reviewers": [{**JANE, "email": "jane"}]}, ["reviewers[0].email format is invalid"]),
        ({"name": "x", "required_fields": "email"}, ["required_fields must be a list of strings"]),
        ({"name": "x", "required_fields": [1]}, ["required_fields must be a list of strings"]),
        (
            {"name": "x", "required_fields": ["shoe"]},
            ["required_fields may hold first_name, last_name, email, phone, address; not 'shoe'"],
        ),
        (
            {"reviewers": [{"first_name": "J"}, {"last_name": "X", "email": " "}]},
            [
                "name is required",
                "reviewers[0].last_name is required",
                "reviewers[0].email is required",
                "reviewers[1].first_name is required",
                "reviewers[1].email is required",
            ],
        ),
    ],
)
def test_it_names_every_breach_at_once(api: Api, body: Any, errors: list[str]) -> None:
    before = SourceSystem.objects.count()
    answer = api.post("/sources", body)
    assert (answer.status_code, answer.json()) == (400, {"errors": errors})
    assert SourceSystem.objects.count() == before


def test_it_refuses_a_taken_name(api: Api) -> None:
    registered(api)
    answer = api.post("/sources", {"name": "CRM", "reviewers": [JANE]})
    assert (answer.status_code, answer.json()) == (409, {"error": "A source with this name already exists"})
    assert not Reviewer.objects.exists()


def test_it_lists_by_code_point_and_leaves_out_deleted_ones(api: Api) -> None:
    for name in ("zeta", "Beta", "alpha", "Éclair"):
        registered(api, name)
    gone = registered(api, "gone")
    api.delete(f"/sources/{gone['id']}", x_user_id="remover")
    names = [row["name"] for row in api.get("/sources").json()]
    assert names == sorted(["zeta", "Beta", "alpha", "Éclair", "storefront", "contact-centre"])
    rows = {row["name"]: row for row in api.get("/sources?include_deleted=true").json()}
    assert rows["gone"]["deleted_by"] == "remover"
    assert rows["gone"]["deleted_at"]


def test_it_changes_what_is_given_and_nothing_else(api: Api) -> None:
    source = registered(api, reviewers=[JANE], entra_ad_group="SG")
    answer = api.put(f"/sources/{source['id']}", {"name": "CRM 2"}, x_user_id="editor")
    assert answer.status_code == 200
    body = answer.json()
    assert (body["name"], body["reviewers"], body["entra_ad_group"]) == ("CRM 2", [JANE], "SG")
    assert body["updated_by"] == "editor"
    assert body["updated_at"]
    cleared = api.put(f"/sources/{source['id']}", {"entra_ad_group": None, "reviewers": None}).json()
    assert (cleared["entra_ad_group"], cleared["reviewers"]) == (None, [])


def test_it_replaces_reviewers_as_a_list(api: Api) -> None:
    source = registered(api, reviewers=[JANE, {**JANE, "email": "b@example.com"}])
    other = {**JANE, "email": "c@example.com"}
    assert api.put(f"/sources/{source['id']}", {"reviewers": [other]}).json()["reviewers"] == [other]
    assert Reviewer.objects.count() == 1


def test_it_refuses_an_empty_name_and_a_taken_one(api: Api) -> None:
    registered(api)
    source = registered(api, "ERP", reviewers=[JANE])
    empty = api.put(f"/sources/{source['id']}", {"name": " "})
    assert (empty.status_code, empty.json()) == (400, {"errors": ["name cannot be empty"]})
    taken = api.put(f"/sources/{source['id']}", {"name": "CRM", "reviewers": []})
    assert (taken.status_code, taken.json()) == (409, {"error": "A source with this name already exists"})
    assert api.get(f"/sources/{source['id']}").json() == source


def test_it_frees_the_name_of_a_deleted_source(api: Api) -> None:
    source = registered(api)
    answer = api.delete(f"/sources/{source['id']}")
    assert (answer.status_code, answer.json()) == (200, {"message": "Source deleted", "id": source["id"]})
    again = api.delete(f"/sources/{source['id']}")
    assert (again.status_code, again.json()) == (404, {"error": "Source not found"})
    assert registered(api)["id"] != source["id"]


def test_it_revokes_the_keys_of_a_deleted_source(api: Api) -> None:
    source = registered(api)
    bound = with_key("read", "write", source=SourceSystem.objects.get(pk=source["id"]))
    assert bound.get("/sources").status_code == 200
    api.delete(f"/sources/{source['id']}")
    assert bound.get("/sources").status_code == 401


def test_it_keeps_built_in_sources(api: Api) -> None:
    built_in = SourceSystem.objects.get(name="storefront")
    assert api.delete(f"/sources/{built_in.pk}").status_code == 409
    assert api.put(f"/sources/{built_in.pk}", {"name": "shop"}).status_code == 409
    assert api.put(f"/sources/{built_in.pk}", {"name": "storefront", "reviewers": [JANE]}).status_code == 200


@pytest.mark.parametrize("reference", ["no-id", "999999999", "9" * 40, "-1", "0", "507f1f77bcf86cd799439011", "%00"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_it_finds_no_source_under_a_strange_id(api: Api, method: str, reference: str) -> None:
    answer = api(method, f"/sources/{reference}", {"name": 5} if method == "PUT" else None)
    assert (answer.status_code, answer.json()) == (404, {"error": "Source not found"})


def test_it_keeps_tenants_apart() -> None:
    mine, theirs = with_key(), with_key(tenant=another_tenant())
    source = registered(mine)
    for method in ("GET", "PUT", "DELETE"):
        answer = theirs(method, f"/sources/{source['id']}", {} if method == "PUT" else None)
        assert (answer.status_code, answer.json()) == (404, {"error": "Source not found"})
    assert source["name"] not in [row["name"] for row in theirs.get("/sources").json()]
    assert registered(theirs)["name"] == "CRM"
    assert Api().get(f"/sources/{source['id']}").status_code == 401
    assert mine.get(f"/sources/{source['id']}").json() == source

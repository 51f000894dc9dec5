"""`POST /customers`: linked, updated, created, refused."""

from __future__ import annotations

from typing import Any

import pytest

from contacts.models import Contact, Customer
from sources.models import SourceSystem
from tests.contract.registry_caller import ADDRESS, Registry
from tests.identity.api.callers import another_tenant, with_key
from tests.registry import source


def test_it_creates_somebody_new(registry: Registry) -> None:
    sent = registry.record(first_name="  Bill ", phone="(214) 867-5309")
    answer = registry.post("/customers", sent)
    body = answer.json()
    assert answer.status_code == 201
    assert answer["Location"] == f"/customers/{body['id']}"
    assert (body["first_name"], body["phone"], body["created_by"]) == ("William", "+12148675309", "jane")
    assert body["address"] == {"street": "12 Oak AVE", "city": "Dallas", "state": "TX", "zip": "75201", "country": None}
    assert body["updated_at"] is body["deleted_at"] is body["merged_into"] is None
    assert "candidates" not in body
    [alias] = registry.aliases(body["id"])
    assert alias["original_payload"] == sent
    assert alias["match_confidence"] is alias["match_algorithm"] is None


def test_it_links_the_same_person_of_another_source(registry: Registry) -> None:
    first = registry.created()
    answer = registry.submit("ERP")
    assert (answer.status_code, answer.json()["id"]) == (200, first["id"])
    assert "Location" not in answer
    alias = registry.aliases(first["id"])[1]
    assert (alias["match_confidence"], alias["match_algorithm"], alias["match_model"]) == (1.0, "fellegi-sunter", 1)


def test_it_updates_what_a_source_said_before(registry: Registry) -> None:
    first = registry.created(key="7")
    answer = registry.submit(key="7", address={**ADDRESS, "city": "Plano"})
    assert (answer.status_code, answer.json()["id"]) == (200, first["id"])
    assert answer.json()["address"]["city"] == "Plano"
    assert len(registry.aliases(first["id"])) == 1


def test_it_files_near_misses_for_review(registry: Registry) -> None:
    first, second, candidate = registry.near_miss()
    assert second["id"] != first["id"]
    assert candidate["candidate_id"] == first["id"]
    assert candidate["confidence"] == pytest.approx(0.7454, abs=1e-4)
    assert (candidate["status"], candidate["search_tokens"]) == ("pending", ["ph:+12148675309"])
    assert candidate["reviewed_by"] is candidate["reviewed_at"] is None


def test_it_refuses_another_persons_key(registry: Registry) -> None:
    first = registry.created(key="7")
    answer = registry.submit(key="7", first_name="Odalys", last_name="Quist", email="o@example.net", phone=None)
    body = answer.json()
    assert answer.status_code == 409
    assert body["error"] == "Source key collision"
    assert body["existing_customer_id"] == first["id"]
    assert "'7'" in body["message"]
    assert first["id"] in body["message"]
    assert 0 < body["confidence"] < 0.7
    assert Contact.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({"source_system": ""}, ["source_system and source_key are required"]),
        ({"first_name": None, "email": "x"}, ["first_name is required", "email format is invalid"]),
        ({"last_name": "  ", "phone": "12"}, ["last_name is required", "phone format is invalid or unrecognized"]),
        ({"source_system": "NOPE"}, ["source_system 'NOPE' is not registered"]),
        ({"source_system": "NOPE", "email": None}, ["email is required", "source_system 'NOPE' is not registered"]),
        ({"source_system": "storefront"}, ["source_system 'storefront' is not registered"]),
        ({"first_name": {"a": 1}}, ["first_name must be a string"]),
        ({"effective_date": "soon"}, ["effective_date is not a valid date"]),
        ({"attributes": {"shoe_size": 43}}, ["attributes.shoe_size is not defined"]),
    ],
)
def test_it_names_every_breach(registry: Registry, fields: dict[str, Any], errors: list[str]) -> None:
    answer = registry.post("/customers", {**registry.record(**fields), **_said(fields, "source_system")})
    assert (answer.status_code, answer.json()) == (400, {"errors": errors})
    assert not Customer.objects.exists()


def _said(fields: dict[str, Any], name: str) -> dict[str, Any]:
    return {name: fields[name]} if name in fields else {}


def test_it_takes_a_missing_body_for_an_empty_one(registry: Registry) -> None:
    answer = registry.post("/customers")
    assert answer.status_code == 400
    assert "first_name is required" in answer.json()["errors"]


def test_it_takes_any_identifying_value_where_a_source_requires_nothing(registry: Registry) -> None:
    source("BILLING")
    answer = registry.post("/customers", {"source_system": "BILLING", "source_key": "1", "phone": "214-867-5309"})
    assert answer.status_code == 201
    assert answer.json()["first_name"] is None


def test_it_takes_a_name_that_is_a_word_of_some_language(registry: Registry) -> None:
    answer = registry.submit(first_name="constructor", last_name="__proto__")
    assert (answer.status_code, answer.json()["first_name"]) == (201, "constructor")


def test_it_refuses_a_deleted_source(registry: Registry) -> None:
    source_id = SourceSystem.objects.get(name="WEB").pk
    assert registry.delete(f"/sources/{source_id}").status_code == 200
    answer = registry.submit("WEB")
    assert answer.json() == {"errors": ["source_system 'WEB' is not registered"]}


def test_it_frees_the_key_of_a_deleted_customer(registry: Registry) -> None:
    first = registry.created(key="7")
    registry.delete(f"/customers/{first['id']}")
    assert registry.created(key="7")["id"] != first["id"]


def test_it_lets_a_bound_key_submit_for_its_source_only(registry: Registry) -> None:
    bound = Registry(with_key("write", source=source("ERP")))
    assert bound.submit("ERP").status_code == 201
    answer = bound.submit("CRM")
    assert (answer.status_code, list(answer.json())) == (403, ["error"])


def test_it_keeps_tenants_apart(registry: Registry) -> None:
    first = registry.created()
    tenant = another_tenant()
    source("CRM", tenant=tenant)
    other = Registry(with_key(tenant=tenant))
    assert other.created()["id"] != first["id"]
    assert other.get(f"/customers/{first['id']}").status_code == 404
    assert len(other.get("/customers").json()) == 1

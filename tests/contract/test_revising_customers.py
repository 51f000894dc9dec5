"""`PUT /customers/:id`: a source corrects what it said."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.registry_caller import NOWHERE, Registry
from tests.identity.api.callers import with_key
from tests.registry import SYLVIA, source


def revised(registry: Registry, customer: str, body: Any, source_system: str = "CRM", **headers: str) -> Any:
    return registry.put(f"/customers/{customer}", body, x_source_system=source_system, **headers)


def test_it_changes_the_sources_alias_and_the_golden_record(registry: Registry) -> None:
    known = registry.created()
    answer = revised(registry, known["id"], {"last_name": " Moore ", "address": {"zip": "752019999"}})
    body = answer.json()
    assert (answer.status_code, body["last_name"], body["address"]["zip"]) == (200, "Moore", "75201-9999")
    assert (body["first_name"], body["updated_by"]) == ("Sylvia", "jane")
    assert registry.changes(known["id"])[-1]["delta"] == {
        "last_name": {"from": "Abernathy", "to": "Moore"},
        "address.zip": {"from": "75201", "to": "75201-9999"},
    }


def test_it_writes_no_history_where_nothing_changes(registry: Registry) -> None:
    known = registry.created()
    assert revised(registry, known["id"], {"last_name": "Abernathy"}).status_code == 200
    assert registry.changes(known["id"]) == []


def test_it_proposes_once_who_is_a_near_miss_and_holds_a_unique_key_as_well(registry: Registry) -> None:
    first = registry.created(attributes={"FacebookId": "1"})
    other = registry.somebody_else()
    said = {**SYLVIA, "email": "another@example.com", "attributes": {"FacebookId": "1"}}
    assert revised(registry, other["id"], said).status_code == 200
    [alias] = registry.aliases(other["id"])
    [candidate] = registry.get(f"/customers/{other['id']}/aliases/{alias['id']}/candidates").json()
    assert candidate["candidate_id"] == first["id"]


def test_it_picks_an_alias_by_its_key(registry: Registry) -> None:
    known = registry.created(key="1")
    registry.submit(key="2")
    assert revised(registry, known["id"], {"phone": ""}, x_source_key="1").status_code == 200
    first, second = registry.aliases(known["id"])
    assert (first["original_payload"]["phone"], second["original_payload"]["phone"]) == ("", "+12148675309")
    assert revised(registry, known["id"], {"phone": ""}, x_source_key="3").status_code == 404


def test_it_asks_for_the_source(registry: Registry) -> None:
    known = registry.created()
    answer = registry.put(f"/customers/{known['id']}", {"last_name": "Moore"})
    assert (answer.status_code, answer.json()) == (400, {"error": "x-source-system header is required"})
    answer = revised(registry, known["id"], {"last_name": "Moore"}, "ERP")
    assert (answer.status_code, answer.json()) == (404, {"error": "No alias found for source_system 'ERP'"})


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({"first_name": "", "email": "bad"}, ["first_name cannot be empty", "email format is invalid"]),
        ({"last_name": " "}, ["last_name cannot be empty"]),
        ({"email": ""}, ["email cannot be empty"]),
        ({"phone": "12"}, ["phone format is invalid or unrecognized"]),
        ({"last_name": ["x"]}, ["last_name must be a string"]),
        ([], ["body must be a JSON object"]),
    ],
)
def test_it_names_every_breach(registry: Registry, body: Any, errors: list[str]) -> None:
    known = registry.created()
    answer = revised(registry, known["id"], body)
    assert (answer.status_code, answer.json()) == (400, {"errors": errors})


@pytest.mark.parametrize("missing", NOWHERE)
def test_it_knows_nobody_of_an_unknown_id(registry: Registry, missing: str) -> None:
    answer = revised(registry, missing, {"last_name": "Moore"})
    assert (answer.status_code, answer.json()) == (404, {"error": "Customer not found"})


def test_it_lets_a_bound_key_correct_its_own_source_only(registry: Registry) -> None:
    known = registry.created()
    bound = Registry(with_key("write", source=source("ERP")))
    assert revised(bound, known["id"], {"last_name": "Moore"}).status_code == 403


def test_it_prefers_a_source_of_truth(registry: Registry) -> None:
    known = registry.created(effective_date="2024-01-01")
    registry.submit("ERP", effective_date="2025-01-01", first_name="Sylvie")
    assert registry.get(f"/customers/{known['id']}").json()["first_name"] == "Sylvie"
    assert revised(registry, known["id"], {"source_of_truth": True}).json()["first_name"] == "Sylvia"


def test_fields_that_say_nothing_of_the_customer_are_kept_and_leave_its_version(registry: Registry) -> None:
    known = registry.created()
    answer = revised(registry, known["id"], {"note": "asked twice"})
    assert (answer.status_code, answer.json()["version"]) == (200, known["version"])
    [alias] = registry.aliases(known["id"])
    assert (alias["original_payload"]["note"], alias["updated_by"]) == ("asked twice", "jane")
    assert registry.changes(known["id"]) == []
    assert revised(registry, known["id"], {"note": "x", "last_name": "Moore"}).json()["version"] == known["version"] + 1


def test_whose_record_it_is_the_headers_say(registry: Registry) -> None:
    known = registry.created(key="1")
    body = {"source_system": "ERP", "source_key": "7", "last_name": "Moore"}
    assert revised(registry, known["id"], body).status_code == 200
    [alias] = registry.aliases(known["id"])
    said = alias["original_payload"]
    assert (said["source_system"], said["source_key"], said["last_name"]) == ("CRM", "1", "Moore")
    version = registry.get(f"/customers/{known['id']}").json()["version"]
    assert revised(registry, known["id"], {"source_system": "ERP"}).json()["version"] == version

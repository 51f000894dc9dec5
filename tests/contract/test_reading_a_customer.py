"""`GET /customers/:id`, its aliases and its history."""

from __future__ import annotations

import pytest

from tests.contract.registry_caller import NOWHERE, Registry


def test_it_shows_the_golden_record_alone(registry: Registry) -> None:
    known = registry.created()
    answer = registry.get(f"/customers/{known['id']}")
    assert (answer.status_code, answer.json()) == (200, known)
    assert not {"aliases", "changes", "source_system", "source_key"} & set(known)


@pytest.mark.parametrize(
    ("show", "shown"),
    [("aliases", {"aliases"}), ("aliases, changes", {"aliases", "changes"}), ("changes", {"changes"}), ("x", set())],
)
def test_it_shows_more_when_asked(registry: Registry, show: str, shown: set[str]) -> None:
    known = registry.created()
    body = registry.get(f"/customers/{known['id']}?show={show}").json()
    assert {"aliases", "changes"} & set(body) == shown


@pytest.mark.parametrize("parameter", ["source_system", "source"])
def test_it_shows_what_one_source_sent(registry: Registry, parameter: str) -> None:
    known = registry.created(first_name="Charles")
    registry.submit("ERP", key="9", first_name="Chuck", phone="214-867-5309")
    body = registry.get(f"/customers/{known['id']}?{parameter}=ERP").json()
    assert (body["id"], body["first_name"], body["phone"]) == (known["id"], "Chuck", "214-867-5309")
    assert body["address"]["street"] == "12 Oak Avenue"
    assert (body["source_system"], body["source_key"]) == ("ERP", "9")
    answer = registry.get(f"/customers/{known['id']}?{parameter}=WEB")
    assert (answer.status_code, answer.json()) == (404, {"error": "No alias found for source_system 'WEB'"})


def test_it_shows_the_newest_of_several_aliases_of_a_source(registry: Registry) -> None:
    known = registry.created(key="1")
    registry.submit(key="2", first_name="Sylvie")
    body = registry.get(f"/customers/{known['id']}?source_system=CRM").json()
    assert (body["source_key"], body["first_name"]) == ("2", "Sylvie")


@pytest.mark.parametrize("missing", NOWHERE)
@pytest.mark.parametrize("path", ["", "/aliases", "/changes"])
def test_it_knows_nobody_of_an_unknown_or_malformed_id(registry: Registry, missing: str, path: str) -> None:
    answer = registry.get(f"/customers/{missing}{path}")
    assert (answer.status_code, answer.json()) == (404, {"error": "Customer not found"})


def test_it_sends_on_from_a_merged_customer(registry: Registry) -> None:
    target, merged = registry.created(), registry.somebody_else()
    registry.patch(f"/customers/{target['id']}", {"merge": merged["id"]})
    answer = registry.get(f"/customers/{merged['id']}")
    assert (answer.status_code, answer["Location"]) == (301, f"/customers/{target['id']}")
    assert answer.json() == {
        "error": "Moved Permanently",
        "message": "This record has been merged into another.",
        "target_id": target["id"],
    }
    assert registry.aliases(merged["id"]) == []
    assert registry.changes(merged["id"])[-1]["delta"]["merge"]["target_id"] == target["id"]


def test_it_keeps_the_aliases_and_history_of_a_deleted_customer(registry: Registry) -> None:
    known = registry.created()
    answer = registry.delete(f"/customers/{known['id']}")
    assert (answer.status_code, answer.json()) == (200, {"message": "Customer deleted", "id": known["id"]})
    assert registry.get(f"/customers/{known['id']}").status_code == 404
    assert registry.delete(f"/customers/{known['id']}").json() == {"error": "Customer not found"}
    assert len(registry.aliases(known["id"])) == 1
    assert registry.changes(known["id"])[-1]["delta"] == {"soft_delete": True}


def test_it_answers_with_a_slash_at_the_end_too(registry: Registry) -> None:
    known = registry.created()
    assert registry.get(f"/customers/{known['id']}/").json() == known
    assert registry.get("/customers/").json() == [known]

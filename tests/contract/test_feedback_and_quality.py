"""Reports of wrong links, the figures they give, tuning, and the versions of the model."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.registry_caller import NOWHERE, Registry
from tests.identity.api.callers import with_key
from tests.jobs import work


@pytest.fixture
def linked(registry: Registry) -> tuple[str, list[int]]:
    customer = registry.created()["id"]
    assert registry.submit("ERP").status_code == 200
    return customer, [alias["id"] for alias in registry.aliases(customer)]


def reported(registry: Registry, linked: tuple[str, list[int]], **body: Any) -> Any:
    return registry.post(f"/customers/{linked[0]}/aliases/{linked[1][1]}/feedback", body)


def test_it_takes_a_report_of_a_wrong_link(registry: Registry, linked: tuple[str, list[int]]) -> None:
    answer = reported(registry, linked, notes="Father and son")
    body = answer.json()
    assert (answer.status_code, body["type"], body["customer_id"]) == (201, "false_positive", linked[0])
    assert (body["alias_id"], body["reported_by"], body["notes"]) == (linked[1][1], "jane", "Father and son")
    assert (body["original_confidence"], body["original_algorithm"], body["resolved"]) == (1.0, "fellegi-sunter", False)


def test_it_refuses_a_report_of_what_no_machine_linked(registry: Registry, linked: tuple[str, list[int]]) -> None:
    answer = registry.post(f"/customers/{linked[0]}/aliases/{linked[1][0]}/feedback", {})
    assert answer.status_code == 400
    assert answer.json() == {"error": "This alias was not an auto-match — no feedback applicable"}


@pytest.mark.parametrize("notes", [5, [], "x" * 5001])
def test_it_refuses_notes_that_are_none(registry: Registry, linked: tuple[str, list[int]], notes: Any) -> None:
    answer = reported(registry, linked, notes=notes)
    assert (answer.status_code, list(answer.json())) == (400, ["errors"])


@pytest.mark.parametrize("missing", NOWHERE)
def test_it_names_what_is_not_there(registry: Registry, linked: tuple[str, list[int]], missing: str) -> None:
    answer = registry.post(f"/customers/{missing}/aliases/{linked[1][1]}/feedback", {})
    assert (answer.status_code, answer.json()) == (404, {"error": "Customer not found"})
    answer = registry.post(f"/customers/{linked[0]}/aliases/{missing}/feedback", {})
    assert (answer.status_code, answer.json()) == (404, {"error": "Alias not found"})
    answer = registry.patch(f"/match-quality/feedback/{missing}", {"resolved": True})
    assert (answer.status_code, answer.json()) == (404, {"error": "Feedback not found"})


def test_it_tells_the_customer_that_has_the_alias_now(registry: Registry, linked: tuple[str, list[int]]) -> None:
    reported(registry, linked)
    target = registry.somebody_else()["id"]
    registry.patch(f"/customers/{target}", {"merge": linked[0]})
    [report] = registry.get("/match-quality/feedback?type=false_positive").json()
    assert report["customer_id"] == target


def test_it_filters_and_resolves_feedback(registry: Registry, linked: tuple[str, list[int]]) -> None:
    report = reported(registry, linked).json()
    registry.patch(f"/customers/{linked[0]}", {"merge": registry.somebody_else()["id"]})

    def types(query: str) -> list[str]:
        return [row["type"] for row in registry.get(f"/match-quality/feedback{query}").json()]

    assert types("") == ["false_negative", "false_positive"]
    assert types("?resolved=false") == ["false_positive"]
    answer = registry.patch(f"/match-quality/feedback/{report['id']}", {"resolved": True, "notes": "Split off"})
    assert (answer.status_code, answer.json()["resolved_by"], answer.json()["notes"]) == (200, "jane", "Split off")
    assert types("?resolved=true&type=false_positive") == ["false_positive"]
    assert types("?resolved=false") == []
    assert types("?type=nonsense") == []


@pytest.mark.parametrize("body", [{}, {"resolved": "yes"}, {"resolved": None}, {"resolved": 1}])
def test_it_asks_whether_a_report_is_resolved(registry: Registry, linked: tuple[str, list[int]], body: Any) -> None:
    report = reported(registry, linked).json()
    answer = registry.patch(f"/match-quality/feedback/{report['id']}", body)
    assert (answer.status_code, answer.json()) == (400, {"errors": ["resolved must be true or false"]})
    answer = registry.patch(f"/match-quality/feedback/{report['id']}", {**body, "notes": 1})
    assert answer.json() == {"errors": ["resolved must be true or false", "notes must be a string"]}


def test_it_tells_precision_and_recall(registry: Registry, linked: tuple[str, list[int]]) -> None:
    nothing = {"true_positives": 1, "false_positives": 0, "false_negatives": 0, "total_auto_matches": 1}
    assert registry.get("/match-quality").json() == {**nothing, "precision": 1.0, "recall": 1.0, "f1": 1.0}
    registry.submit("WEB")
    registry.submit("WEB")
    reported(registry, linked)
    figures = registry.get("/match-quality").json()
    assert (figures["true_positives"], figures["precision"], figures["f1"]) == (2, 0.6667, 0.8)


def test_it_suggests_and_applies_other_weights(registry: Registry, linked: tuple[str, list[int]]) -> None:
    nothing = registry.post("/match-quality/tune/apply")
    assert (nothing.status_code, nothing.json()) == (409, {"error": "There is no adjustment to apply"})
    reported(registry, linked)
    suggested = registry.get("/match-quality/tune").json()
    assert (suggested["action"], suggested["current_threshold"], suggested["suggested_threshold"]) == (
        "tighten",
        0.95,
        0.96,
    )
    assert suggested["suggested_weights"]["email"]["m"] == 0.88
    answer = registry.post("/match-quality/tune/apply")
    assert (answer.status_code, answer.json()["version"], answer.json()["active"]) == (201, 2, False)
    # It finds candidates by other keys: it is in force once a worker has built them.
    assert registry.post("/match-models/1/activate").json()["active"] is True, "which gives the other one up"
    assert registry.post("/match-models/2/activate").json()["active"] is False
    assert registry.post("/match-models/2/activate").status_code == 409
    work()
    assert answer.json()["definition"]["match_threshold"] == 0.96
    assert registry.get("/match-quality/tune").json()["current_threshold"] == 0.96
    assert [(m["version"], m["active"]) for m in registry.get("/match-models").json()] == [(2, True), (1, False)]
    assert registry.post("/match-models/1/activate").status_code == 200
    work()
    assert registry.get("/match-quality/tune").json()["current_threshold"] == 0.95
    assert registry.post("/match-models/9/activate").json() == {"error": "Match model not found"}


def test_it_lets_admins_alone_change_the_model(registry: Registry) -> None:
    steward = with_key("read", "write", "review")
    assert steward.post("/match-quality/tune/apply").status_code == 403
    assert steward.post("/match-models/1/activate").status_code == 403

"""Candidates: listed, explained, approved, rejected."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.registry_caller import NOWHERE, Registry


def path_of(registry: Registry, customer: Any, candidate: Any) -> str:
    [alias] = registry.aliases(customer["id"])
    return f"/customers/{customer['id']}/aliases/{alias['id']}/candidates/{candidate['id']}"


def test_it_lists_the_candidates_of_an_alias(registry: Registry) -> None:
    first, second, candidate = registry.near_miss()
    listed = registry.get(path_of(registry, second, candidate).rpartition("/")[0])
    assert (listed.status_code, listed.json()) == (200, [candidate])
    [alias] = registry.aliases(first["id"])
    assert registry.get(f"/customers/{first['id']}/aliases/{alias['id']}/candidates").json() == []


def test_it_explains_a_candidate(registry: Registry) -> None:
    first, second, candidate = registry.near_miss()
    body = registry.get(f"{path_of(registry, second, candidate)}/explanation").json()
    weighed = {field["field"]: field["level"] for field in body["evidence"]["fields"]}
    assert weighed["email"] == "disagrees"
    assert weighed["phone"] == "agrees"
    assert body["evidence"]["score"] == body["confidence"] == candidate["confidence"]
    assert (body["candidate_id"], body["model_version"], body["status"]) == (first["id"], 1, "pending")
    assert "the e-mail differs" in body["sentence"]
    assert body["against"] == registry.aliases(first["id"])[0]["id"]


def test_it_approves_a_candidate(registry: Registry) -> None:
    first, second, candidate = registry.near_miss()
    answer = registry.post(f"{path_of(registry, second, candidate)}/approve")
    assert (answer.status_code, answer.json()["id"]) == (200, first["id"])
    moved = registry.aliases(first["id"])[1]
    assert [(c["status"], c["reviewed_by"]) for c in moved["candidates"]] == [("approved", "jane")]
    assert registry.get(f"/customers/{second['id']}").status_code == 301
    [report] = registry.get("/match-quality/feedback").json()
    assert (report["type"], report["original_confidence"]) == ("false_negative", candidate["confidence"])


def test_it_rejects_a_candidate_once(registry: Registry) -> None:
    first, second, candidate = registry.near_miss()
    path = path_of(registry, second, candidate)
    answer = registry.post(f"{path}/reject")
    body = answer.json()
    assert (answer.status_code, body["message"]) == (200, "Candidate rejected")
    assert (body["candidate"]["status"], body["candidate"]["reviewed_by"]) == ("rejected", "jane")
    for verb in ("approve", "reject"):
        again = registry.post(f"{path}/{verb}")
        assert (again.status_code, again.json()) == (400, {"error": "Candidate already rejected"})
    assert registry.get(f"/customers/{first['id']}").status_code == 200


def test_it_does_not_approve_somebody_deleted(registry: Registry) -> None:
    first, second, candidate = registry.near_miss()
    registry.delete(f"/customers/{first['id']}")
    answer = registry.post(f"{path_of(registry, second, candidate)}/approve")
    assert (answer.status_code, answer.json()) == (404, {"error": "Candidate customer no longer exists"})


@pytest.mark.parametrize("missing", NOWHERE)
def test_it_names_what_is_not_there(registry: Registry, missing: str) -> None:
    _, second, candidate = registry.near_miss()
    [alias] = registry.aliases(second["id"])
    for path, error in (
        (f"/customers/{missing}/aliases/{alias['id']}/candidates/{candidate['id']}", "Customer not found"),
        (f"/customers/{second['id']}/aliases/{missing}/candidates/{candidate['id']}", "Alias not found"),
        (f"/customers/{second['id']}/aliases/{alias['id']}/candidates/{missing}", "Candidate not found"),
    ):
        for answer in (
            registry.post(f"{path}/approve"),
            registry.post(f"{path}/reject"),
            registry.get(f"{path}/explanation"),
        ):
            assert (answer.status_code, answer.json()) == (404, {"error": error}), path

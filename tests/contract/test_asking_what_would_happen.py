"""`POST /match` and the explanation of a link: the same answer, with reasons, and nothing written."""

from __future__ import annotations

from typing import Any

import pytest

from contacts.models import Contact, Customer, Event
from matching.models import CandidatePair
from sources.models import SourceSystem
from tests.contract.registry_caller import Registry
from tests.identity.api.callers import with_key
from tests.registry import source


def rows() -> list[int]:
    return [model.objects.count() for model in (Customer, Contact, CandidatePair, Event, SourceSystem)]


def test_it_foretells_each_outcome_and_writes_nothing(registry: Registry) -> None:
    known = registry.created(key="7")
    for sent in (
        registry.record("ERP"),
        registry.record(key="7", last_name="Abernathie"),
        registry.record("ERP", email="another@example.com"),
        registry.record("ERP", email="x@example.com", phone=None, address=None),
        registry.record(key="7", first_name="Odalys", last_name="Quist", email="o@example.net", phone=None),
    ):
        before = rows()
        answer = registry.post("/match", sent)
        foretold = answer.json()
        assert (answer.status_code, rows()) == (200, before)
        done = registry.post("/customers", sent)
        assert foretold["status"] == done.status_code
        told = done.json()
        assert foretold["customer_id"] in (told.get("id"), told.get("existing_customer_id"), None)
        assert [c["candidate_id"] for c in foretold["candidates"]] == [
            c["candidate_id"] for c in told.get("candidates", [])
        ]
    assert known["id"]


def test_it_gives_the_evidence_of_a_link(registry: Registry) -> None:
    known = registry.created()
    body = registry.post("/match", registry.record("ERP", first_name="Silvia")).json()
    assert (body["outcome"], body["customer"], body["model_version"]) == ("linked", known, 1)
    assert body["confidence"] == body["evidence"]["score"] == 1.0
    first_name = body["evidence"]["fields"][0]
    assert (first_name["incoming"], first_name["existing"]) == ("Silvia", "Sylvia")
    assert 0.85 < first_name["similarity"] < 1
    assert body["sentence"].startswith("Same last name")
    assert body["capped_keys"] == []


def test_it_gives_the_evidence_of_each_candidate(registry: Registry) -> None:
    registry.created()
    body = registry.post("/match", registry.record("ERP", email="another@example.com")).json()
    assert (body["outcome"], body["customer_id"], body["evidence"]) == ("created", None, None)
    [candidate] = body["candidates"]
    assert candidate["confidence"] == candidate["evidence"]["score"] == pytest.approx(0.7454, abs=1e-4)
    assert "the e-mail differs" in candidate["sentence"]


def test_it_names_the_breaches_that_a_submission_would_have(registry: Registry) -> None:
    answer = registry.post("/match", registry.record(email="x"))
    assert (answer.status_code, answer.json()) == (400, {"errors": ["email format is invalid"]})


def test_it_asks_for_no_more_than_reading(registry: Registry) -> None:
    assert with_key("read").post("/match", registry.record()).status_code == 200


def explained(registry: Registry, customer: str, alias: int) -> Any:
    answer = registry.get(f"/customers/{customer}/aliases/{registry.aliases(customer)[alias]['id']}/explanation")
    assert answer.status_code == 200
    return answer.json()


def test_it_explains_a_link(registry: Registry) -> None:
    known = registry.created()["id"]
    registry.submit("ERP", first_name="Silvia")
    body = explained(registry, known, 1)
    assert (body["customer_id"], body["confidence"], body["algorithm"]) == (known, 1.0, "fellegi-sunter")
    assert body["against"] == registry.aliases(known)[0]["id"]
    assert body["evidence"]["total"] == pytest.approx(sum(field["weight"] for field in body["evidence"]["fields"]))
    assert body["sentence"].endswith("enough for an automatic link.")


def test_it_says_so_where_no_machine_linked(registry: Registry) -> None:
    body = explained(registry, registry.created()["id"], 0)
    assert body["evidence"] is body["shared"] is body["confidence"] is None
    assert body["sentence"].startswith("No machine linked this alias")


def test_it_explains_a_link_by_rule(registry: Registry) -> None:
    source("BILLING")
    nameless = {"source_system": "BILLING", "source_key": "1", "email": "sylvia.abernathy@example.org"}
    known = registry.post("/customers", nameless).json()["id"]
    sent = registry.record("ERP")
    foretold = registry.post("/match", sent).json()
    assert registry.post("/customers", sent).json()["id"] == known
    body = explained(registry, known, 1)
    assert (foretold["outcome"], foretold["shared"]) == ("linked", {"email": "sylvia.abernathy@example.org"})
    assert (body["algorithm"], body["shared"], body["evidence"]) == ("shared-identifier", foretold["shared"], None)
    assert body["sentence"].startswith("Same e-mail")


@pytest.mark.parametrize("missing", ["x", "999999999"])
def test_it_names_what_is_not_there(registry: Registry, missing: str) -> None:
    known = registry.created()["id"]
    answer = registry.get(f"/customers/{known}/aliases/{missing}/explanation")
    assert (answer.status_code, answer.json()) == (404, {"error": "Alias not found"})

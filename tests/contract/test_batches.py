"""`POST /customers/batch` and `POST /match/batch`: up to a thousand records, an answer for each."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.models import Contact, Customer, Event
from identity.api.parsing import MAX_BATCH_BYTES
from matching.models import CandidatePair
from sources.models import IdempotencyKey, SourceSystem
from tests.contract.registry_caller import Registry
from tests.identity.api.callers import Api, another_tenant, with_key

NO_RECORDS = "records is required"
UNKNOWABLE = {"id", "created_at", "updated_at", "candidate_id", "existing_customer_id", "message", "Location"}


def send(registry: Api, records: Any, path: str = "/customers/batch", **headers: str) -> Any:
    return registry.post(path, {"records": records}, **headers)


def answers(registry: Api, records: Any, path: str = "/customers/batch") -> list[Any]:
    answer = send(registry, records, path)
    assert answer.status_code == 200, answer.content
    return answer.json()["answers"]


def rows() -> list[int]:
    return [model.objects.count() for model in (Customer, Contact, CandidatePair, Event)]


def mixed(registry: Registry) -> list[dict[str, Any]]:
    """Each outcome there is, later records about earlier ones among them."""
    return [
        registry.record(key="1"),
        registry.record("ERP", key="2"),
        registry.record(key="3", email="x"),
        registry.record(key="4", email="another@example.com"),
        registry.record(key="1", phone=None, last_name="Abernathie"),
        registry.record(key="1", first_name="Odalys", last_name="Quist", email="o@example.net", phone=None),
        registry.record("SHOP", key="5"),
    ]


def blurred(answer: Any) -> Any:
    """An answer without what differs from one run to the next: ids and times."""
    if isinstance(answer, dict):
        return {name: None if name in UNKNOWABLE else blurred(value) for name, value in answer.items()}
    return [blurred(each) for each in answer] if isinstance(answer, list) else answer


def test_each_record_is_answered_as_it_would_be_alone(registry: Registry) -> None:
    records = mixed(registry)
    together = answers(registry, records)
    for customer in registry.get("/customers").json():
        registry.delete(f"/customers/{customer['id']}")
    alone = [registry.post("/customers", record) for record in records]
    assert [each["status"] for each in together] == [201, 200, 400, 201, 200, 409, 400]
    assert [each["status"] for each in together] == [each.status_code for each in alone]
    assert [blurred(each["body"]) for each in together] == [blurred(each.json()) for each in alone]
    named = [{"Location"} if each["status"] == 201 else set() for each in together]
    assert [set(each["headers"]) for each in together] == named
    [candidate] = together[3]["body"]["candidates"]
    assert candidate["id"] in CandidatePair.objects.values_list("pk", flat=True)
    assert together[0]["headers"]["Location"] == f"/customers/{together[0]['body']['id']}"


def test_what_is_wrong_with_one_record_does_not_spoil_the_others(registry: Registry) -> None:
    wrong: list[Any] = [
        None,
        7,
        [],
        {},
        "",
        {"source_system": "CRM", "source_key": "\ud800"},
        {"first_name": {"a": "\0"}},
    ]
    told = answers(registry, [*wrong, registry.record()])
    assert [each["status"] for each in told] == [400] * len(wrong) + [201]
    assert all(each["body"]["errors"] for each in told[:-1])


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        (None, [NO_RECORDS]),
        ([], ["body must be a JSON object"]),
        ({"records": {}}, ["records must be an array"]),
        (
            {"source": "CRM", "rows": []},
            [*map("'{}' is not a field of a batch".format, ("source", "rows")), NO_RECORDS],
        ),
        ({"records": [{}] * 1001, "x": 1}, ["'x' is not a field of a batch", "records has 1,001 entries, and may"]),
        ({"records": None}, ["records must be an array"]),
        ({"records": [], "x": "\0"}, ["body contains a character that cannot be stored"]),
    ],
)
@pytest.mark.parametrize("path", ["/customers/batch", "/match/batch"])
def test_a_malformed_envelope_is_refused_whole(registry: Registry, path: str, body: Any, errors: list[str]) -> None:
    answer = registry.post(path, body)
    assert answer.status_code == 400
    assert [said[: len(error)] for said, error in zip(answer.json()["errors"], errors, strict=True)] == errors


def test_an_empty_batch_has_no_answers(registry: Registry) -> None:
    assert answers(registry, []) == answers(registry, [], "/match/batch") == []


def test_a_thousand_large_records_fit(registry: Registry) -> None:
    note = "x" * 3000
    told = answers(registry, [{"source_system": "CRM", "source_key": str(place), "n": note} for place in range(1000)])
    assert [each["status"] for each in told] == [400] * 1000


def test_a_body_beyond_the_limit_is_refused(registry: Registry) -> None:
    answer = send(registry, ["x" * MAX_BATCH_BYTES])
    assert (answer.status_code, answer.json()) == (413, {"error": "Request body is larger than 8 MiB"})


def test_a_key_bound_to_a_source_submits_for_that_one_only(registry: Registry) -> None:
    erp = with_key("read", "write", source=SourceSystem.objects.get(name="ERP"))
    records = [registry.record("ERP", key="1"), registry.record("CRM", key="1")]
    for path in ("/match/batch", "/customers/batch"):
        told = answers(erp, records, path)
        assert [each["status"] for each in told] == [200 if path == "/match/batch" else 201, 403]
        assert "may only submit for the source" in told[1]["body"]["error"]
    assert Contact.objects.count() == 1


def test_it_asks_for_the_scope_that_one_record_would(registry: Registry) -> None:
    assert send(with_key("read"), []).status_code == 403
    assert send(with_key("read"), [], "/match/batch").status_code == 200
    assert send(with_key("write"), [], "/match/batch").status_code == 403
    assert send(Api(), []).status_code == 401
    [told] = answers(with_key(tenant=another_tenant()), [registry.record()])
    assert told["body"]["errors"] == ["source_system 'CRM' is not registered"]


def test_a_batch_sent_again_is_answered_again_and_not_done_again(registry: Registry) -> None:
    records = mixed(registry)
    first, again = (send(registry, records, idempotency_key="night-1") for _ in range(2))
    assert (first.json(), again.headers["Idempotency-Replayed"]) == (again.json(), "true")
    assert Contact.objects.count() == 3
    assert send(registry, records[1:], idempotency_key="night-1").status_code == 422


def test_a_key_is_kept_for_what_cannot_be_stored_too(registry: Registry) -> None:
    body = json.dumps({"records": [{"first_name": "\ud800"}]})
    answer = registry.client.post(
        "/customers/batch", body, content_type="application/json", headers={**registry.headers, "Idempotency-Key": "1"}
    )
    assert (answer.status_code, answer.json()["answers"][0]["status"]) == (200, 400)
    assert IdempotencyKey.objects.count() == 1


def test_it_foretells_each_record_by_what_is_known_now(registry: Registry) -> None:
    registry.created(key="1")
    records = mixed(registry)
    before = rows()
    told = answers(registry, records, "/match/batch")
    assert rows() == before
    assert [each["status"] for each in told] == [200, 200, 400, 200, 200, 200, 400]
    for record, each in zip(records, told, strict=True):
        assert each["body"] == registry.post("/match", record).json()


def test_it_asks_for_each_source_once(registry: Registry) -> None:
    with CaptureQueriesContext(connection) as queries:
        answers(registry, [registry.record("SHOP", key=str(place)) for place in range(20)])
    assert len([query for query in queries if "sources_sourcesystem" in query["sql"]]) <= 2


def test_a_name_that_a_record_has_twice_is_that_record_s_trouble(registry: Registry) -> None:
    twice = '{"source_system": "CRM", "source_key": "9", "email": "a@example.org", "email": "b@example.org"}'
    raw = f'{{"records": [{json.dumps(registry.record(key="1"))}, {twice}]}}'
    answer = registry.client.generic("POST", "/customers/batch", raw, "application/json", headers=registry.headers)
    assert [each["status"] for each in answer.json()["answers"]] == [201, 400]
    assert answer.json()["answers"][1]["body"] == {"errors": ["body names 'email' twice in one object"]}

"""The OpenAPI document, Swagger UI, and the probes."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.test import Client

from identity.api.registry.filters import ORDERINGS, CustomerFilters


@pytest.fixture(scope="module")
def document() -> Any:
    return Client().get("/api-docs/openapi.json").json()


def operations(document: Any) -> list[tuple[str, Any]]:
    return [
        (f"{method} {path}", operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def test_it_is_made_without_a_warning(tmp_path: Any) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "openapi.yaml"))


def test_it_describes_every_operation_with_examples_and_errors(document: Any) -> None:
    found = operations(document)
    assert len(found) >= 45
    for name, operation in found:
        assert operation["summary"], name
        assert operation["description"], name
        assert any(status.startswith("2") for status in operation["responses"]), name
        assert any(status.startswith("4") for status in operation["responses"]), name
        assert "examples" in str(operation["responses"]), name
        if "requestBody" in operation:
            assert "examples" in str(operation["requestBody"]), name


def test_it_names_each_operation_once(document: Any) -> None:
    names = [operation["operationId"] for _, operation in operations(document)]
    assert len(names) == len(set(names))


def test_it_lets_any_one_credential_do(document: Any) -> None:
    assert document["paths"]["/customers"]["get"]["security"] == [{"ApiKey": []}, {"Session": []}]
    assert "security" not in document["paths"]["/health"]["get"]


def test_it_tells_every_way_to_narrow_a_list(document: Any) -> None:
    told = {each["name"]: each for each in document["paths"]["/customers"]["get"]["parameters"] if "name" in each}
    assert {*CustomerFilters.base_filters, "page", "limit", "cursor", "include_deleted", "under_review"} == set(told)
    assert told["ordering"]["schema"]["enum"] == sorted(ORDERINGS)
    assert told["created_after"]["schema"]["format"] == "date-time"
    assert all(each["description"] for each in told.values())


def test_it_tells_of_repeated_requests(document: Any) -> None:
    for name, operation in operations(document):
        taken = (
            [each.get("$ref", "").rpartition("/")[2] for each in operation["parameters"]]
            if "security" in operation
            else []
        )
        assert ("IdempotencyKey" in taken) == ("422" in operation["responses"]) == name.startswith("post"), name
        if name.startswith("post"):
            done = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
            assert all("Idempotency-Replayed" in answer["headers"] for answer in done), name


def test_it_tells_the_headers_of_answers(document: Any) -> None:
    def headers(method: str, path: str, status: str) -> set[str]:
        return set(document["paths"][path][method]["responses"][status].get("headers", {}))

    assert headers("post", "/customers", "201") >= {"Location", "X-Match-Keys-Capped"}
    assert headers("post", "/customers", "200") >= {"X-Match-Keys-Capped"}
    assert headers("get", "/customers/{customer}", "301") == {"Location"}
    assert headers("post", "/imports", "202") >= {"Location"}
    assert all("Retry-After" in operation["responses"]["503"]["headers"] for _, operation in operations(document))


def test_a_golden_record_is_told_to_be_text(document: Any) -> None:
    told = document["components"]["schemas"]
    for name in ("first_name", "last_name", "email", "phone"):
        assert told["CustomerBody"]["properties"][name]["type"] == "string"
    assert all(part["type"] == "string" for part in told["AddressBody"]["properties"].values())


@pytest.mark.parametrize("path", ["/api-docs", "/api-docs/"])
def test_it_serves_swagger_ui_from_here(client: Client, path: str) -> None:
    answer = client.get(path)
    page = answer.content.decode().replace("\\u002D", "-")
    assert answer.status_code == 200
    assert "/api-docs/openapi.json" in page
    assert "/static/drf_spectacular_sidecar/" in page
    assert "https://" not in page.replace("https://www.w3.org", "")


def test_it_serves_the_files_of_swagger_ui(client: Client) -> None:
    assert client.get("/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js").status_code == 200


def test_it_is_healthy_without_a_database(client: Client) -> None:
    answer = client.get("/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("path", ["/health", "/health/", "/ready"])
@pytest.mark.django_db
def test_probes_are_answered_at_the_address_of_the_process(client: Client, settings: Any, path: str) -> None:
    settings.ALLOWED_HOSTS = ["registry.example.org"]
    assert client.get(path, headers={"host": "10.1.2.3:8000"}).status_code == 200
    assert client.get("/customers", headers={"host": "10.1.2.3:8000"}).status_code == 400


@pytest.mark.django_db
def test_it_is_ready_when_migrated(client: Client) -> None:
    answer = client.get("/ready")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})


@pytest.mark.django_db
def test_it_is_not_ready_without_its_database(client: Client, monkeypatch: Any) -> None:
    def unreachable(*_: Any) -> None:
        raise OperationalError

    monkeypatch.setattr("identity.api.health.MigrationExecutor", unreachable)
    answer = client.get("/ready")
    assert (answer.status_code, answer.json()) == (503, {"error": "Database cannot be reached"})

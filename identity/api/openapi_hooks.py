"""What holds for every operation of the OpenAPI document, told once instead of at every view."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

Endpoint = tuple[str, str, str, Callable[..., Any]]
Document = dict[str, Any]

ERROR = {"$ref": "#/components/schemas/Error"}
ERRORS = {"$ref": "#/components/schemas/Errors"}
EITHER = {"anyOf": [ERRORS, ERROR]}

HEADERS: Document = {
    "ActingUser": {
        "name": "x-user-id",
        "in": "header",
        "schema": {"type": "string", "maxLength": 200},
        "description": "The person the caller acts for, for the audit trail; `anonymous` where absent.",
    },
    "TenantNamed": {
        "name": "x-tenant-id",
        "in": "header",
        "schema": {"type": "string", "maxLength": 100},
        "description": "The tenant meant, by name or id. Only an operator's key needs it; default `default`.",
    },
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "schema": {"type": "string", "maxLength": 200},
        "description": "Sent again with the same key within a day, the request is answered as before, not done again.",
    },
}
OF_ALL = ("ActingUser", "TenantNamed")
OF_POST = ("IdempotencyKey",)
REPLAYED: Document = {
    "Idempotency-Replayed": {
        "schema": {"type": "string", "enum": ["true"]},
        "description": "The answer to the first request with this `Idempotency-Key`; nothing was done.",
    }
}
RETRY: Document = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds."}}


def without_trailing_slashes(endpoints: list[Endpoint], **_: Any) -> list[Endpoint]:
    """Each address once, though it answers with a slash at its end as well."""
    return [endpoint for endpoint in endpoints if not endpoint[0].endswith("/")]


def what_all_share(result: Document, **_: Any) -> Document:
    result["components"].setdefault("parameters", {}).update(HEADERS)
    for method, operation in _operations(result):
        if "security" in operation:
            _secure(operation)
            _take(operation, OF_ALL)
        for status, (text, schema) in _answers(operation).items():
            operation["responses"].setdefault(status, {"description": text, "content": _json(schema)})
        _widen(operation["responses"]["400"])
        operation["responses"]["503"].setdefault("headers", {}).update(RETRY)
        if method == "post":
            _repeatable(operation)
    return result


def _operations(document: Document) -> Iterator[tuple[str, Document]]:
    for methods in document["paths"].values():
        yield from ((method, operation) for method, operation in methods.items() if method != "parameters")


def _secure(operation: Document) -> None:
    """One credential is enough; the generator lists them as if all were needed."""
    schemes = [name for alternative in operation["security"] for name in alternative]
    operation["security"] = [{name: []} for name in schemes]


def _take(operation: Document, headers: Iterable[str]) -> None:
    shared = [{"$ref": f"#/components/parameters/{name}"} for name in headers]
    operation["parameters"] = [*operation.get("parameters", []), *shared]


def _repeatable(operation: Document) -> None:
    """What identity.api.idempotency does for every POST."""
    _take(operation, OF_POST)
    for status, answer in operation["responses"].items():
        if status.startswith("2"):
            answer["headers"] = {**answer.get("headers", {}), **REPLAYED}
    reused = {"description": "The `Idempotency-Key` was used for another request.", "content": _json(ERROR)}
    operation["responses"]["422"] = reused


def _answers(operation: Document) -> dict[str, tuple[str, Document]]:
    answers: dict[str, tuple[str, Document]] = {
        "400": ("The request cannot be understood.", EITHER),
        "503": ("Too busy: try again after `Retry-After` seconds.", ERROR),
    }
    if "security" in operation:
        answers["401"] = ("No API key, or one that is unknown or revoked.", ERROR)
        answers["403"] = ("The caller's scopes do not include this.", ERROR)
        answers["404"] = ("Not there, or another tenant's.", ERROR)
    if "requestBody" in operation:
        answers["413"] = ("The body is larger than 1 MiB.", ERROR)
        answers["415"] = ("The body is not declared as JSON.", ERROR)
    return answers


def _widen(answer: Document) -> None:
    """Whatever a view refuses with 400, a body that is no JSON is refused with one sentence."""
    answer["content"]["application/json"]["schema"] = EITHER


def _json(schema: Document) -> Document:
    return {"application/json": {"schema": schema}}

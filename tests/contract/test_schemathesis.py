"""Requests generated from the OpenAPI document: no 5xx, no undocumented status, no answer of another shape."""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.contract.one_connection import without_closing_connections
from tests.contract.registry_caller import Registry

EXAMPLES = 12
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@schemathesis.serializer("application/x-ndjson", "text/csv", "application/gzip")
def as_it_is(ctx: Any, value: Any) -> bytes:
    """A file is whatever bytes it has."""
    plain = value.data if hasattr(value, "data") else value
    return plain if isinstance(plain, bytes) else str(plain).encode(errors="surrogatepass")


schema = schemathesis.openapi.from_wsgi("/api-docs/openapi.json", get_wsgi_application())


@pytest.fixture
def known(registry: Registry) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Every other request is about what there is, so that not all of them end in 404."""
    first, second, candidate = registry.near_miss()
    [alias] = registry.aliases(second["id"])
    registry.patch(f"/customers/{first['id']}", {"merge": registry.somebody_else()["id"]})
    there: dict[str, Any] = {
        "customer": second["id"],
        "alias": alias["id"],
        "candidate": candidate["id"],
        "merge": registry.get("/merges").json()[0]["id"],
        "field": "email",
        "feedback_id": registry.get("/match-quality/feedback").json()[0]["id"],
        "version": 1,
        "source_id": 1,
        "tenant_id": "default",
    }
    turns = cycle([True, False])
    return lambda path: {name: there.get(name, value) for name, value in path.items()} if next(turns) else path


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    database=None,
)
def test_it_answers_as_documented(case: Any, registry: Registry, known: Any) -> None:
    case.path_parameters = known(case.path_parameters)
    with without_closing_connections():
        answer = case.call(headers=registry.headers)
    case.validate_response(answer, checks=CHECKS)

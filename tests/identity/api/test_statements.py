"""What a submission may cost the database: at most 12 statements, BEGIN and COMMIT among them, whoever calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.identity.api.callers import Api, operator, with_key
from tests.registry import SYLVIA, source

pytestmark = pytest.mark.django_db

MOST = 12
TRANSACTION_CONTROL = 2  # BEGIN and COMMIT, for which the test's own transaction has savepoints
SUBMISSIONS: dict[str, dict[str, Any]] = {
    "created": {},
    "linked": {"source_system": "ERP"},
    "near miss": {"source_key": "2", "email": "somebody.else@example.com"},
    "updated": {"address": {"city": "Fort Worth"}},
    "the same again": {"address": {"city": "Fort Worth"}},
}


@pytest.mark.parametrize("caller", [lambda: with_key("write"), operator, Api], ids=["key", "operator", "anonymous"])
def test_it_spends_few_statements_on_a_submission(settings: Any, caller: Callable[[], Api]) -> None:
    settings.ANONYMOUS_API = True
    source("CRM"), source("ERP")
    api, spent = caller(), {}
    for name, said in SUBMISSIONS.items():
        body = {**SYLVIA, "source_system": "CRM", "source_key": "1", **said}
        with CaptureQueriesContext(connection) as queries:
            assert api.post("/customers", body).status_code in (200, 201)
        sent = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
        spent[name] = len(sent) + TRANSACTION_CONTROL
    assert not {name: count for name, count in spent.items() if count > MOST}, spent


MESSAGES = {"created": 2, "linked": 2, "near miss": 2, "updated": 2, "the same again": 2}


def test_the_statements_travel_in_few_messages() -> None:
    """With a key and sources that the process has read before."""
    source("CRM"), source("ERP")
    api, spent = with_key("write"), {}
    for name in ("CRM", "ERP"):
        api.post(
            "/customers", {"last_name": "Zimmer", "email": "z@example.net", "source_system": name, "source_key": "0"}
        )
    for name, said in SUBMISSIONS.items():
        with CaptureQueriesContext(connection) as queries:
            api.post("/customers", {**SYLVIA, "source_system": "CRM", "source_key": "1", **said})
        spent[name] = len([query for query in queries if "SAVEPOINT" not in query["sql"]])
    assert spent == MESSAGES

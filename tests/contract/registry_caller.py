"""The registry as a source system sees it: over HTTP, in few words."""

from __future__ import annotations

from itertools import count
from typing import Any

from tests.identity.api.callers import Api
from tests.registry import SYLVIA

NOWHERE = ["507f1f77bcf86cd799439011", "01a1fcb2-0000-7000-8000-000000000000", "999999999", "not-an-id", "%00", "é"]

ADDRESS = {"street": "12 Oak Avenue", "city": "Dallas", "state": "TX", "zip": "75201"}  # Sylvia's


class Registry(Api):
    """An Api whose callers say what they post in keyword arguments; None leaves a field out."""

    def __init__(self, api: Api, **headers: str) -> None:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        super().__init__(api.client, **api.headers, **sent)
        self._keys = count(1)

    def submit(self, source: str = "CRM", key: str | None = None, **fields: Any) -> Any:
        """Sylvia's record, with `fields` in place of its own."""
        return self.post("/customers", self.record(source, key, **fields))

    def record(self, source: str = "CRM", key: str | None = None, **fields: Any) -> dict[str, Any]:
        body = {**SYLVIA, **fields, "source_system": source, "source_key": key or f"K-{next(self._keys)}"}
        return {name: value for name, value in body.items() if value is not None}

    def created(self, source: str = "CRM", **fields: Any) -> Any:
        answer = self.submit(source, **fields)
        assert answer.status_code == 201, answer.content
        return answer.json()

    def somebody_else(self, **fields: Any) -> Any:
        """A customer who has nothing in common with Sylvia."""
        other = {
            "first_name": "Odalys",
            "last_name": "Quist",
            "email": "o.quist@example.net",
            "phone": "+13125550175",
            "address": {"street": "9 Pine Road", "city": "Chicago", "state": "IL", "zip": "60601"},
        }
        return self.created(**{**other, "phone": "+13128675175", **fields})

    def near_miss(self) -> tuple[Any, Any, Any]:
        """A customer, another that differs in the e-mail alone, and the candidate that this opened."""
        first = self.created()
        second = self.created("ERP", email="another@example.com")
        return first, second, second["candidates"][0]

    def aliases(self, customer: str) -> list[Any]:
        return self.get(f"/customers/{customer}/aliases").json()

    def changes(self, customer: str) -> list[Any]:
        return self.get(f"/customers/{customer}/changes").json()

    def patch(self, path: str, body: Any = None, **headers: str) -> Any:
        return self("PATCH", path, body, **headers)

"""The contact centre as tests speak of it."""

from __future__ import annotations

from typing import Any

from matching.attributes import define_attribute
from tests.identity.api.callers import Api, with_key
from tests.jobs import work
from tests.registry import default_tenant


class Centre:
    """A client application with a key of these scopes."""

    def __init__(self, *scopes: str, api: Api | None = None) -> None:
        self.api = api or with_key(*scopes)

    def __call__(self, *, status: Any = 200, at: Any = "/contacts/identify", **asked: Any) -> Any:
        answer = self.api.post(at, asked)
        assert answer.status_code == status, answer.content
        return answer.json()

    def media(self, media: str, /, *, status: Any = 200, **settings: Any) -> Any:
        """Change a media type."""
        answer = self.api.put(f"/media-types/{media}", settings)
        assert answer.status_code == status, answer.content
        return answer.json()

    def key(self, *attributes: str, status: int = 202, **said: Any) -> Any:
        """Make an identification key, and finish its index."""
        answer = self.api.post("/identification-keys", {"attributes": list(attributes), **said})
        assert answer.status_code == status, answer.content
        work()
        return self.api.get(f"/identification-keys/{answer.json()['id']}").json() if status < 400 else answer.json()


def define(name: str, kind: str = "string") -> None:
    define_attribute(name, kind, tenant=default_tenant(), by="tester")

"""Those who call the API in tests: programs by key, people by session, and tenants of their own."""

from __future__ import annotations

import json
from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from matching.tenants import open_tenant
from sources.keys import issue
from sources.memberships import enrol
from sources.models import SourceSystem, Tenant
from sources.tenants import find_tenant

ALL = ("admin",)


class Api:
    """Calls the API with one set of headers; `answer.json()` is the body."""

    def __init__(self, client: Client | None = None, **headers: str) -> None:
        self.client = client or Client()
        self.headers = headers

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        content = b"" if body is None else json.dumps(body)
        sent = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return self.client.generic(method, path, content, content_type="application/json", headers=sent)

    def get(self, path: str, **headers: str) -> Any:
        return self("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self("POST", path, body, **headers)

    def put(self, path: str, body: Any = None, **headers: str) -> Any:
        return self("PUT", path, body, **headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Any:
        return self("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: str) -> Any:
        return self("DELETE", path, **headers)


def with_key(*scopes: str, tenant: Tenant | str | None = "default", source: SourceSystem | None = None) -> Api:
    """A program with a key of these scopes (default: admin) and this tenant; tenant None: an operator's."""
    owner = find_tenant(tenant) if isinstance(tenant, str) else tenant
    issued = issue(name="a program", scopes=scopes or ALL, tenant=owner, source=source, by="test")
    return Api(authorization=f"Bearer {issued.secret}")


def operator() -> Api:
    return with_key(tenant=None)


def with_session(
    username: str = "ada", *, role: str | None = None, tenant: Tenant | None = None, superuser: bool = False
) -> Api:
    user = User.objects.create_user(username, password="a password", is_superuser=superuser)
    if role:
        enrol(user, tenant=tenant or find_tenant("default"), role=role)
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    return Api(client)


def another_tenant(name: str = "north") -> Tenant:
    return open_tenant(name, by="test")

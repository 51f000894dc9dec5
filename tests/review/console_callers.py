"""Who sits at the console in tests: an admin, stewards of some sources, people of nowhere."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from sources.memberships import enrol
from sources.models import Reviewer, SourceSystem, Tenant
from tests.registry import default_tenant


def _client(name: str, *, strict: bool) -> tuple[User, Client]:
    user = User.objects.create_user(name, email=f"{name}@example.org", password="a password")
    client = Client(enforce_csrf_checks=strict)
    client.force_login(user)
    return user, client


def admin(name: str = "boss", *, tenant: Tenant | None = None, strict: bool = False) -> Client:
    user, client = _client(name, strict=strict)
    enrol(user, tenant=tenant or default_tenant(), role="admin")
    return client


def steward(*of: SourceSystem, name: str = "stella", tenant: Tenant | None = None, strict: bool = False) -> Client:
    """Named by the reviewers' lists of these sources."""
    user, client = _client(name, strict=strict)
    enrol(user, tenant=tenant or default_tenant(), role="steward")
    for system in of:
        Reviewer.objects.create(source=system, first_name="Stella", last_name="Ward", email=user.email)
    return client


def nobody(name: str = "nemo") -> Client:
    """Signed in, and of no tenant."""
    return _client(name, strict=False)[1]


def text_of(answer: Any) -> str:
    return str(answer.content.decode())

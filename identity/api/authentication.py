"""Whose request this is: an API key's, a signed-in user's, or, in development, anybody's on this machine.

Every authenticated request then has `auth` (the Caller), `tenant` and `actor`: the name for the audit trail, which is
the user's for a session and otherwise whoever `x-user-id` says. That header authenticates nobody.
"""

from __future__ import annotations

import unicodedata
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from identity.api.asked import header
from identity.api.callers import Caller, anybody, of_key, of_user
from sources import keys

SCHEME = "Bearer"
NOBODY = "anonymous"
ANONYMOUS_WARNING = "anonymous access: development only"
# Their presence says that a proxy stands between, so the peer's address is not the caller's.
FORWARDING_HEADERS = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_X_FORWARDED_HOST", "HTTP_VIA")


class ApiAuthentication(BaseAuthentication):
    """Costs one query for a key or an anonymous caller, two for an operator's key."""

    def authenticate(self, request: Request) -> tuple[Any, Caller] | None:
        """Raises AuthenticationFailed, PermissionDenied, TenantNotFound, ParseError."""
        found = _by_key(request) or _by_session(request) or _by_address(request)
        if found is None:
            return None
        caller = found[1]
        request.tenant = caller.tenant_named(header(request, "x-tenant-id"))  # type: ignore[attr-defined]
        request.actor = caller.username or acting(request)  # type: ignore[attr-defined]
        request.anonymous = caller.anonymous  # type: ignore[attr-defined]
        return found

    def authenticate_header(self, request: Request) -> str:
        return SCHEME


def acting(request: Request) -> str:
    """Who a program says it acts for: `x-user-id` without control characters, `anonymous` where absent."""
    said = header(request, "x-user-id")
    if not said:
        return NOBODY
    said = "".join(sign for sign in said if unicodedata.category(sign) not in ("Cc", "Cs"))
    return said.strip() or NOBODY


def _by_key(request: Request) -> tuple[Any, Caller] | None:
    credentials = request.META.get("HTTP_AUTHORIZATION")
    if credentials is None:
        return None
    scheme, _, secret = credentials.strip().partition(" ")
    if scheme.lower() != SCHEME.lower() or not secret.strip():
        raise AuthenticationFailed("Authorization must be: Bearer <API key>")
    key = keys.verify(secret.strip())
    if key is None:
        raise AuthenticationFailed("API key is unknown or revoked")
    return AnonymousUser(), of_key(key)


def _by_session(request: Request) -> tuple[Any, Caller] | None:
    found = SessionAuthentication().authenticate(request)  # checks the CSRF token, too
    if found is None:
        return None
    caller = of_user(found[0])
    if caller is None:
        raise PermissionDenied("This account belongs to no tenant")
    return found[0], caller


def _by_address(request: Request) -> tuple[Any, Caller] | None:
    """Anybody on this machine, where the settings allow it, but no web page that a browser here happens to show."""
    allowed = settings.ANONYMOUS_API and _is_loopback(request) and _is_same_origin(request)
    return (AnonymousUser(), anybody()) if allowed else None


def _is_loopback(request: Request) -> bool:
    if any(name in request.META for name in FORWARDING_HEADERS):
        return False
    try:
        address = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def _is_same_origin(request: Request) -> bool:
    origin = request.META.get("HTTP_ORIGIN")
    return origin is None or origin in {f"{scheme}://{request.get_host()}" for scheme in ("http", "https")}

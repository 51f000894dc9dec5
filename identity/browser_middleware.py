"""What Django does for browsers, spared to programs: a caller of the API that brings no cookie has no session.

An account, messages and all that follows from a session then are not there either, and nobody asks for them.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse

# Here even the first request, without any cookie yet, may begin a session.
PAGES = ("/console", "/admin")


class _ForBrowsers:
    get_response: Any

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "HTTP_COOKIE" in request.META or request.path_info.startswith(PAGES):
            return super().__call__(request)  # type: ignore[misc]
        return self.get_response(request)


class Sessions(_ForBrowsers, SessionMiddleware):
    pass


class Accounts(_ForBrowsers, AuthenticationMiddleware):
    pass


class Messages(_ForBrowsers, MessageMiddleware):
    pass

"""The short way of requests that programs make: past all that Django does for browsers.

A request without a cookie to an address that takes no forms has no session, no account and no messages, and it is no
file. It is held to the same rules, answered by the same view and given the same headers as on the long way. The
API's own page (identity.api.documentation.Swagger) is a page.
"""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import cast

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.security import SecurityMiddleware
from django.urls import Resolver404, ResolverMatch, URLResolver, get_resolver

from identity.content_security import HEADER, STRICT, SWAGGER
from identity.probes import Common

MOST_PATHS = 1_000

Answer = Callable[[HttpRequest], HttpResponseBase]


class Programs:
    """Middleware, the first of all. Whatever is not plain goes the long way: pages, files, refusals, redirects."""

    def __init__(self, get_response: Answer) -> None:
        self._long_way = get_response
        self._security, self._common = SecurityMiddleware(get_response), Common(get_response)
        self._view = cast(Answer, convert_exception_to_response(_of_view))
        self._protection = {secure: _protection(self._security, secure=secure) for secure in (True, False)}
        self._known: dict[tuple[URLResolver, str], ResolverMatch] = {}

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.META.get("HTTP_COOKIE") or not self._is_short(request):
            return self._long_way(request)
        response = self._view(request)
        said = response.headers._store  # by their names in small letters: asked one by one, each is read anew
        for name, header in self._protection[request.is_secure()].items():
            said.setdefault(name, header)
        return self._common.process_response(request, response)

    def _is_short(self, request: HttpRequest) -> bool:
        match = self._match(request.path_info)
        if match is None or not getattr(match.func, "csrf_exempt", False) or request.path.startswith(SWAGGER):
            return False
        try:
            if self._security.process_request(request) or self._common.process_request(request):
                return False
        except (SuspiciousOperation, PermissionDenied):
            return False
        request.resolver_match = match
        return True

    def _match(self, path: str) -> ResolverMatch | None:
        """What is at an address, known for those that hold no ids; None where nothing is."""
        resolver = get_resolver()
        match = self._known.get((resolver, path))
        if match is None:
            try:
                match = resolver.resolve(path)
            except Resolver404:
                return None
            if not (match.args or match.kwargs) and len(self._known) < MOST_PATHS:
                self._known[resolver, path] = match
        return match


def _of_view(request: HttpRequest) -> HttpResponseBase:
    match = request.resolver_match
    assert match is not None  # noqa: S101 - looked for before
    response = match.func(request, *match.args, **match.kwargs)
    return response.render() if hasattr(response, "render") else response


def _protection(security: SecurityMiddleware, *, secure: bool) -> dict[str, tuple[str, str]]:
    """The headers that the middleware of the long way adds to an answer that has none of them."""
    asked = WSGIRequest(
        {"REQUEST_METHOD": "GET", "wsgi.url_scheme": "https" if secure else "http", "wsgi.input": BytesIO()}
    )
    answer = HttpResponse(headers={HEADER: STRICT})
    del answer.headers["Content-Type"]
    answer = security.process_response(asked, answer)
    answer = XFrameOptionsMiddleware(lambda _: answer).process_response(asked, answer)
    return {name.lower(): (name, value) for name, value in answer.items()}

"""`/health` and `/ready` are asked of a process by its own address, which is none of the names it is reached by."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponsePermanentRedirect
from django.middleware.common import CommonMiddleware

PROBES = frozenset({"/health", "/health/", "/ready", "/ready/"})


MOST_HOSTS = 100


class Common(CommonMiddleware):
    """Django's, which refuses hosts that are none of ALLOWED_HOSTS; what a probe is told depends on none.

    By the settings nothing but the host decides, so one that was not refused is not taken apart again.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._welcome: set[str] = set()

    def process_request(self, request: HttpRequest) -> HttpResponsePermanentRedirect | None:
        host = request.META.get("HTTP_HOST", "")
        if host in self._welcome or request.path_info in PROBES:
            return None
        redirect = super().process_request(request)
        if host and redirect is None and len(self._welcome) < MOST_HOSTS:
            self._welcome.add(host)
        return redirect

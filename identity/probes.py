"""`/health` and `/ready` are asked of a process by its own address, which is none of the names it is reached by."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponsePermanentRedirect
from django.middleware.common import CommonMiddleware

PROBES = frozenset({"/health", "/health/", "/ready", "/ready/"})


class Common(CommonMiddleware):
    """Django's, which refuses hosts that are none of ALLOWED_HOSTS; what a probe is told depends on none."""

    def process_request(self, request: HttpRequest) -> HttpResponsePermanentRedirect | None:
        return None if request.path_info in PROBES else super().process_request(request)

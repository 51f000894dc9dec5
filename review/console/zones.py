"""Times in the reader's own time zone.

The browser tells it in a cookie that static/console/console.js sets, so that the next page is right from the first
paint, the admin's pages too. Where there is no script, or a zone this machine does not know, it is the server's. Every
page that shows a time says which zone it is in.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

COOKIE = "zone"
# The names of addresses whose pages are read by people; what programs are answered is in UTC whatever they send.
PAGES = frozenset({"console", "admin"})


def zone_of(request: HttpRequest) -> tzinfo:
    """The reader's, or the server's."""
    told = request.COOKIES.get(COOKIE, "")
    try:
        return ZoneInfo(told) if told else timezone.get_default_timezone()
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return timezone.get_default_timezone()


def abbreviation(moment: datetime) -> str:
    """What the reader's zone is called at that time: `CET`, or `UTC+03` for those that have no such name."""
    name = f"{timezone.localtime(moment):%Z}"
    return f"UTC{name}" if name[:1] in "+-" else name


class ReadersZone:
    """A middleware: pages are made in the zone of whoever reads them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            return self.get_response(request)
        finally:
            timezone.deactivate()

    def process_view(self, request: HttpRequest, view: object, args: Any, kwargs: Any) -> None:
        match = request.resolver_match
        if match is not None and match.namespace in PAGES:
            timezone.activate(zone_of(request))

"""What the frame of every page needs, error pages and the admin's included. Asks the database only when it is used."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from review.console import navigation
from review.console.access import Seat, seat_of
from review.console.counts import counts
from review.console.theme import THEMES, theme_of


def frame(request: HttpRequest) -> dict[str, Any]:
    """A context processor."""
    seat = SimpleLazyObject(lambda: _seat(request))
    return {
        "seat": seat,
        "navigation": SimpleLazyObject(lambda: navigation.links(seat, request)),  # type: ignore[arg-type]
        "counts": SimpleLazyObject(lambda: counts(seat)),  # type: ignore[arg-type]
        "zone": timezone.get_current_timezone_name(),
        "theme": theme_of(request),
        "themes": THEMES,
        "search_address": _search_address(),
    }


def _seat(request: HttpRequest) -> Seat | None:
    given: Seat | None = getattr(request, "seat", None)
    user = getattr(request, "user", None)
    return given or (seat_of(user) if user is not None else None)


def _search_address() -> str:
    try:
        return reverse("console:search")
    except NoReverseMatch:
        return ""

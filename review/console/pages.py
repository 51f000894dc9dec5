"""What every page of the console has in common: who may open it, and what a refusal looks like."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlsplit, urlunsplit

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from psycopg_pool import PoolTimeout

from contacts.errors import Conflict, DomainError, Forbidden, NotFound
from contacts.transactions import Restart
from review.console.access import Seat, seat_of
from sources.deeds import through
from sources.models import Deed

P = ParamSpec("P")


class SeatedRequest(HttpRequest):
    """A request of somebody who may use the console."""

    seat: Seat


View = Callable[Concatenate[SeatedRequest, P], HttpResponseBase]
Address = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

STATUSES: tuple[tuple[type[DomainError], int, str], ...] = (
    (Forbidden, 403, "This is not yours to decide"),
    (NotFound, 404, "There is nothing here"),
    (Conflict, 409, "Something has changed"),
    (DomainError, 400, "That cannot be done"),
)
BUSY = "Many are at work on the same records just now. Wait a moment and try again."


def page(*, admin: bool = False) -> Callable[[View[P]], Address[P]]:
    """A view for whoever has a seat (an admin's, if `admin`); others sign in first or are told no."""

    def guard(view: View[P]) -> Address[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _to_sign_in(request)
            seat = seat_of(request.user)
            if seat is None or (admin and not seat.is_admin):
                raise PermissionDenied
            request.seat = seat  # type: ignore[attr-defined]
            with through(Deed.Door.CONSOLE):
                response = _answered(view, request, *args, **kwargs)  # type: ignore[arg-type]
            # Personal data is for this user's eyes: no cache on the way or on the disk keeps it.
            response.headers.setdefault("Cache-Control", "private, no-store")
            return response

        return guarded

    return guard


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """To the door, and back to the page that was open: the address of a form alone cannot be shown again.

    A script's request is told to take the whole window there: the form would stand within the page, below a bar that
    is no longer true. A figure that is polled stays as it is until somebody does something.
    """
    there = redirect_to_login(_page_of(request))
    if "HX-Request" not in request.headers or "HX-History-Restore-Request" in request.headers:
        return there
    if request.method == "GET" and "HX-Boosted" not in request.headers:
        return HttpResponse(status=204)
    return HttpResponse(status=401, headers={"HX-Redirect": there.url})


def _page_of(request: HttpRequest) -> str:
    """The address in the window: of a form the page that it stands on."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    page = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(page, allowed_hosts={request.get_host()}):
        parts = urlsplit(page)
        return urlunsplit(("", "", parts.path, parts.query, ""))
    return reverse("console:queue")


def _answered(view: View[P], request: SeatedRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
    try:
        return view(request, *args, **kwargs)
    except DomainError as error:
        status, title = next((status, title) for kind, status, title in STATUSES if isinstance(error, kind))
        return refused(request, status=status, title=title, text=f"{error}.")
    except (Restart, OperationalError, PoolTimeout):
        return refused(request, status=503, title="The registry is busy", text=BUSY)


def refused(request: HttpRequest, *, status: int, title: str, text: str) -> HttpResponse:
    """A page that says why something was not done."""
    return render(request, "console/refused.html", {"title": title, "text": text}, status=status)

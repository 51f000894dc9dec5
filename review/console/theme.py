"""Light, dark, or as the system has it: kept in a cookie, so that the first paint is right without a script."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

COOKIE = "theme"
A_YEAR = 365 * 24 * 3600
THEMES = (("auto", "Auto"), ("light", "Light"), ("dark", "Dark"))


def theme_of(request: HttpRequest) -> str:
    chosen = request.COOKIES.get(COOKIE, "auto")
    return chosen if chosen in dict(THEMES) else "auto"


@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    back = request.POST.get("next", "")
    here = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    response = redirect(back if here else "console:queue")
    chosen = request.POST.get("theme", "")
    if chosen in dict(THEMES):
        response.set_cookie(COOKIE, chosen, max_age=A_YEAR, samesite="Lax", secure=request.is_secure())
    return response

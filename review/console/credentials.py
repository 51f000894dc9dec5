"""API keys: made, shown once, revoked."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from review.console.pages import SeatedRequest, page
from sources import keys
from sources.errors import InvalidBody
from sources.keys import IssuedKey
from sources.models import Scope
from sources.systems import systems

MOST_SHOWN = 200
SCOPES = (
    (Scope.READ, "Read", "customers, aliases, candidates, quality"),
    (Scope.WRITE, "Write", "submit and change records"),
    (Scope.REVIEW, "Review", "approve, reject, merge, split, undo"),
    (Scope.ADMIN, "Administer", "sources, keys, models: everything"),
)

# What the API says of a field that is missing, as the form asks for it.
ASKED_FOR = {"name is required": "It has no name", "scopes is required": "Tick at least one thing that it may do"}


@require_http_methods(["GET", "HEAD", "POST"])
@page(admin=True)
def show(request: SeatedRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request, {"source": request.GET.get("source", "")})
    asked = {
        "name": request.POST.get("name", ""),
        "scopes": request.POST.getlist("scopes"),
        "source": request.POST.get("source", ""),
    }
    try:
        wanted = keys.read_request(asked, tenant=request.seat.tenant)
        issued = keys.issue(
            name=wanted.name,
            scopes=wanted.scopes,
            source=wanted.source,
            tenant=request.seat.tenant,
            by=request.seat.name,
        )
    except InvalidBody as error:
        return _page(request, asked, errors=[ASKED_FOR.get(each, each) for each in error.errors])
    # Shown in this very answer: a redirect would have to keep the secret somewhere in between.
    return _page(request, {}, issued=issued)


def _page(
    request: SeatedRequest,
    asked: dict[str, Any],
    *,
    errors: list[str] | None = None,
    issued: IssuedKey | None = None,
) -> HttpResponse:
    tenant = request.seat.tenant
    context = {
        "keys": keys.keys_of(tenant)[:MOST_SHOWN],
        "scopes": SCOPES,
        "systems": systems(tenant),
        "asked": asked,
        "errors": errors or [],
        "issued": issued,
    }
    return render(request, "console/api_keys.html", context, status=400 if errors else 200)


@require_POST
@page(admin=True)
def revoke(request: SeatedRequest, key: int) -> HttpResponse:
    gone = keys.revoke(key, tenant=request.seat.tenant, by=request.seat.name)
    messages.success(request, f"{gone.name} is refused from now on.")
    return redirect("console:sources-keys")

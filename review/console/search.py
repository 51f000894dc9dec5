"""Searching customers. What is searched for travels in the body of a POST: no name or e-mail stands in an address."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from review import searching
from review.console import reach
from review.console.pages import SeatedRequest, page

MOST_SHOWN = 50
MOST_SUGGESTED = 8


@require_safe
@page()
def customers(request: SeatedRequest) -> HttpResponse:
    """Nothing asked yet: the newest."""
    found = searching.newest(tenant=request.seat.tenant, among=reach.customers(request.seat), limit=20)
    return render(request, "console/customers.html", {"found": found, "asked": ""})


@sensitive_post_parameters("q")
@require_http_methods(["GET", "HEAD", "POST"])
@page()
def search(request: SeatedRequest) -> HttpResponse:
    if request.method != "POST":
        return redirect("console:customers")
    asked = request.POST.get("q", "")
    found = _found(request, asked, MOST_SHOWN + 1)
    context = {"found": found[:MOST_SHOWN], "asked": asked.strip(), "more": len(found) > MOST_SHOWN}
    return render(request, "console/customers.html", context)


@sensitive_post_parameters("q")
@require_POST
@page()
def suggestions(request: SeatedRequest) -> HttpResponse:
    """The partial below the search field, while somebody types."""
    asked = request.POST.get("q", "")
    found = _found(request, asked, MOST_SUGGESTED) if len(asked.strip()) > 1 else []
    return render(request, "console/_suggestions.html", {"found": found, "asked": asked.strip()})


def _found(request: SeatedRequest, asked: str, limit: int) -> list[searching.Finding]:
    return searching.search(asked, tenant=request.seat.tenant, among=reach.customers(request.seat), limit=limit)

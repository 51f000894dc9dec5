"""Signing in and out."""

from __future__ import annotations

from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from review.console.pages import SeatedRequest, page


class SignIn(LoginView):
    template_name = "console/login.html"
    redirect_authenticated_user = True


class SignOut(LogoutView):
    next_page = "console:login"


@require_safe
@page()
def keys(request: SeatedRequest) -> HttpResponse:
    """The list of keys as a page of its own, for browsers without scripts."""
    return render(request, "console/keys.html")

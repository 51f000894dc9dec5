"""Addresses work without and with a slash at their end."""

from __future__ import annotations

from django.urls import URLPattern, path

from identity.api.views import ApiView


def address(route: str, view: type[ApiView], name: str) -> list[URLPattern]:
    """The patterns of one address; `name` reverses to the one without the slash."""
    callback = view.as_view()
    return [path(route, callback, name=name), path(f"{route}/", callback)]

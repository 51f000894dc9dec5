"""Addresses that change how the registry works: what is done there stands in the journal of administration."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from identity.api.callers import Caller
from identity.api.views import ApiView
from sources.deeds import recognise, through
from sources.models import Deed


class Administering(ApiView):
    """The journal is told that it was the API, and by which key."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with through(Deed.Door.API):
            return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if isinstance(request.auth, Caller):
            recognise(request.auth.key)

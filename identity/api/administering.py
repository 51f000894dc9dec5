"""Addresses that change how the registry works: what is done there stands in the journal of administration."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from identity.api.callers import Caller
from identity.api.documentation import refused
from identity.api.views import ApiView
from sources.deeds import ChangedMeanwhile, latest, recognise, through
from sources.models import Deed

_TAG = re.compile(r'"(\d{1,19})"', re.ASCII)
NO_DEED = -1

TAGGED = OpenApiParameter(
    "ETag", str, "header", response=[200], description="Stands for these settings as they are; for `If-Match`."
)
IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The `ETag` that was read: where somebody has changed it since, nothing is done (412).",
)
MEANWHILE = refused(str(ChangedMeanwhile(NO_DEED)))


def tag(kind: Deed.Kind, pk: int) -> dict[str, str]:
    """The header that stands for how this subject's settings are. To be read before they are, not after."""
    return {"ETag": f'"{latest(kind, pk)}"'}


def seen(request: Request) -> int | None:
    """The deed that `If-Match` stands for; None where there is no such header, or any state will do (`*`)."""
    said = request.META.get("HTTP_IF_MATCH", "*").strip()
    found = _TAG.fullmatch(said)
    return None if said == "*" else int(found[1]) if found else NO_DEED


class Administering(ApiView):
    """The journal is told that it was the API, and by which key."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with through(Deed.Door.API):
            return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if isinstance(request.auth, Caller):
            recognise(request.auth.key)

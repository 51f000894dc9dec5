"""Answers: JSON with times in ISO 8601 UTC (`2026-03-06T14:30:00.123456Z`)."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import orjson
from django.http import HttpResponse
from rest_framework.renderers import BaseRenderer

_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC | orjson.OPT_NON_STR_KEYS


class Response(HttpResponse):
    """An answer in JSON, written at once: REST framework's is rendered when all is done, by what it chooses then."""

    exception = False  # REST framework marks refusals

    def __init__(self, data: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(encoded(data), status=status, headers={**(headers or {}), "Content-Type": "application/json"})
        self.data = data

    def items(self) -> Collection[tuple[str, str]]:
        """Names and values of the headers, as Django hands them to the server; whole, not one after the other."""
        return self.headers._store.values()


class JSONRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        return encoded(data)


def encoded(body: Any) -> bytes:
    try:
        return orjson.dumps(body, option=_OPTIONS, default=str)
    except TypeError:
        # orjson refuses integers beyond 64 bits, which a source's payload may hold.
        return json.dumps(body, default=_plain, ensure_ascii=False, separators=(",", ":")).encode()


def _plain(value: object) -> str:
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else str(value)

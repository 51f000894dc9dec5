"""Request bodies: strict JSON of at most 1 MiB, whatever bytes arrive."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import IO, Any, NoReturn

from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from contacts.errors import InvalidBody
from contacts.normalisation.json_values import storage_faults

MAX_BODY_BYTES = 1024 * 1024


class BodyTooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "Request body is larger than 1 MiB"


class StrictJSONParser(BaseParser):
    """JSON as RFC 8259 has it: no NaN or Infinity, UTF-8 only, and nothing the database could not store."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Raises BodyTooLarge, ParseError, InvalidBody."""
        raw = stream.read(MAX_BODY_BYTES + 1)
        if len(raw) > MAX_BODY_BYTES:
            raise BodyTooLarge
        body = _decoded(raw)
        if faults := storage_faults(body):
            raise InvalidBody(faults)
        return body


def _decoded(raw: bytes) -> Any:
    try:
        return json.loads(raw.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ParseError("Request body is not valid JSON") from error


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


class OneFormat(BaseContentNegotiation):
    """An address speaks one format: `Accept` changes nothing, and a body without a type is taken for JSON."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        media_type = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if media_type in ("", parser.media_type)), None)

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        only = next(iter(renderers))
        return only, str(only.media_type)


def json_object(request: Request) -> dict[str, Any]:
    """The body, which must be a JSON object; a missing body is an empty one. Raises InvalidBody."""
    body = request.data
    if not isinstance(body, dict):
        raise InvalidBody(["body must be a JSON object"])
    return dict(body)

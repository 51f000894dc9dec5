"""Request bodies: strict JSON of at most 1 MiB (a batch: 8 MiB), whatever bytes arrive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

from django.http import HttpRequest
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from contacts.errors import InvalidBody
from contacts.normalisation.json_values import storage_faults, strict_json

MIB = 1024 * 1024
MAX_BODY_BYTES = MIB
MAX_BATCH_BYTES = 8 * MIB  # a thousand records of 8 KiB; one of every field is about half a KiB
RECORDS = "records"


class BodyTooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE

    def __init__(self, most: int) -> None:
        super().__init__(f"Request body is larger than {most // MIB} MiB")


class StrictJSONParser(BaseParser):
    """JSON as RFC 8259 has it: no NaN or Infinity, UTF-8 only, and nothing the database could not store."""

    media_type = "application/json"
    most_bytes = MAX_BODY_BYTES

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Raises BodyTooLarge, ParseError, InvalidBody."""
        raw = stream.read(self.most_bytes + 1)
        if len(raw) > self.most_bytes:
            raise BodyTooLarge(self.most_bytes)
        return self.storable(_decoded(raw))

    def storable(self, body: Any) -> Any:
        """The body. Raises InvalidBody where the database could not store it."""
        if faults := storage_faults(body):
            raise InvalidBody(faults)
        return body


@dataclass(frozen=True, slots=True)
class Unstorable:
    """A record of a batch that the database could not store: why, in its place."""

    faults: Sequence[str]


class BatchParser(StrictJSONParser):
    """The same for `{"records": [...]}`: a record that cannot be stored is that record's trouble alone."""

    most_bytes = MAX_BATCH_BYTES

    def storable(self, body: Any) -> Any:
        if not isinstance(body, dict) or not isinstance(body.get(RECORDS), list):
            return super().storable(body)
        rest = {name: value for name, value in body.items() if name != RECORDS}
        return {**super().storable(rest), RECORDS: [_storable_record(record) for record in body[RECORDS]]}


def _storable_record(record: Any) -> Any:
    faults = storage_faults(record)
    return Unstorable(faults) if faults else record


def has_body(request: HttpRequest) -> bool:
    """What the server says of its length, or that it only ends with its last chunk (identity.chunked_bodies)."""
    length = request.META.get("CONTENT_LENGTH", "")
    return length.isdigit() and int(length) > 0


def _decoded(raw: bytes) -> Any:
    try:
        return strict_json(raw)
    except (ValueError, RecursionError) as error:
        raise ParseError("Request body is not valid JSON") from error


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

"""The OpenAPI document and Swagger UI, served from the installation itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import OpenApiExample, OpenApiResponse
from drf_spectacular.views import SpectacularSwaggerView
from rest_framework import serializers

from identity.api import security_schemes as security_schemes  # known to the generator by being imported

Endpoint = tuple[str, str, str, Callable[..., Any]]
Document = dict[str, Any]

ERROR = {"$ref": "#/components/schemas/Error"}
ERRORS = {"$ref": "#/components/schemas/Errors"}


class ErrorSerializer(serializers.Serializer[Any]):
    """A refusal in one sentence."""

    error = serializers.CharField()


class ErrorsSerializer(serializers.Serializer[Any]):
    """Everything that is wrong with a body, at once."""

    errors = serializers.ListField(child=serializers.CharField())


def refused(*errors: str) -> OpenApiResponse:
    """The answer `{"error": …}`, with one example for each of its messages."""
    return OpenApiResponse(
        ErrorSerializer,
        description=". ".join(errors) + ".",
        examples=[OpenApiExample(error, value={"error": error}) for error in errors],
    )


def breaches(*errors: str) -> OpenApiResponse:
    """The answer `{"errors": […]}`: everything that is wrong with the body."""
    return OpenApiResponse(
        ErrorsSerializer,
        description="Everything that is wrong with the body.",
        examples=[OpenApiExample("breaches", value={"errors": list(errors)})],
    )


def sent(value: Any) -> OpenApiExample:
    """An example of a request's body."""
    return OpenApiExample("a request", value=value, request_only=True)


def answered(value: Any, *statuses: int) -> OpenApiExample:
    """An example of the answer of these statuses, 200 where none are given."""
    codes = [str(status) for status in statuses or (200,)]
    return OpenApiExample("an answer", value=value, response_only=True, status_codes=codes)


class Swagger(SpectacularSwaggerView):
    url_name = "openapi"
    title = "Identity Registry"


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    return HttpResponse(_document(), content_type="application/vnd.oai.openapi+json")


@lru_cache(maxsize=1)
def _document() -> bytes:
    """The document never changes while the process runs; deriving it takes about a second."""
    return orjson.dumps(SchemaGenerator().get_schema(request=None, public=True))


def without_trailing_slashes(endpoints: list[Endpoint], **_: Any) -> list[Endpoint]:
    """Each address once, though it answers with a slash at its end as well."""
    return [endpoint for endpoint in endpoints if not endpoint[0].endswith("/")]


def common_answers(result: Document, **_: Any) -> Document:
    """What any operation may answer, told once here instead of at every view."""
    for operation in _operations(result):
        for status, (text, schema) in _common(operation).items():
            operation["responses"].setdefault(status, _answer(text, schema))
    return result


def _operations(document: Document) -> Iterator[Document]:
    for methods in document["paths"].values():
        yield from (operation for method, operation in methods.items() if method != "parameters")


def _common(operation: Document) -> dict[str, tuple[str, Document]]:
    answers = {
        "400": ("The request cannot be understood.", {"oneOf": [ERROR, ERRORS]}),
        "503": ("Too busy: try again after `Retry-After` seconds.", ERROR),
    }
    if operation.get("security") != [{}]:
        answers["401"] = ("No API key, or one that is unknown or revoked.", ERROR)
        answers["403"] = ("The key's scopes do not include this.", ERROR)
        answers["404"] = ("Not there, or another tenant's.", ERROR)
    if "requestBody" in operation:
        answers["413"] = ("The body is larger than 1 MiB.", ERROR)
        answers["415"] = ("The body is not declared as JSON.", ERROR)
    return answers


def _answer(text: str, schema: Document) -> Document:
    return {"description": text, "content": {"application/json": {"schema": schema}}}

"""The OpenAPI document and Swagger UI, served from the installation itself."""

from __future__ import annotations

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


class ErrorSerializer(serializers.Serializer[Any]):
    """A refusal in one sentence."""

    error = serializers.CharField()


class ErrorsSerializer(serializers.Serializer[Any]):
    """Everything that is wrong with a body, at once."""

    errors = serializers.ListField(child=serializers.CharField())  # type: ignore[assignment]  # the contract's name


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
    return orjson.dumps(_generated())


def _generated() -> dict[str, Any]:
    generator: Any = SchemaGenerator
    return dict(generator().get_schema(request=None, public=True))

"""The addresses of the registry's resource API."""

from __future__ import annotations

from django.urls import URLPattern, path

from identity.api.documentation import Swagger, openapi
from identity.api.registry import access_urls

urlpatterns: list[URLPattern] = [
    path("api-docs", Swagger.as_view(), name="api-docs"),
    path("api-docs/", Swagger.as_view()),
    path("api-docs/openapi.json", openapi, name="openapi"),
    *access_urls.urlpatterns,
]

"""From what was refused to one answer: `{"errors": [...]}` for a body's breaches, `{"error": "..."}` for the rest."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.views import defaults
from psycopg_pool import PoolTimeout
from rest_framework import exceptions

from contacts.errors import Conflict, DomainError, Forbidden, Invalid, InvalidBody, NotFound
from contacts.transactions import Restart
from identity.api.rendering import Response, encoded
from imports.errors import FileTooLarge
from matching.identify import SourceKeyCollision
from sources.deeds import ChangedMeanwhile

logger = logging.getLogger(__name__)

# The first kind that fits decides.
DOMAIN_STATUSES: tuple[tuple[type[DomainError], int], ...] = (
    (Forbidden, 403),
    (NotFound, 404),
    (ChangedMeanwhile, 412),
    (Conflict, 409),
    (FileTooLarge, 413),
    (Invalid, 400),
)
OTHER_ANSWERS: tuple[tuple[type[Exception], int, str], ...] = (
    (Http404, 404, "Not found"),
    (PermissionDenied, 403, "Not allowed"),
    (RequestDataTooBig, 413, "Request body is larger than 1 MiB"),
    (SuspiciousOperation, 400, "Request cannot be understood"),
    (DataError, 400, "The request holds a value that cannot be stored"),
    (Restart, 503, "Too many requests about the same customer: try again"),
    (OperationalError, 503, "The database is busy: try again"),
    (InterfaceError, 503, "The database is busy: try again"),
    (PoolTimeout, 503, "The database is busy: try again"),
)


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """REST framework's hook. None for what nobody foresaw: it is logged and answered 500."""
    if isinstance(error, DomainError):
        return refusal(error)
    if isinstance(error, exceptions.APIException):
        return Response(_framework_body(error), status=error.status_code, headers=_framework_headers(error))
    for kind, status, text in OTHER_ANSWERS:
        if isinstance(error, kind):
            if status == 503 or kind is DataError:
                logger.warning("answered %s", status, exc_info=error)
            return Response({"error": text}, status=status, headers={"Retry-After": "1"} if status == 503 else None)
    return None


def refusal(error: DomainError) -> Response:
    """The answer to what a verb, or the reading of a body, refused."""
    return Response(_domain_body(error), status=_domain_status(error))


def _domain_status(error: DomainError) -> int:
    return next((status for kind, status in DOMAIN_STATUSES if isinstance(error, kind)), 400)


def _domain_body(error: DomainError) -> dict[str, Any]:
    if isinstance(error, InvalidBody):
        return {"errors": error.errors}
    body: dict[str, Any] = {"error": str(error)}
    if isinstance(error, SourceKeyCollision):
        body |= {
            "message": error.message,
            "existing_customer_id": error.customer_id,
            "confidence": error.confidence,
        }
    return body


def _framework_body(error: exceptions.APIException) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        return {"errors": list(_sentences(error.detail))}
    return {"error": str(error.detail)}


def _sentences(detail: Any, field: str = "") -> Iterator[str]:
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            yield from _sentences(inner, "" if name == "non_field_errors" else str(name))
    elif isinstance(detail, list):
        for inner in detail:
            yield from _sentences(inner, field)
    else:
        yield f"{field}: {detail}" if field else str(detail)


def _framework_headers(error: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if authenticate := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = authenticate
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    return headers


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400: what never reached a view."""
    if _wants_page(request):
        return defaults.bad_request(request, exception)
    return _json(400, "Request cannot be understood")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler404: an address nothing is at."""
    return defaults.page_not_found(request, exception) if _wants_page(request) else _json(404, "Not found")


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500."""
    return defaults.server_error(request) if _wants_page(request) else _json(500, "Internal server error")


def _wants_page(request: HttpRequest) -> bool:
    return "text/html" in request.META.get("HTTP_ACCEPT", "")


def _json(status: int, text: str) -> HttpResponse:
    return HttpResponse(encoded({"error": text}), status=status, content_type="application/json")

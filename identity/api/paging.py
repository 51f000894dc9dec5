"""Lists in pages: `page` and `limit` that forgive, the totals and neighbours in headers."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from identity.api.asked import whole_number

DEFAULT_LIMIT = 100
MAX_LIMIT = 1000
# Far beyond any list, and its offset still fits PostgreSQL's bigint.
MAX_PAGE = 10**12
# Rows counted one by one; beyond, the planner's estimate is told, and told to be one.
EXACT_UP_TO = 100_000

PAGING = (
    OpenApiParameter("page", int, description="From 1."),
    OpenApiParameter("limit", int, description="Rows on a page, 1 to 1000."),
    OpenApiParameter("X-Total-Count", int, "header", response=[200], description="Rows on all pages."),
    OpenApiParameter("X-Page", int, "header", response=[200], description="The page answered."),
    OpenApiParameter("X-Limit", int, "header", response=[200], description="Rows on a page."),
    OpenApiParameter(
        "Link", str, "header", response=[200], description="RFC 8288: `first`, `prev`, `next` and `last`, absolute."
    ),
)

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Page(Generic[M]):
    """One page of a list, and the headers that go with it."""

    rows: Sequence[M]
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Total:
    """How many rows there are; `estimated` when there are too many to count for every request."""

    rows: int
    estimated: bool


def page_of(request: Request, queryset: QuerySet[M], *, usual_limit: int = DEFAULT_LIMIT) -> Page[M]:
    """The page asked for. The ids are found first: skipping rows then reads nothing but an index."""
    number = whole_number(request, "page", default=1, least=1, most=MAX_PAGE)
    limit = whole_number(request, "limit", default=usual_limit, least=1, most=MAX_LIMIT)
    skipped = (number - 1) * limit
    ids = list(queryset.values_list("pk", flat=True)[skipped : skipped + limit + 1])
    found = queryset.model._default_manager.in_bulk(ids[:limit]) if ids else {}
    more = len(ids) > limit
    total = _total(queryset, at_least=skipped + len(ids) if ids else 0, complete=bool(ids) and not more)
    rows = [found[pk] for pk in ids[:limit] if pk in found]
    return Page(rows, _headers(request, number, limit, total, more=more))


def _total(queryset: QuerySet[Any], *, at_least: int, complete: bool) -> Total:
    if complete:
        return Total(at_least, estimated=False)
    counted = queryset.order_by().values("pk")[: EXACT_UP_TO + 1].count()
    if counted <= EXACT_UP_TO:
        return Total(counted, estimated=False)
    return Total(max(planned_rows(queryset), at_least, counted), estimated=True)


def planned_rows(queryset: QuerySet[Any]) -> int:
    """How many rows PostgreSQL's planner expects."""
    plan = json.loads(queryset.order_by().values("pk").explain(format="json"))
    return int(plan[0]["Plan"]["Plan Rows"])


def _headers(request: Request, number: int, limit: int, total: Total, *, more: bool) -> dict[str, str]:
    headers = {"X-Total-Count": str(total.rows), "X-Page": str(number), "X-Limit": str(limit)}
    if total.estimated:
        headers["X-Total-Count-Estimated"] = "true"
    last = max(1, math.ceil(total.rows / limit))
    pages = {"first": 1}
    if number > 1:
        pages["prev"] = min(number - 1, last)
    if more:
        pages["next"] = number + 1
    pages["last"] = last
    links = [f'<{_address(request, page, limit)}>; rel="{name}"' for name, page in pages.items()]
    return {**headers, "Link": ", ".join(links)}


def _address(request: Request, page: int, limit: int) -> str:
    query = request.query_params.copy()
    query["page"], query["limit"] = str(page), str(limit)
    return f"{request.build_absolute_uri(request.path)}?{query.urlencode()}"

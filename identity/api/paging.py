"""Lists in pages: `page` and `limit` that forgive, the totals and neighbours in headers.

The addresses in `Link` carry a `cursor` beside the page's number: the row behind which (`a`), or before which (`b`) the
page begins, or the list's end (`z`). Whoever follows them is answered from that row on, however deep the page lies. A
page asked for by its number alone is counted off, from the nearest marked position where there are such.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from identity.api.asked import whole_number
from identity.api.deep_pages import skipping
from identity.api.listings import Listing, Part

DEFAULT_LIMIT = 100
MAX_LIMIT = 1000
# Far beyond any list, and its offset still fits PostgreSQL's bigint.
MAX_PAGE = 10**12
# Rows counted one by one; beyond, the planner's estimate is told, and told to be one. To count what filters let
# through, rows are read, not only an index.
EXACT_UP_TO = 100_000
EXACT_OF_FILTERED = 10_000

PAGING = (
    OpenApiParameter("page", int, description="From 1."),
    OpenApiParameter("limit", int, description="Rows on a page, 1 to 1000."),
    OpenApiParameter("cursor", str, description="As `Link` has it: where the page begins. Not to be made up."),
    OpenApiParameter("X-Total-Count", int, "header", response=[200], description="Rows on all pages."),
    OpenApiParameter(
        "X-Total-Count-Estimated", bool, "header", response=[200], description="`true` where the total is an estimate."
    ),
    OpenApiParameter("X-Page", int, "header", response=[200], description="The page answered."),
    OpenApiParameter("X-Limit", int, "header", response=[200], description="Rows on a page, at most."),
    OpenApiParameter(
        "X-Page-As-Of",
        str,
        "header",
        response=[200],
        description="Of a deep page asked for by its number alone: when the positions were counted that it is told by.",
    ),
    OpenApiParameter(
        "Link", str, "header", response=[200], description="RFC 8288: `first`, `prev`, `next` and `last`, absolute."
    ),
)

AFTER, BEFORE, END = "a", "b", "z"

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


@dataclass(frozen=True, slots=True)
class Asked:
    """Which page; `cursor` is the kind of place it begins at and the key of a row, both empty where there is none."""

    number: int
    limit: int
    cursor: tuple[str, str] = ("", "")

    @classmethod
    def read(cls, request: Request, usual_limit: int) -> Asked:
        number = whole_number(request, "page", default=1, least=1, most=MAX_PAGE)
        limit = whole_number(request, "limit", default=usual_limit, least=1, most=MAX_LIMIT)
        cursor = request.query_params.get("cursor", "")
        return cls(number, limit, (cursor[:1], cursor[1:]))

    @property
    def skipped(self) -> int:
        return (self.number - 1) * self.limit


@dataclass(frozen=True, slots=True)
class Found:
    """What was read. `followed`: from a cursor; `as_of`: when the positions were counted that it was told by."""

    part: Part
    total: Total
    followed: bool
    as_of: str = ""


def page_of(request: Request, listing: Listing[M], *, usual_limit: int = DEFAULT_LIMIT) -> Page[M]:
    """The page asked for. The keys are found first: that reads nothing but an index."""
    asked = Asked.read(request, usual_limit)
    found = _followed(listing, asked) or _counted_off(listing, asked)
    held = listing.rows.model._default_manager.in_bulk(list(found.part.pks)) if found.part.pks else {}
    rows = [held[pk] for pk in found.part.pks if pk in held]
    return Page(rows, _headers(request, asked, found, listing))


def _followed(listing: Listing[M], asked: Asked) -> Found | None:
    """From a cursor; None where there is none that names a row of this list."""
    kind, word = asked.cursor
    if kind == END and not listing.counted_off:
        total = total_of(listing)
        rest = asked.limit if total.estimated else total.rows - asked.skipped
        if 0 < rest <= asked.limit:
            part = _turned(listing.backwards.first(rest))
            return Found(replace(part, more=False), total, followed=True)
    if kind not in (AFTER, BEFORE) or (place := _place(listing, word)) is None:
        return None
    if kind == AFTER:
        return Found(listing.after(place, asked.limit), total_of(listing), followed=True)
    part = _turned(listing.backwards.after(place, asked.limit))
    return Found(replace(part, more=True), total_of(listing), followed=True)


def _place(listing: Listing[M], word: str) -> tuple[Any, ...] | None:
    try:
        return None if listing.counted_off else listing.place_of(listing.rows.model._meta.pk.to_python(word))
    except ValidationError:
        return None


def _turned(part: Part) -> Part:
    return replace(part, pks=part.pks[::-1])


def _counted_off(listing: Listing[M], asked: Asked) -> Found:
    part, as_of = skipping(listing, asked.skipped, asked.limit)
    if part.pks and not part.more:
        return Found(part, Total(asked.skipped + len(part.pks), estimated=bool(as_of)), followed=False, as_of=as_of)
    total = total_of(listing, at_least=asked.skipped + len(part.pks) + part.more if part.pks else 0)
    return Found(part, total, followed=False, as_of=as_of)


def total_of(listing: Listing[Any], *, at_least: int = 0) -> Total:
    planned = planned_rows(listing.rows if listing.told is None else listing.told)
    most = EXACT_OF_FILTERED if listing.course is None else EXACT_UP_TO
    if listing.walked is not None or planned > most:
        return Total(max(planned, at_least), estimated=True)
    counted = listing.rows.order_by().values("pk")[: most + 1].count()
    if counted <= most:
        return Total(counted, estimated=False)
    return Total(max(planned, at_least, counted), estimated=True)


def planned_rows(queryset: QuerySet[Any]) -> int:
    """How many rows PostgreSQL's planner expects; Django does not ask it where nothing can fit."""
    plan = queryset.order_by().values("pk").explain(format="json")
    return int(json.loads(plan)[0]["Plan"]["Plan Rows"]) if plan else 0


def _headers(request: Request, asked: Asked, found: Found, listing: Listing[Any]) -> dict[str, str]:
    headers = {"X-Total-Count": str(found.total.rows), "X-Page": str(asked.number), "X-Limit": str(asked.limit)}
    if found.total.estimated:
        headers["X-Total-Count-Estimated"] = "true"
    if found.as_of:
        headers["X-Page-As-Of"] = found.as_of
    links = [
        f'<{_address(request, page, asked.limit, "" if listing.counted_off else cursor)}>; rel="{name}"'
        for name, (page, cursor) in _neighbours(asked, found).items()
    ]
    return {**headers, "Link": ", ".join(links)}


def _neighbours(asked: Asked, found: Found) -> dict[str, tuple[int, str]]:
    """The number and the cursor of each page that there is a link to."""
    part, last = found.part, max(1, math.ceil(found.total.rows / asked.limit))
    backwards = asked.cursor[0] in (BEFORE, END) and found.followed
    first, behind = (part.pks[0], part.pks[-1]) if part.pks else (None, None)
    if part.stopped_at is not None:
        first, behind = (part.stopped_at, behind) if backwards else (first, part.stopped_at)
    pages = {"first": (1, "")}
    if asked.number > 1:
        previous = asked.number - 1 if found.followed else min(asked.number - 1, last)
        pages["prev"] = (previous, f"{BEFORE}{first}" if first and previous > 1 else "")
    if part.more:
        pages["next"] = (asked.number + 1, f"{AFTER}{behind}" if behind else "")
    pages["last"] = (last, END)
    return pages


def _address(request: Request, page: int, limit: int, cursor: str) -> str:
    query = request.query_params.copy()
    query["page"], query["limit"] = str(page), str(limit)
    query.pop("cursor", None)
    if cursor:
        query["cursor"] = cursor
    return f"{request.build_absolute_uri(request.path)}?{query.urlencode()}"

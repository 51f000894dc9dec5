"""`/customers`: records come in, customers are listed and searched."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.urls import get_script_prefix, reverse
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import ValidationError

from contacts.errors import Invalid
from contacts.metrics import kinds_of
from contacts.models import Customer
from contacts.normalisation.names import MIN_PREFIX_LENGTH
from contacts.normalisation.text import tidy
from contacts.replica import a_moment_behind
from identity.api.asked import NO_CUSTOMER, switch, whole_number
from identity.api.documentation import answered, breaches, refused, sent
from identity.api.listings import Listing
from identity.api.paging import PAGING, page_of
from identity.api.registry.asked_shapes import RecordSubmitted
from identity.api.registry.bodies import candidate_body, customer_body
from identity.api.registry.customer_examples import CANDIDATE, CUSTOMER, ID, SUBMITTED
from identity.api.registry.filters import FILTERS, CustomerFilters
from identity.api.registry.schemas import CollisionBody, CreatedCustomerBody, CustomerBody
from identity.api.registry.submissions import submission
from identity.api.rendering import Response
from identity.api.views import ApiView, Call, Door
from matching.identify import Identified, identify
from review import searching
from review.feedback import customers_under_review

DEFAULT_FOUND = 20
MOST_FOUND = 100

COLLISION = {
    "error": "Source key collision",
    "message": f"CRM has source_key 'C-1001' on customer {ID}, which this record does not fit (confidence 0.1352)",
    "existing_customer_id": ID,
    "confidence": 0.1352,
}


class QueryTooShort(Invalid):
    def __init__(self) -> None:
        super().__init__(f"Search query must be at least {MIN_PREFIX_LENGTH} characters")


class Customers(Door):
    @extend_schema(
        operation_id="submit_customer",
        summary="Submit a record",
        description=(
            "One source's record of one person. At or above the match threshold it is linked to the customer it"
            " describes (200); the source's own record of the same key is updated (200); otherwise a new customer is"
            " created (201), with `candidates` for review where some are near. A key held by a record that this one"
            " does not fit is refused (409). The body is kept exactly as sent. `X-Match-Keys-Capped` names the kinds"
            " of keys that were too frequent to be read whole."
        ),
        parameters=[
            OpenApiParameter("Location", str, "header", response=[201], description="Where the new customer is."),
            OpenApiParameter(
                "X-Match-Keys-Capped", str, "header", response=[200, 201], description="Kinds of keys, `, ` between."
            ),
        ],
        request=RecordSubmitted,
        responses={
            200: OpenApiResponse(CustomerBody, description="The customer it was linked to, or whose alias it updated."),
            201: OpenApiResponse(CreatedCustomerBody, description="A new customer."),
            400: breaches("source_system and source_key are required", "email format is invalid"),
            409: OpenApiResponse(CollisionBody, description="The source key is another person's."),
        },
        examples=[
            sent(SUBMITTED),
            answered(CUSTOMER),
            answered({**CUSTOMER, "candidates": [CANDIDATE]}, 201),
            answered(COLLISION, 409),
        ],
    )
    def post(self, request: Call) -> Response:
        source, record = submission(request)
        done = identify(record, source=source, tenant=request.tenant, by=request.actor)
        return identified(done)

    @extend_schema(
        operation_id="list_customers",
        summary="List customers",
        description=(
            "A page of customers, without their aliases and history. `X-Total-Count` is exact up to 100,000 (10,000"
            " with filters); beyond, it is an estimate and `X-Total-Count-Estimated` says so. Follow the addresses in"
            " `Link`: they are answered alike however far down the list. Where several frequent filters or another"
            " order than the filter's own are asked for, a page may hold fewer rows than `limit` although `next` is"
            " there: at most 20,000 rows are looked at for one page."
        ),
        parameters=[
            *PAGING,
            OpenApiParameter("include_deleted", bool, description="Deleted and merged ones, too."),
            OpenApiParameter(
                "under_review",
                bool,
                description="Only customers with an open false positive, the most recently reported first.",
            ),
            *FILTERS,
        ],
        responses={200: CustomerBody(many=True), 400: breaches("created_after: Enter a valid date/time.")},
        examples=[answered(CUSTOMER)],
    )
    def get(self, request: Call) -> Response:
        with a_moment_behind():
            page = page_of(request, _listing(request))
            return Response([customer_body(customer) for customer in page.rows], headers=page.headers)


def _listing(request: Call) -> Listing[Customer]:
    under_review, live = switch(request, "under_review"), not switch(request, "include_deleted")
    every = Customer.objects.of(request.tenant)
    rows = customers_under_review(request.tenant) if under_review else every.live() if live else every
    filters = CustomerFilters(request.query_params, queryset=rows, tenant=request.tenant, live=live)
    if not filters.is_valid():
        raise ValidationError(filters.errors)
    if under_review and not filters.form.cleaned_data["ordering"]:
        return Listing(filters.qs, counted_off=True)
    return filters.listing()


def identified(done: Identified) -> Response:
    """What became of a record."""
    return Response(_identified_body(done), status=_status(done), headers=_headers(done))


def _identified_body(done: Identified) -> dict[str, Any]:
    body = customer_body(done.customer)
    if done.outcome == "created" and done.candidates:
        body["candidates"] = [candidate_body(pair) for pair in done.candidates]
    return body


def _status(done: Identified) -> int:
    return 201 if done.outcome == "created" else 200


def _headers(done: Identified) -> dict[str, str]:
    headers = {}
    if done.outcome == "created":
        headers["Location"] = f"{_place(get_script_prefix())}{done.customer.pk}"
    if done.capped:
        headers["X-Match-Keys-Capped"] = ", ".join(kinds_of(done.capped))
    return headers


@lru_cache(maxsize=8)
def _place(prefix: str) -> str:
    """Where customers are, for an application at this prefix (Django looks every address up anew)."""
    return reverse("customer", args=[NO_CUSTOMER]).removesuffix(str(NO_CUSTOMER))


class Search(ApiView):
    @extend_schema(
        operation_id="search_customers",
        summary="Search as somebody types",
        description=(
            "Live customers whose first or last name begins with `q`, whole names first; of several words each must"
            " begin one of the names. A nickname finds its formal name as well. Before them come the customers whose"
            " e-mail, phone, id, or record's id or source key `q` is; of source keys, those with a digit."
        ),
        parameters=[
            OpenApiParameter("q", str, required=True, description="At least 2 characters; blanks around do not count."),
            OpenApiParameter("limit", int, description="1 to 100, by default 20."),
        ],
        responses={200: CustomerBody(many=True), 400: refused("Search query must be at least 2 characters")},
        examples=[answered(CUSTOMER)],
    )
    def get(self, request: Call) -> Response:
        query = tidy(request.query_params.get("q", ""))
        if len(query) < MIN_PREFIX_LENGTH:
            raise QueryTooShort
        limit = whole_number(request, "limit", default=DEFAULT_FOUND, least=1, most=MOST_FOUND)
        found = searching.typed(query, tenant=request.tenant, limit=limit)
        return Response([customer_body(customer) for customer in found])

"""Splitting a customer, and the journal of merges with its undo."""

from __future__ import annotations

from django.db.models import Q
from drf_spectacular.utils import OpenApiParameter, extend_schema

from contacts.intake import InvalidSubmission
from contacts.models import Customer
from identity.api.asked import customer_id
from identity.api.documentation import answered, refused, sent
from identity.api.listings import Listing
from identity.api.orders import BY_ID
from identity.api.paging import PAGING, page_of
from identity.api.parsing import json_object
from identity.api.registry.asked_shapes import SplitAsked
from identity.api.registry.bodies import customer_body, merge_body
from identity.api.registry.customer_examples import AT, CUSTOMER, MERGE, OTHER_ID
from identity.api.registry.schemas import MergeBody, SplitBody, UndoneBody
from identity.api.rendering import Response
from identity.api.views import ApiView, Call
from matching.models import Merge
from matching.undoing import MergeNotFound
from review import verdicts
from sources.models import Scope
from sources.reading import as_id

OTHER = {**CUSTOMER, "id": OTHER_ID}
UNDONE = {**MERGE, "undone_by": "jane.smith", "undone_at": AT, "customer": CUSTOMER, "restored_customer": OTHER}


class Split(ApiView):
    scopes = {"POST": Scope.REVIEW}

    @extend_schema(
        operation_id="split_customer",
        summary="Split a customer",
        description=(
            "Moves these aliases to a new customer and keeps the two apart from now on, whatever the machine thinks of"
            " them. At least one alias must stay."
        ),
        request=SplitAsked,
        responses={
            201: SplitBody,
            400: refused("aliases must name at least one alias", "at least one alias must stay"),
            404: refused("Customer not found"),
        },
        examples=[sent({"aliases": [43, 44]}), answered({"id": 5, "customer": CUSTOMER, "new_customer": OTHER}, 201)],
    )
    def post(self, request: Call, customer: str) -> Response:
        kept, new, journal = verdicts.split(
            customer_id=customer_id(customer),
            aliases=_aliases(json_object(request).get("aliases")),
            tenant=request.tenant,
            by=request.actor,
        )
        body = {"id": journal.pk, "customer": customer_body(kept), "new_customer": customer_body(new)}
        return Response(body, status=201)


def _aliases(said: object) -> list[int]:
    """Raises InvalidSubmission."""
    if said is None:
        raise InvalidSubmission(["aliases is required"])
    if not isinstance(said, list) or not all(isinstance(each, int | str) for each in said):
        raise InvalidSubmission(["aliases must be a list of the ids of aliases"])
    return [as_id(each) for each in said]


class Merges(ApiView):
    @extend_schema(
        operation_id="list_merges",
        summary="List merges",
        description="The journal of merges through all doors, newest first, undone ones included.",
        parameters=[
            *PAGING,
            OpenApiParameter("customer", str, description="Only merges that this customer survived or ended in."),
        ],
        responses={200: MergeBody(many=True)},
        examples=[answered(MERGE)],
    )
    def get(self, request: Call) -> Response:
        rows = Merge.objects.filter(tenant=request.tenant)
        if asked := request.query_params.get("customer"):
            concerned = customer_id(asked)
            rows = rows.filter(Q(target=concerned) | Q(source=concerned))
        page = page_of(request, Listing(rows, BY_ID.backwards))
        return Response([merge_body(merge) for merge in page.rows], headers=page.headers)


class MergeById(ApiView):
    @extend_schema(
        operation_id="read_merge",
        summary="Read a merge",
        description="One entry of the journal.",
        responses={200: MergeBody, 404: refused("Merge not found")},
        examples=[answered(MERGE)],
    )
    def get(self, request: Call, merge: str) -> Response:
        found = Merge.objects.filter(tenant=request.tenant, pk=as_id(merge)).first()
        if found is None:
            raise MergeNotFound
        return Response(merge_body(found))


class UndoMerge(ApiView):
    scopes = {"POST": Scope.REVIEW}

    @extend_schema(
        operation_id="undo_merge",
        summary="Undo a merge",
        description=(
            "Gives the merged customer back what moved and is still on the survivor, and keeps the two apart from now"
            " on. What came to the survivor since stays with it."
        ),
        request=None,
        responses={
            200: UndoneBody,
            404: refused("Merge not found"),
            409: refused("Merge already undone", "Nothing of what this merge moved is left on the survivor"),
        },
        examples=[answered(UNDONE)],
    )
    def post(self, request: Call, merge: str) -> Response:
        journal = verdicts.undo_merge(as_id(merge), tenant=request.tenant, by=request.actor)
        both = Customer.objects.of(request.tenant).in_bulk([journal.target_id, journal.source_id])
        return Response(
            {
                **merge_body(journal),
                "customer": customer_body(both[journal.target_id]),
                "restored_customer": customer_body(both[journal.source_id]),
            }
        )

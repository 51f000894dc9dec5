"""`/customers/:id`: one customer, read, corrected, merged, deleted."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema

from contacts.errors import Invalid
from contacts.intake import read_revision
from contacts.models import Customer
from identity.api.asked import NO_CUSTOMER, customer_id, header
from identity.api.documentation import answered, breaches, refused, sent
from identity.api.parsing import json_object
from identity.api.permissions import may_submit_for
from identity.api.registry.asked_shapes import MergeAsked, RecordRevised
from identity.api.registry.bodies import alias_body, as_source_said, change_body, customer_body, provenance_body
from identity.api.registry.customer_examples import CUSTOMER, ID, OTHER_ID
from identity.api.registry.schemas import ConfirmedBody, CustomerBody, MovedBody, ShownCustomerBody
from identity.api.registry.submissions import attribute_types
from identity.api.rendering import Response
from identity.api.views import ApiView, Call
from matching.merging import SourceNotFound, TargetNotFound
from matching.revising import AliasNotFoundForSource, retire, revise
from matching.splitting import CustomerNotFound
from review import verdicts
from review.aliases import aliases_of, any_customer, changes_of, newest_alias, records_of
from sources.models import Scope

MOVED = {
    "error": "Moved Permanently",
    "message": "This record has been merged into another.",
    "target_id": OTHER_ID,
}


class SourceSystemHeaderMissing(Invalid):
    def __init__(self) -> None:
        super().__init__("x-source-system header is required")


class MergeMissing(Invalid):
    def __init__(self) -> None:
        super().__init__("merge field is required")


class CustomerById(ApiView):
    scopes = {"PATCH": Scope.REVIEW}

    @extend_schema(
        operation_id="read_customer",
        summary="Read a customer",
        description=(
            "The golden record. `show` adds aliases, changes, or the provenance of each field: the alias that its value"
            " is from, and who pinned it, if anybody did; `source_system` puts the fields in place that this source"
            " sent, as it sent them. A merged customer answers 301 to the one it was merged into."
        ),
        parameters=[
            OpenApiParameter("show", str, description="`aliases`, `changes`, `provenance`, or several."),
            OpenApiParameter("source_system", str, description="A source's name; `source` is the same."),
            OpenApiParameter("source", str, exclude=True),
            OpenApiParameter("Location", str, "header", response=[301], description="Where the survivor is."),
        ],
        responses={
            200: ShownCustomerBody,
            301: OpenApiResponse(MovedBody, description="Merged: `Location` names the survivor."),
            404: refused("Customer not found", "No alias found for source_system 'ERP'"),
        },
        examples=[answered(CUSTOMER), answered(MOVED, 301)],
    )
    def get(self, request: Call, customer: str) -> Response:
        found = any_customer(request.tenant, customer_id(customer))
        if found.merged_into_id is not None:
            return _moved(found)
        if found.deleted_at is not None:
            raise CustomerNotFound
        return Response(_shown(request, found))

    @extend_schema(
        operation_id="revise_customer",
        summary="Correct what a source said",
        description=(
            "Changes the alias of the source in `x-source-system` (the newest, where it has several; `x-source-key`"
            " picks one) and resolves the golden record anew. Fields not sent stay; parts of the address one by one."
            " Fields that are not known are kept with the record as sent, and raise no version; `source_system` and"
            " `source_key` in the body count for nothing."
        ),
        parameters=[
            OpenApiParameter(
                "x-source-system", str, OpenApiParameter.HEADER, required=True, description="Whose alias to change."
            ),
            OpenApiParameter("x-source-key", str, OpenApiParameter.HEADER, description="Which of its aliases."),
        ],
        request=RecordRevised,
        responses={
            200: CustomerBody,
            400: breaches("first_name cannot be empty", "email format is invalid"),
            404: refused("Customer not found", "No alias found for source_system 'ERP'"),
        },
        examples=[sent({"last_name": "Abernathy-Moore", "address": {"zip": "752011234"}}), answered(CUSTOMER)],
    )
    def put(self, request: Call, customer: str) -> Response:
        source_system = header(request, "x-source-system")
        if not source_system:
            raise SourceSystemHeaderMissing
        may_submit_for(request, source_system)
        types = attribute_types(request.data, request.tenant)
        revised = revise(
            customer_id(customer),
            revision=read_revision(request.data, region=request.tenant.region, attribute_types=types),
            source_system=source_system,
            source_key=header(request, "x-source-key") or None,
            tenant=request.tenant,
            by=request.actor,
        )
        return Response(customer_body(revised))

    @extend_schema(
        operation_id="merge_customers",
        summary="Merge another customer into this one",
        description=(
            "The customer of the path survives and takes all aliases of the other, which from then on answers 301."
            " Counts as a match the machine missed. `POST /merges/{id}/undo` takes it back."
        ),
        request=MergeAsked,
        responses={
            200: CustomerBody,
            400: refused(
                "merge field is required",
                "Cannot merge a customer into itself",
                "Source customer has already been merged",
            ),
            404: refused("Target customer not found", "Source customer not found"),
        },
        examples=[sent({"merge": OTHER_ID}), answered(CUSTOMER)],
    )
    def patch(self, request: Call, customer: str) -> Response:
        asked = json_object(request).get("merge")
        if asked in (None, ""):
            raise MergeMissing
        target, source = customer_id(customer), customer_id(asked)
        if target == NO_CUSTOMER:
            raise TargetNotFound
        if source == NO_CUSTOMER:
            raise SourceNotFound
        survivor = verdicts.merge(target_id=target, source_id=source, tenant=request.tenant, by=request.actor)
        return Response(customer_body(survivor))

    @extend_schema(
        operation_id="delete_customer",
        summary="Delete a customer",
        description="Soft-deletes it with its aliases; their source keys are then free to be used again.",
        responses={200: ConfirmedBody, 404: refused("Customer not found")},
        examples=[answered({"message": "Customer deleted", "id": ID})],
    )
    def delete(self, request: Call, customer: str) -> Response:
        pk = customer_id(customer)
        retire(pk, tenant=request.tenant, by=request.actor)
        return Response({"message": "Customer deleted", "id": pk})


def _moved(customer: Customer) -> Response:
    target = customer.merged_into_id
    body = {**MOVED, "target_id": target}
    return Response(body, status=301, headers={"Location": reverse("customer", args=[target])})


def _shown(request: Call, customer: Customer) -> dict[str, Any]:
    body = customer_body(customer)
    asked = request.query_params
    source_system = asked.get("source_system") or asked.get("source")
    if source_system:
        alias = newest_alias(customer, source_system)
        if alias is None:
            raise AliasNotFoundForSource(source_system)
        body = as_source_said(body, alias)
    shown = {word.strip() for word in asked.get("show", "").split(",")}
    if "aliases" in shown:
        body["aliases"] = [alias_body(alias) for alias in aliases_of(customer)]
    if "provenance" in shown:
        body["provenance"] = provenance_body(records_of(customer))
    if "changes" in shown:
        body["changes"] = [change_body(change) for change in changes_of(customer)]
    return body

"""`/customers/:id/pins/:field`: a person's word on one field of the golden record."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema

from contacts.models import Customer
from identity.api.asked import customer_id
from identity.api.documentation import answered, breaches, refused, sent
from identity.api.registry.asked_shapes import PinAsked
from identity.api.registry.bodies import Body, customer_body, provenance_body
from identity.api.registry.customer_examples import CUSTOMER, PINNED
from identity.api.registry.schemas import TracedCustomerBody
from identity.api.rendering import Response
from identity.api.views import ApiView, Call
from matching import pinning
from review.aliases import records_of
from sources.models import Scope
from sources.reading import FieldReader, as_id

REASON = "Read from her passport."
TRACED: dict[str, Any] = {**CUSTOMER, "provenance": {"last_name": {**PINNED, "pinned": PINNED["pinned"]}}}
FIELD = OpenApiParameter(
    "field",
    str,
    OpenApiParameter.PATH,
    description="As the history names it: `first_name`, `last_name`, `email`, `phone`, `address.street`,"
    " `address.city`, `address.state`, `address.zip`, `address.country` or `attributes.<name>`.",
)


class Pin(ApiView):
    scopes = {"PUT": Scope.REVIEW, "DELETE": Scope.REVIEW}

    @extend_schema(
        operation_id="pin_field",
        summary="Pin a field",
        description=(
            "The golden record says in this field what this alias says, whatever is posted, corrected, merged or split"
            " later. The pin is kept with the alias and goes where it goes; a pin that was there gives way. Saying the"
            " same again changes nothing."
        ),
        parameters=[FIELD],
        request=PinAsked,
        responses={
            200: TracedCustomerBody,
            400: breaches("alias_id must be the id of an alias", "reason is required"),
            404: refused("Customer not found", "Field not found"),
        },
        examples=[sent({"alias_id": 42, "reason": REASON}), answered(TRACED)],
    )
    def put(self, request: Call, customer: str, field: str) -> Response:
        name = pinning.field_named(_named(field))
        alias_id, reason = _asked(request.data)
        pinned = pinning.pin(
            customer_id(customer),
            field=name,
            alias_id=alias_id,
            reason=reason,
            tenant=request.tenant,
            by=request.actor,
        )
        return Response(_traced(pinned))

    @extend_schema(
        operation_id="unpin_field",
        summary="Let a pinned field go",
        description="Survivorship chooses the field's value again.",
        parameters=[FIELD],
        responses={
            200: TracedCustomerBody,
            404: refused("Customer not found", "Field not found", "This field is not pinned"),
        },
        examples=[answered({**TRACED, "provenance": {"last_name": {**PINNED, "pinned": None}}})],
    )
    def delete(self, request: Call, customer: str, field: str) -> Response:
        name = pinning.field_named(_named(field))
        freed = pinning.unpin(customer_id(customer), field=name, tenant=request.tenant, by=request.actor)
        return Response(_traced(freed))


def _named(field: str) -> str:
    """An attribute's name may have slashes within, so that the one at the address's end comes along."""
    return field.removesuffix("/")


def _asked(body: object) -> tuple[int, str]:
    """The alias and the reason. Raises InvalidBody."""
    reader = FieldReader(body)
    alias_id = reader.body.get("alias_id")
    if isinstance(alias_id, bool) or not isinstance(alias_id, int | str):
        reader.errors.append("alias_id must be the id of an alias")
    reason = reader.required("reason", limit=pinning.REASON_LIMIT)
    reader.finish()
    return as_id(alias_id), reason


def _traced(customer: Customer) -> Body:
    return {**customer_body(customer), "provenance": provenance_body(records_of(customer))}

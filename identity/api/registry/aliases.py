"""`/customers/:id/aliases` and `/changes`: what the sources said, what was linked by whom, what people report of it."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema

from contacts.intake import InvalidSubmission
from identity.api.asked import customer_id
from identity.api.documentation import answered, refused, sent
from identity.api.parsing import json_object
from identity.api.registry.asked_shapes import Reported
from identity.api.registry.bodies import alias_body, change_body, feedback_body
from identity.api.registry.customer_examples import ALIAS, AT, FEEDBACK
from identity.api.registry.schemas import AliasBody, ChangeBody, FeedbackBody
from identity.api.rendering import Response
from identity.api.views import ApiView, Call
from review import feedback
from review.aliases import aliases_of, any_customer, changes_of
from sources.models import Scope
from sources.reading import as_id

NOTES_LIMIT = 5000

CHANGE = {"changed_by": "jane.smith", "changed_at": AT, "delta": {"address.state": {"from": "IL", "to": "TX"}}}


class Aliases(ApiView):
    @extend_schema(
        operation_id="list_aliases",
        summary="List a customer's aliases",
        description="What each source said, oldest first. A merged customer has none left.",
        responses={200: AliasBody(many=True), 404: refused("Customer not found")},
        examples=[answered(ALIAS)],
    )
    def get(self, request: Call, customer: str) -> Response:
        found = any_customer(request.tenant, customer_id(customer))
        return Response([alias_body(alias) for alias in aliases_of(found)])


class Changes(ApiView):
    @extend_schema(
        operation_id="list_changes",
        summary="Read a customer's history",
        description="Who changed what and when, oldest first; also of a deleted or merged customer.",
        responses={200: ChangeBody(many=True), 404: refused("Customer not found")},
        examples=[answered(CHANGE)],
    )
    def get(self, request: Call, customer: str) -> Response:
        found = any_customer(request.tenant, customer_id(customer))
        return Response([change_body(change) for change in changes_of(found)])


class AliasFeedback(ApiView):
    scopes = {"POST": Scope.REVIEW}

    @extend_schema(
        operation_id="report_false_positive",
        summary="Report a wrong automatic link",
        description="Says that this alias is not this customer's. Each report counts, also several on one alias.",
        request=Reported,
        responses={
            201: FeedbackBody,
            400: refused("This alias was not an auto-match — no feedback applicable"),
            404: refused("Customer not found", "Alias not found"),
        },
        examples=[sent({"notes": "Father and son."}), answered(FEEDBACK, 201)],
    )
    def post(self, request: Call, customer: str, alias: str) -> Response:
        reported = feedback.report(
            customer_id=customer_id(customer),
            alias_id=as_id(alias),
            notes=read_notes(json_object(request).get("notes")),
            tenant=request.tenant,
            by=request.actor,
        )
        return Response(feedback_body(reported), status=201)


def read_notes(said: object) -> str | None:
    """Raises InvalidSubmission."""
    if errors := notes_faults(said):
        raise InvalidSubmission(errors)
    return said if isinstance(said, str) else None


def notes_faults(said: object) -> list[str]:
    """What is wrong with the notes a body holds."""
    if said is not None and not isinstance(said, str):
        return ["notes must be a string"]
    if said is not None and len(said) > NOTES_LIMIT:
        return [f"notes is too long (at most {NOTES_LIMIT} characters)"]
    return []

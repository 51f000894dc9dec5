"""`/match`: what `POST /customers` would answer, and why; nothing is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiResponse, extend_schema

from contacts.metrics import kinds_of
from contacts.models import Customer
from contacts.record import Record
from identity.api.documentation import answered, breaches, sent
from identity.api.registry.asked_shapes import RecordSubmitted
from identity.api.registry.bodies import Body, customer_body
from identity.api.registry.customer_examples import CUSTOMER, EVIDENCE, ID, SENTENCE, SUBMITTED
from identity.api.registry.reasons import reason_body
from identity.api.registry.schemas import PreviewBody
from identity.api.registry.submissions import submission
from identity.api.rendering import Response
from identity.api.views import ApiView, Call
from matching.active import ActiveModel, active_model
from matching.identify import foresee
from matching.outcomes import FELLEGI_SUNTER, Attach, Create, Found, Likeness, Outcome, Refuse, Revise
from sources.models import Scope, SourceSystem, Tenant

PREVIEW = {
    "outcome": "linked",
    "status": 200,
    "customer_id": ID,
    "customer": CUSTOMER,
    "confidence": 1.0,
    "against": 41,
    "evidence": EVIDENCE,
    "shared": None,
    "sentence": SENTENCE,
    "candidates": [],
    "model_version": 1,
    "capped_keys": [],
}


NOBODY_KNOWN = "Nobody known fits well enough: a new customer."


class Match(ApiView):
    scopes = {"POST": Scope.READ}

    @extend_schema(
        operation_id="preview_match",
        summary="Ask what would happen",
        description=(
            "The outcome that `POST /customers` would have for this record (`status` is the status it would answer)"
            " and the evidence for it, field by field. Always 200 for a valid record; nothing is written."
        ),
        request=RecordSubmitted,
        responses={
            200: OpenApiResponse(PreviewBody, description="What would happen, by what is known now."),
            400: breaches("source_system and source_key are required", "email format is invalid"),
        },
        examples=[sent(SUBMITTED), answered(PREVIEW)],
    )
    def post(self, request: Call) -> Response:
        source, record = submission(request)
        model = active_model(request.tenant)
        return Response(foretold(record, source=source, tenant=request.tenant, model=model))


def foretold(record: Record, *, source: SourceSystem, tenant: Tenant, model: ActiveModel) -> Body:
    """What would become of a record now, by the model in force, and why."""
    decision = foresee(record, source=source, tenant=tenant, in_force=model)
    body = _outcome_body(decision.outcome, tenant)
    return {**body, "model_version": model.version, "capped_keys": kinds_of(decision.known.capped)}


def _outcome_body(outcome: Outcome, tenant: Tenant) -> Body:
    match outcome:
        case Create(near_misses=misses):
            return _body("created", 201, None, None, misses, tenant)
        case Attach(neighbour=owner, basis=basis, near_misses=misses) if basis is not None:
            return _body("linked", 200, owner.customer_id, basis.evidence, misses, tenant) | {
                "confidence": basis.confidence
            }
        case Attach(neighbour=owner) | Found(neighbour=owner):
            return _body("found", 200, owner.customer_id, None, (), tenant)
        case Revise(neighbour=owner, evidence=evidence, near_misses=misses):
            return _body("updated", 200, owner.customer_id, evidence.to_dict(), misses, tenant)
        case Refuse(neighbour=owner, evidence=evidence):
            return _body("collision", 409, owner.customer_id, evidence.to_dict(), (), tenant)


def _body(
    outcome: str,
    status: int,
    owner: UUID | None,
    evidence: Mapping[str, Any] | None,
    misses: Sequence[Likeness],
    tenant: Tenant,
) -> Body:
    customer = Customer.objects.of(tenant).filter(pk=owner).first() if owner else None
    return {
        "outcome": outcome,
        "status": status,
        "customer_id": owner,
        "customer": customer_body(customer) if customer else None,
        "confidence": (evidence or {}).get("score"),
        **(reason_body(evidence) if evidence else {**reason_body(None), "sentence": NOBODY_KNOWN}),
        "candidates": [_candidate(miss) for miss in misses],
    }


def _candidate(miss: Likeness) -> Body:
    return {
        "candidate_id": miss.neighbour.customer_id,
        "confidence": miss.confidence,
        "algorithm": FELLEGI_SUNTER,
        "search_tokens": miss.neighbour.tokens,
        **reason_body({**miss.evidence.to_dict(), "against": miss.against}),
    }

"""`…/aliases/:aliasId/candidates`: whom an alias may be the same as, and a human's word on it."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema

from identity.api.asked import customer_id
from identity.api.documentation import answered, refused
from identity.api.registry.bodies import candidate_body, customer_body
from identity.api.registry.customer_examples import AT, CANDIDATE, CUSTOMER
from identity.api.registry.schemas import CandidateBody, CustomerBody, RejectedBody
from identity.api.rendering import Response
from identity.api.views import ApiView, Call
from review import verdicts
from review.aliases import candidates_of
from sources.models import Scope
from sources.reading import as_id

DECIDED = refused("Candidate already approved", "Candidate already rejected")
REJECTED = {**CANDIDATE, "status": "rejected", "reviewed_by": "jane.smith", "reviewed_at": AT}


class Candidates(ApiView):
    @extend_schema(
        operation_id="list_candidates",
        summary="List an alias's candidates",
        description="Customers that came near, best first, with what was decided of them.",
        responses={200: CandidateBody(many=True), 404: refused("Customer not found", "Alias not found")},
        examples=[answered(CANDIDATE)],
    )
    def get(self, request: Call, customer: str, alias: str) -> Response:
        pairs = candidates_of(customer_id=customer_id(customer), alias_id=as_id(alias), tenant=request.tenant)
        return Response([candidate_body(pair) for pair in pairs])


class Approve(ApiView):
    scopes = {"POST": Scope.REVIEW}

    @extend_schema(
        operation_id="approve_candidate",
        summary="Approve a candidate",
        description=(
            "The alias's customer is the candidate's: it is merged into that one (or into the one that has been merged"
            " into since), which is answered. The alias's other pending candidates are rejected."
        ),
        request=None,
        responses={
            200: CustomerBody,
            400: DECIDED,
            404: refused(
                "Customer not found", "Alias not found", "Candidate not found", "Candidate customer no longer exists"
            ),
        },
        examples=[answered(CUSTOMER)],
    )
    def post(self, request: Call, customer: str, alias: str, candidate: str) -> Response:
        survivor = verdicts.approve(
            customer_id=customer_id(customer),
            alias_id=as_id(alias),
            candidate_id=as_id(candidate),
            tenant=request.tenant,
            by=request.actor,
        )
        return Response(customer_body(survivor))


class Reject(ApiView):
    scopes = {"POST": Scope.REVIEW}

    @extend_schema(
        operation_id="reject_candidate",
        summary="Reject a candidate",
        description="The two are not the same person: no machine proposes or links them again.",
        request=None,
        responses={
            200: RejectedBody,
            400: DECIDED,
            404: refused("Customer not found", "Alias not found", "Candidate not found"),
        },
        examples=[answered({"message": "Candidate rejected", "candidate": REJECTED})],
    )
    def post(self, request: Call, customer: str, alias: str, candidate: str) -> Response:
        pair = verdicts.reject(
            customer_id=customer_id(customer),
            alias_id=as_id(alias),
            candidate_id=as_id(candidate),
            tenant=request.tenant,
            by=request.actor,
        )
        return Response({"message": "Candidate rejected", "candidate": candidate_body(pair)})

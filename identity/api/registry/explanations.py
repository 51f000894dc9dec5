"""Why an alias was linked, or a candidate proposed: the evidence as it was weighed then."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema

from identity.api.asked import customer_id
from identity.api.documentation import answered, refused
from identity.api.registry.bodies import told_status
from identity.api.registry.customer_examples import EVIDENCE, ID, OTHER_ID, SENTENCE
from identity.api.registry.reasons import reason_body
from identity.api.registry.schemas import CandidateExplained, LinkExplained
from identity.api.rendering import Response
from identity.api.views import ApiView, Call
from review.aliases import candidate as find_candidate
from review.verdicts import alias_of, live_customer
from sources.reading import as_id

LINK = {
    "alias_id": 42,
    "customer_id": ID,
    "confidence": 1.0,
    "algorithm": "fellegi-sunter",
    "model_version": 1,
    "against": 41,
    "evidence": EVIDENCE,
    "shared": None,
    "sentence": SENTENCE,
}
PROPOSED = {**LINK, "candidate": 7, "candidate_id": OTHER_ID, "status": "pending"}


class ExplainLink(ApiView):
    @extend_schema(
        operation_id="explain_link",
        summary="Explain a link",
        description=(
            "What the machine compared when it linked this alias: each field's two values, their similarity, its"
            " weight, the sum, and a sentence. `against` is the alias it was compared with (null: the golden record)."
        ),
        responses={200: LinkExplained, 404: refused("Customer not found", "Alias not found")},
        examples=[answered(LINK)],
    )
    def get(self, request: Call, customer: str, alias: str) -> Response:
        found = alias_of(live_customer(request.tenant, customer_id(customer)), as_id(alias))
        return Response(
            {
                "alias_id": found.pk,
                "customer_id": found.customer_id,
                "confidence": found.match_confidence,
                "algorithm": found.match_algorithm,
                "model_version": found.match_model,
                **reason_body(found.match_evidence),
            }
        )


class ExplainCandidate(ApiView):
    @extend_schema(
        operation_id="explain_candidate",
        summary="Explain a candidate",
        description="What the machine compared when it proposed this candidate for the alias, as for a link.",
        responses={
            200: CandidateExplained,
            404: refused("Customer not found", "Alias not found", "Candidate not found"),
        },
        examples=[answered(PROPOSED)],
    )
    def get(self, request: Call, customer: str, alias: str, candidate: str) -> Response:
        pk, alias_id = customer_id(customer), as_id(alias)
        pair = find_candidate(customer_id=pk, alias_id=alias_id, candidate_id=as_id(candidate), tenant=request.tenant)
        return Response(
            {
                "alias_id": alias_id,
                "customer_id": pk,
                "candidate": pair.pk,
                "candidate_id": pair.customer_id,
                "status": told_status(pair),
                "confidence": pair.confidence,
                "algorithm": pair.algorithm,
                "model_version": pair.model_version,
                **reason_body(pair.evidence),
                "against": pair.against_id,
            }
        )

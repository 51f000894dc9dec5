"""`/match-quality`: how good the automatic links are by what people said, and what to change about the model."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema

from contacts.intake import InvalidSubmission
from identity.api.asked import switch
from identity.api.documentation import answered, refused, sent
from identity.api.listings import Listing
from identity.api.orders import Column, Order
from identity.api.paging import PAGING, page_of
from identity.api.parsing import json_object
from identity.api.registry.aliases import notes_faults, read_notes
from identity.api.registry.asked_shapes import Resolved
from identity.api.registry.bodies import feedback_body
from identity.api.registry.customer_examples import FEEDBACK
from identity.api.registry.schemas import FeedbackBody, QualityBody, TuneBody
from identity.api.rendering import Response
from identity.api.views import ApiView, Call
from review import feedback
from review.models import Feedback
from review.quality import Quality, quality, suggestion, weights
from sources.models import Scope
from sources.reading import as_id

# The document's list has no pages: what it would have answered comes in one.
USUAL_FEEDBACK_LIMIT = 1000
NEWEST_FIRST: Order[Feedback] = Order((Column("reported_at"), Column("id")), descending=True)

FIGURES = {
    "true_positives": 97,
    "false_positives": 3,
    "false_negatives": 5,
    "total_auto_matches": 100,
    "precision": 0.97,
    "recall": 0.951,
    "f1": 0.9604,
}
EMAIL_NOW = {"m": 0.9, "u": 0.0001, "comparator": "exact", "threshold": 1.0}
TUNE = {
    "action": "loosen",
    "reason": "5 of 8 reports are missed matches: link a little more readily.",
    "current_weights": {"email": EMAIL_NOW},
    "suggested_weights": {"email": {**EMAIL_NOW, "m": 0.92, "u": 0.00001}},
    "current_threshold": 0.95,
    "suggested_threshold": 0.94,
    "feedback_summary": {"false_positives": 3, "false_negatives": 5, "total": 8},
}


class MatchQuality(ApiView):
    @extend_schema(
        operation_id="read_match_quality",
        summary="Read precision, recall and F1",
        description="As of now; precision and recall are 1 where there is nothing to divide. Four digits.",
        responses={200: QualityBody},
        examples=[answered(FIGURES)],
    )
    def get(self, request: Call) -> Response:
        return Response(_figures(quality(request.tenant)))


def _figures(figures: Quality) -> dict[str, Any]:
    return {
        "true_positives": figures.true_positives,
        "false_positives": figures.false_positives,
        "false_negatives": figures.false_negatives,
        "total_auto_matches": figures.total_auto_matches,
        "precision": round(figures.precision, 4),
        "recall": round(figures.recall, 4),
        "f1": round(figures.f1, 4),
    }


class Tune(ApiView):
    @extend_schema(
        operation_id="suggest_tuning",
        summary="Suggest other weights",
        description="What the feedback says of the model in force. Advisory: nothing changes until it is applied.",
        responses={200: TuneBody},
        examples=[answered(TUNE)],
    )
    def get(self, request: Call) -> Response:
        found = suggestion(request.tenant)
        fp, fn = found.false_positives, found.false_negatives
        return Response(
            {
                "action": found.action,
                "reason": found.reason,
                "current_weights": weights(found.current),
                "suggested_weights": weights(found.suggested),
                "current_threshold": found.current.match_threshold,
                "suggested_threshold": found.suggested.match_threshold,
                "feedback_summary": {"false_positives": fp, "false_negatives": fn, "total": fp + fn},
            }
        )


class FeedbackList(ApiView):
    @extend_schema(
        operation_id="list_feedback",
        summary="List feedback",
        description="What people reported and what their merges tell, newest first.",
        parameters=[
            *PAGING,
            OpenApiParameter("type", str, enum=Feedback.Type.values, description="One kind only."),
            OpenApiParameter("resolved", bool, description="Settled ones only, or open ones only."),
        ],
        responses={200: FeedbackBody(many=True)},
        examples=[answered(FEEDBACK)],
    )
    def get(self, request: Call) -> Response:
        rows = feedback.listed(request.tenant)
        if kind := request.query_params.get("type"):
            rows = rows.filter(type=kind)
        resolved = switch(request, "resolved")
        if resolved is not None:
            rows = rows.filter(resolved=resolved)
        page = page_of(request, Listing(rows, NEWEST_FIRST), usual_limit=USUAL_FEEDBACK_LIMIT)
        return Response([feedback_body(row) for row in page.rows], headers=page.headers)


class FeedbackById(ApiView):
    scopes = {"PATCH": Scope.REVIEW}

    @extend_schema(
        operation_id="resolve_feedback",
        summary="Settle or reopen feedback",
        description="`resolved` true settles it, false opens it again; `notes`, where given, replaces what it says.",
        request=Resolved,
        responses={
            200: FeedbackBody,
            400: refused("resolved must be true or false"),
            404: refused("Feedback not found"),
        },
        examples=[sent({"resolved": True, "notes": "Split off."}), answered({**FEEDBACK, "notes": "Split off."})],
    )
    def patch(self, request: Call, feedback_id: str) -> Response:
        body = json_object(request)
        if not isinstance(body.get("resolved"), bool):
            raise InvalidSubmission(["resolved must be true or false", *notes_faults(body.get("notes"))])
        row = feedback.resolve(
            as_id(feedback_id),
            resolved=body["resolved"],
            notes=read_notes(body.get("notes")),
            tenant=request.tenant,
            by=request.actor,
        )
        return Response(feedback_body(row))

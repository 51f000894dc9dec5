"""`/match-models`: the versions of the tenant's model, and which is in force."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiResponse, extend_schema

from identity.api.administering import Administering
from identity.api.documentation import answered, refused
from identity.api.registry.bodies import model_body
from identity.api.registry.customer_examples import AT
from identity.api.registry.schemas import ModelBody
from identity.api.rendering import Response
from identity.api.views import Call
from matching.models import MatchModel
from matching.versions import activate
from review.quality import apply_suggestion
from sources.models import Scope
from sources.reading import as_id

MODEL = {
    "version": 2,
    "active": True,
    "reason": "loosen: 5 of 8 reports are missed matches: link a little more readily.",
    "created_by": "jane.smith",
    "created_at": AT,
    "definition": {
        "scale": "normalised",
        "match_threshold": 0.94,
        "review_threshold": 0.7,
        "comparisons": [
            {"field": "email", "comparator": "exact", "m": 0.92, "u": 0.00001, "threshold": 1.0, "unique": False}
        ],
    },
}


class MatchModels(Administering):
    @extend_schema(
        operation_id="list_match_models",
        summary="List match models",
        description="Every version, newest first. A version never changes; one is in force.",
        responses={200: ModelBody(many=True)},
        examples=[answered(MODEL)],
    )
    def get(self, request: Call) -> Response:
        models = MatchModel.objects.filter(tenant=request.tenant).order_by("-version")
        return Response([model_body(model) for model in models])


class ActivateModel(Administering):
    scopes = {"POST": Scope.ADMIN}

    @extend_schema(
        operation_id="activate_match_model",
        summary="Put a version in force again",
        description=(
            "A rollback: decisions from now on follow this version. Those taken stay as they are. Where the version"
            " finds candidates by other keys, these are built first: until that is done `active` is false, the version"
            " before stays in force, and another activation is refused with 409."
        ),
        request=None,
        responses={
            200: ModelBody,
            404: refused("Match model not found"),
            409: refused("Version 3 is being prepared: another can be put in force when it is done"),
        },
        examples=[answered(MODEL)],
    )
    def post(self, request: Call, version: str) -> Response:
        model = activate(as_id(version), tenant=request.tenant, by=request.actor)
        model.refresh_from_db()  # a small registry's keys are built by now
        return Response(model_body(model))


class ApplyTuning(Administering):
    scopes = {"POST": Scope.ADMIN}

    @extend_schema(
        operation_id="apply_tuning",
        summary="Apply the suggested weights",
        description=(
            "Makes the suggestion of `GET /match-quality/tune` the next version and puts it in force, as activating it"
            " does."
        ),
        request=None,
        responses={
            201: OpenApiResponse(ModelBody, description="The new version."),
            409: refused("There is no adjustment to apply"),
        },
        examples=[answered(MODEL, 201)],
    )
    def post(self, request: Call) -> Response:
        model = apply_suggestion(tenant=request.tenant, by=request.actor)
        model.refresh_from_db()
        return Response(model_body(model), status=201)

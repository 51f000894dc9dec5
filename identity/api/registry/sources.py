"""`/sources`: the systems that submit records."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers

from identity.api.administering import IF_MATCH, MEANWHILE, TAGGED, Administering, seen, tag
from identity.api.asked import switch
from identity.api.documentation import ErrorSerializer, ErrorsSerializer
from identity.api.rendering import Response
from identity.api.views import Call
from sources.models import Deed, Reviewer, Scope, SourceSystem
from sources.reading import as_id
from sources.registration import REQUIRABLE_FIELDS, read_changes, read_registration
from sources.systems import find_system, register, retire, systems, update


class ReviewerBody(serializers.ModelSerializer[Reviewer]):
    """Somebody who may decide on match candidates of the source's records; the e-mail is kept in lower case."""

    class Meta:
        model = Reviewer
        fields = ["first_name", "last_name", "email"]


class SourceBody(serializers.ModelSerializer[SourceSystem]):
    """A registered source system."""

    reviewers = ReviewerBody(many=True)

    class Meta:
        model = SourceSystem
        fields = [
            "id",
            "name",
            "entra_ad_group",
            "required_fields",
            "reviewers",
            "built_in",
            "created_by",
            "created_at",
            "updated_by",
            "updated_at",
            "deleted_by",
            "deleted_at",
        ]
        read_only_fields = fields


class SourceChanges(serializers.Serializer[SourceSystem]):
    """What to change; what is absent stays. Lists are replaced as a whole."""

    name = serializers.CharField(max_length=200, required=False)
    entra_ad_group = serializers.CharField(max_length=200, required=False, allow_null=True, allow_blank=True)
    required_fields = serializers.ListField(
        child=serializers.ChoiceField(choices=REQUIRABLE_FIELDS),
        required=False,
        allow_null=True,
        help_text="Fields a record of this source must carry. `[]`: any one identifying value will do.",
    )
    reviewers = ReviewerBody(many=True, required=False, allow_null=True)


class SourceRegistration(SourceChanges):
    """A source to be registered. Without `required_fields`: first_name, last_name and email."""

    name = serializers.CharField(max_length=200)


class SourceDeleted(serializers.Serializer[SourceSystem]):
    """Confirms the deletion."""

    message = serializers.CharField()
    id = serializers.IntegerField()


NOT_FOUND = OpenApiResponse(
    ErrorSerializer,
    description="No such source.",
    examples=[OpenApiExample("unknown", value={"error": "Source not found"})],
)
INVALID = OpenApiResponse(
    ErrorsSerializer,
    description="Everything that is wrong with the body.",
    examples=[OpenApiExample("breaches", value={"errors": ["name is required", "reviewers[0].email is required"]})],
)
TAKEN = OpenApiResponse(
    ErrorSerializer,
    description="Another live source has this name, or a built-in source was to be renamed.",
    examples=[OpenApiExample("taken", value={"error": "A source with this name already exists"})],
)
BUILT_IN = OpenApiResponse(
    ErrorSerializer,
    description="A built-in source stays.",
    examples=[OpenApiExample("built in", value={"error": "A built-in source cannot be deleted"})],
)
JANE = {"first_name": "Jane", "last_name": "Smith", "email": "jane.smith@example.com"}
REGISTRATION = OpenApiExample(
    "a CRM", value={"name": "CRM", "entra_ad_group": "SG-CRM-Users", "reviewers": [JANE]}, request_only=True
)
CHANGES = OpenApiExample("fewer required fields", value={"required_fields": ["last_name"]}, request_only=True)
BODY = OpenApiExample(
    "a CRM",
    response_only=True,
    value={
        "id": 3,
        "name": "CRM",
        "entra_ad_group": "SG-CRM-Users",
        "required_fields": ["first_name", "last_name", "email"],
        "reviewers": [JANE],
        "built_in": False,
        "created_by": "admin",
        "created_at": "2026-03-06T14:30:00Z",
        "updated_by": None,
        "updated_at": None,
        "deleted_by": None,
        "deleted_at": None,
    },
)


class Sources(Administering):
    scopes = {"POST": Scope.ADMIN}

    @extend_schema(
        summary="List sources",
        description="All sources of the tenant by name, the built-in ones included.",
        parameters=[OpenApiParameter("include_deleted", bool, description="Deleted ones, too.")],
        responses={200: SourceBody(many=True)},
        examples=[BODY],
    )
    def get(self, request: Call) -> Response:
        listed = systems(request.tenant, include_deleted=switch(request, "include_deleted") is True)
        return Response(SourceBody(listed, many=True).data)

    @extend_schema(
        summary="Register a source",
        description="A system must be registered before it can submit records. The name of a deleted one is free.",
        request=SourceRegistration,
        responses={201: SourceBody, 400: INVALID, 409: TAKEN},
        examples=[REGISTRATION, BODY],
    )
    def post(self, request: Call) -> Response:
        system = register(read_registration(request.data), tenant=request.tenant, by=request.actor)
        return Response(SourceBody(system).data, status=201)


class Source(Administering):
    scopes = {"PUT": Scope.ADMIN, "DELETE": Scope.ADMIN}

    @extend_schema(
        summary="Read a source",
        description="A source by its id; a deleted one is not found.",
        parameters=[TAGGED],
        responses={200: SourceBody, 404: NOT_FOUND},
        examples=[BODY],
    )
    def get(self, request: Call, source_id: str) -> Response:
        headers = tag(Deed.Kind.SOURCE, as_id(source_id))
        return Response(SourceBody(find_system(source_id, tenant=request.tenant)).data, headers=headers)

    @extend_schema(
        summary="Change a source",
        description="Changes the fields given. The list of reviewers is replaced, not merged; null clears.",
        parameters=[IF_MATCH],
        request=SourceChanges,
        responses={200: SourceBody, 400: INVALID, 404: NOT_FOUND, 409: TAKEN, 412: MEANWHILE},
        examples=[CHANGES, BODY],
    )
    def put(self, request: Call, source_id: str) -> Response:
        find_system(source_id, tenant=request.tenant)  # an unknown source is told before what is wrong with the body
        changes = read_changes(request.data)
        system = update(source_id, changes, tenant=request.tenant, by=request.actor, seen=seen(request))
        return Response(SourceBody(system).data)

    @extend_schema(
        summary="Delete a source",
        description="Soft-deletes it: its records stay, it may submit no more, its API keys are revoked.",
        responses={200: SourceDeleted, 404: NOT_FOUND, 409: BUILT_IN},
        examples=[OpenApiExample("deleted", value={"message": "Source deleted", "id": 3}, response_only=True)],
    )
    def delete(self, request: Call, source_id: str) -> Response:
        system = retire(source_id, tenant=request.tenant, by=request.actor)
        return Response({"message": "Source deleted", "id": system.pk})

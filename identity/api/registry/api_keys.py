"""`/api-keys`: the credentials of a tenant's programs."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers

from identity.api.administering import Administering
from identity.api.documentation import ErrorSerializer, ErrorsSerializer
from identity.api.rendering import Response
from identity.api.views import Call
from sources.keys import issue, keys_of, read_request, revoke
from sources.models import ApiKey, Scope


class KeyBody(serializers.ModelSerializer[ApiKey]):
    """A key as it can be shown: by its first characters. `source`: the only one it may submit for."""

    source = serializers.CharField(source="source.name", allow_null=True, default=None)  # type: ignore[assignment]

    class Meta:
        model = ApiKey
        fields = ["id", "name", "prefix", "scopes", "source", "created_by", "created_at", "revoked_by", "revoked_at"]
        read_only_fields = fields


class NewKeyBody(KeyBody):
    """A key just made; `key` is shown this once and never again: null where the answer is repeated."""

    key = serializers.CharField(allow_null=True)

    class Meta(KeyBody.Meta):
        fields = [*KeyBody.Meta.fields, "key"]
        read_only_fields = fields


class KeyRequest(serializers.Serializer[ApiKey]):
    """A key to be made. `source`: the name of the only source it may submit for."""

    name = serializers.CharField(max_length=200)
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=Scope.choices), min_length=1)
    source = serializers.CharField(  # type: ignore[assignment]  # a field named like an option of fields
        max_length=200, required=False, allow_null=True, allow_blank=True
    )


class KeyRevoked(serializers.Serializer[ApiKey]):
    """Confirms the revocation."""

    message = serializers.CharField()
    id = serializers.IntegerField()


NOT_FOUND = OpenApiResponse(
    ErrorSerializer,
    description="No such key.",
    examples=[OpenApiExample("unknown", value={"error": "API key not found"})],
)
INVALID = OpenApiResponse(
    ErrorsSerializer,
    description="Everything that is wrong with the body.",
    examples=[OpenApiExample("breaches", value={"errors": ["name is required", "scopes is required"]})],
)
REQUEST = {"name": "CRM sync", "scopes": ["read", "write"], "source": "CRM"}
SHOWN = {
    "id": 1,
    "name": "CRM sync",
    "prefix": "idr_3q2-7wAA",
    "scopes": ["read", "write"],
    "source": "CRM",
    "created_by": "admin",
    "created_at": "2026-03-06T14:30:00Z",
    "revoked_by": None,
    "revoked_at": None,
}
NEW = OpenApiExample("for a CRM", value={**SHOWN, "key": "idr_3q2-7wAA…"}, response_only=True)


class ApiKeys(Administering):
    scopes = {"GET": Scope.ADMIN, "HEAD": Scope.ADMIN, "POST": Scope.ADMIN}
    told_once = ("key",)

    @extend_schema(
        summary="List API keys",
        description="The tenant's keys, newest first, revoked ones included. The keys themselves are not kept.",
        responses={200: KeyBody(many=True)},
        examples=[OpenApiExample("for a CRM", value=SHOWN, response_only=True)],
    )
    def get(self, request: Call) -> Response:
        return Response(KeyBody(keys_of(request.tenant), many=True).data)

    @extend_schema(
        summary="Make an API key",
        description=(
            "A key of the tenant. It is shown in this answer only, and kept nowhere: sent again with the same"
            " `Idempotency-Key`, the request is answered with null in its place. `admin` includes the other scopes."
        ),
        request=KeyRequest,
        responses={201: NewKeyBody, 400: INVALID},
        examples=[OpenApiExample("for a CRM", value=REQUEST, request_only=True), NEW],
    )
    def post(self, request: Call) -> Response:
        asked = read_request(request.data, tenant=request.tenant)
        issued = issue(
            name=asked.name, scopes=asked.scopes, source=asked.source, tenant=request.tenant, by=request.actor
        )
        return Response({**KeyBody(issued.key).data, "key": issued.secret}, status=201)


class ApiKeyById(Administering):
    scopes = {"DELETE": Scope.ADMIN}

    @extend_schema(
        summary="Revoke an API key",
        description="The key is refused from now on. Revoking it again changes nothing.",
        responses={200: KeyRevoked, 404: NOT_FOUND},
        examples=[OpenApiExample("revoked", value={"message": "API key revoked", "id": 1}, response_only=True)],
    )
    def delete(self, request: Call, key_id: str) -> Response:
        return Response(
            {"message": "API key revoked", "id": revoke(key_id, tenant=request.tenant, by=request.actor).pk}
        )

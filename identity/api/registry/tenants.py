"""`/tenants`: whose registries this installation holds, for its operators."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from identity.api.documentation import ErrorSerializer, ErrorsSerializer
from identity.api.views import ApiView, Call
from matching.tenants import open_tenant, read_opening
from sources.models import Scope, Subtenant, Tenant
from sources.reading import as_id
from sources.tenants import find_tenant, open_subtenant, read_name, subtenants, tenants


class TenantBody(serializers.ModelSerializer[Tenant]):
    """A tenant; `region` is the country that phone numbers without a country code are read as being from."""

    class Meta:
        model = Tenant
        fields = ["id", "name", "region", "created_by", "created_at"]
        read_only_fields = fields


class TenantOpening(serializers.Serializer[Tenant]):
    """A tenant to be opened. The name cannot consist of digits: those are an id."""

    name = serializers.CharField(max_length=100)
    region = serializers.CharField(required=False, default="US", help_text="ISO 3166-1 alpha-2.", allow_null=True)


class SubtenantBody(serializers.ModelSerializer[Subtenant]):
    """A part of a tenant's customers."""

    class Meta:
        model = Subtenant
        fields = ["id", "name", "created_by", "created_at"]
        read_only_fields = fields


class SubtenantOpening(serializers.Serializer[Subtenant]):
    """A subtenant to be opened. The name cannot consist of digits: those are an id."""

    name = serializers.CharField(max_length=100)


NOT_FOUND = OpenApiResponse(
    ErrorSerializer,
    description="No such tenant.",
    examples=[OpenApiExample("unknown", value={"error": "Tenant not found"})],
)
INVALID = OpenApiResponse(
    ErrorsSerializer,
    description="Everything that is wrong with the body.",
    examples=[OpenApiExample("no name", value={"errors": ["name is required"]})],
)
TAKEN = OpenApiResponse(
    ErrorSerializer,
    description="The name is taken.",
    examples=[OpenApiExample("taken", value={"error": "A tenant with this name already exists"})],
)
WHEN = {"created_by": "operator", "created_at": "2026-03-06T14:30:00Z"}
NAMED = OpenApiExample("by name", value={"name": "north"}, request_only=True)
TENANT = OpenApiExample("north", value={"id": 2, "name": "north", "region": "US", **WHEN}, response_only=True)
SUBTENANT = OpenApiExample("north", value={"id": 2, "name": "north", **WHEN}, response_only=True)


class OperatorView(ApiView):
    """Closed to whoever belongs to a tenant."""

    operators_only = True
    scopes = {"GET": Scope.ADMIN, "HEAD": Scope.ADMIN, "POST": Scope.ADMIN}


class Tenants(OperatorView):
    @extend_schema(
        summary="List tenants",
        description="All tenants by name. For operators.",
        responses={200: TenantBody(many=True)},
        examples=[TENANT],
    )
    def get(self, request: Call) -> Response:
        return Response(TenantBody(tenants(), many=True).data)

    @extend_schema(
        summary="Open a tenant",
        description="With its built-in sources and the first match model, ready for its first record. For operators.",
        request=TenantOpening,
        responses={201: TenantBody, 400: INVALID, 409: TAKEN},
        examples=[NAMED, TENANT],
    )
    def post(self, request: Call) -> Response:
        name, region = read_opening(request.data)
        return Response(TenantBody(open_tenant(name, region=region, by=request.actor)).data, status=201)


class TenantById(OperatorView):
    @extend_schema(
        summary="Read a tenant",
        description="A tenant by its id. For operators.",
        responses={200: TenantBody, 404: NOT_FOUND},
        examples=[TENANT],
    )
    def get(self, request: Call, tenant_id: str) -> Response:
        return Response(TenantBody(find_tenant(as_id(tenant_id))).data)


class Subtenants(OperatorView):
    @extend_schema(
        summary="List subtenants",
        description="The parts of a tenant, by name. For operators.",
        responses={200: SubtenantBody(many=True), 404: NOT_FOUND},
        examples=[SUBTENANT],
    )
    def get(self, request: Call, tenant_id: str) -> Response:
        return Response(SubtenantBody(subtenants(find_tenant(as_id(tenant_id))), many=True).data)

    @extend_schema(
        summary="Open a subtenant",
        description="A new part of a tenant, as a contact centre's subscriber is. For operators.",
        request=SubtenantOpening,
        responses={201: SubtenantBody, 400: INVALID, 404: NOT_FOUND, 409: TAKEN},
        examples=[NAMED, SUBTENANT],
    )
    def post(self, request: Call, tenant_id: str) -> Response:
        tenant = find_tenant(as_id(tenant_id))
        opened = open_subtenant(read_name(request.data), tenant=tenant, by=request.actor)
        return Response(SubtenantBody(opened).data, status=201)

"""`/tenants`: whose registries this installation holds, for its operators."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers

from identity.api.administering import IF_MATCH, MEANWHILE, TAGGED, Administering, seen, tag
from identity.api.callers import Caller
from identity.api.documentation import ErrorSerializer, ErrorsSerializer
from identity.api.rendering import Response
from identity.api.views import Call
from matching.tenants import open_tenant, read_opening
from sources.models import Deed, Scope, Subtenant, Tenant
from sources.reading import as_id
from sources.tenant_settings import MOST_CUSTOMERS_PER_VALUE, change_settings, read_settings
from sources.tenants import TenantNotFound, find_tenant, is_named, open_subtenant, read_name, subtenants, tenants

SETTINGS = ("merge_protection", "placeholders_link", "blocked_values", "customers_per_value")


class TenantBody(serializers.ModelSerializer[Tenant]):
    """A tenant; `region` is the country that phone numbers without a country code are read as being from."""

    class Meta:
        model = Tenant
        fields = ["id", "name", "region", *SETTINGS, "created_by", "created_at"]
        read_only_fields = fields


class TenantSettings(serializers.ModelSerializer[Tenant]):
    """What to change; fields that are not sent stay as they are."""

    class Meta:
        model = Tenant
        fields = ["region", *SETTINGS]
        extra_kwargs: ClassVar[dict[str, dict[str, Any]]] = {
            **{name: {"required": False} for name in ("region", *SETTINGS)},
            "customers_per_value": {"required": False, "max_value": MOST_CUSTOMERS_PER_VALUE},
        }


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
SWITCHES = {"merge_protection": True, "placeholders_link": False, "blocked_values": [], "customers_per_value": 10}
NORTH = {"id": 2, "name": "north", "region": "US", **SWITCHES, **WHEN}
TENANT = OpenApiExample("north", value=NORTH, response_only=True)
CHANGE = OpenApiExample("a branch's own phone", value={"blocked_values": ["(214) 555-0100"]}, request_only=True)
SUBTENANT = OpenApiExample("north", value={"id": 2, "name": "north", **WHEN}, response_only=True)


class OperatorView(Administering):
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


class TenantById(Administering):
    scopes = {"GET": Scope.ADMIN, "HEAD": Scope.ADMIN, "PATCH": Scope.ADMIN}

    @extend_schema(
        summary="Read a tenant",
        description="A tenant by its id. For operators, and for the tenant's own administrators.",
        parameters=[TAGGED],
        responses={200: TenantBody, 404: NOT_FOUND},
        examples=[TENANT],
    )
    def get(self, request: Call, tenant_id: str) -> Response:
        headers = tag(Deed.Kind.TENANT, as_id(tenant_id))
        return Response(TenantBody(_own(request, tenant_id)).data, headers=headers)

    @extend_schema(
        summary="Change a tenant's settings",
        description=(
            "Its region, and what a shared e-mail or phone means: merge protection, placeholders such as "
            "test@test.com, further values that identify nobody, and of how many customers a value may be before it "
            "links nothing (0: no limit). For operators, and for the tenant's own administrators."
        ),
        parameters=[IF_MATCH],
        request=TenantSettings,
        responses={200: TenantBody, 400: INVALID, 404: NOT_FOUND, 412: MEANWHILE},
        examples=[CHANGE, TENANT],
    )
    def patch(self, request: Call, tenant_id: str) -> Response:
        tenant = _own(request, tenant_id)
        settings = read_settings(request.data, tenant=tenant)
        changed = change_settings(settings, tenant=tenant, by=request.actor, seen=seen(request))
        return Response(TenantBody(changed).data)


def _own(request: Call, tenant_id: str) -> Tenant:
    """The tenant of this id, if the caller is an operator or belongs to it. Raises TenantNotFound."""
    caller = request.auth
    if isinstance(caller, Caller) and caller.tenant is not None and not is_named(caller.tenant, tenant_id):
        raise TenantNotFound
    return find_tenant(as_id(tenant_id))


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

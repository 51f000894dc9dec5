"""`/identification-keys`: the lookups of a tenant, made and removed while the registry runs."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema

from identity.api.administering import Administering
from identity.api.asked import header
from identity.api.contact_centre.reading import caller_of
from identity.api.contact_centre.shapes import IdentificationKeyAsked, IdentificationKeyBody, IdentificationKeyDetail
from identity.api.documentation import answered, breaches, refused, sent
from identity.api.rendering import Response
from identity.api.views import Call
from matching import lookup_building
from matching.lookup_keys import BUILDING, FAILED, READY, UNIQUE
from matching.lookups import create_lookup, duplicates, find_lookup, lookups_of, read_definition, remove_lookup
from matching.models import Lookup
from sources.models import Scope, Tenant

Body = dict[str, Any]

KEY = {
    "id": 7,
    "name": "_loyaltyIdLookup",
    "attributes": ["_loyaltyId"],
    "kind": "unique",
    "unique": True,
    "state": "building",
    "progress": 0.25,
    "predefined": False,
    "created_by": "ada",
    "created_at": "2026-03-06T14:30:00Z",
}
UNKNOWN = refused("Identification key not found")
TENANT = OpenApiParameter("X-Genesys-TenantId", str, "header", description="The tenant, by id or name.")
ASKED = {"name": "_loyaltyIdLookup", "attributes": ["_loyaltyId"], "unique": True}


def key_body(lookup: Lookup) -> Body:
    return {
        "id": lookup.pk,
        "name": lookup.name,
        "attributes": lookup.attributes,
        "kind": lookup.kind,
        "unique": lookup.kind == UNIQUE,
        "state": lookup.state,
        "progress": _progress(lookup),
        "predefined": lookup.built_in,
        "created_by": lookup.created_by,
        "created_at": lookup.created_at,
    }


def _progress(lookup: Lookup) -> float:
    """0 to 1. Customers that came during the build make it an estimate."""
    if lookup.state != BUILDING:
        return 1.0
    return min(0.99, lookup.customers_built / lookup.customers_total) if lookup.customers_total else 0.0


def _detail(lookup: Lookup) -> Body:
    shared = [{"contact_ids": each.customers, "attributes": each.values} for each in duplicates(lookup)]
    return {**key_body(lookup), "duplicates": shared}


class IdentificationKeys(Administering):
    scopes = {"POST": Scope.ADMIN}

    def tenant_of(self, request: Call) -> Tenant:
        return request.tenant

    @extend_schema(
        tags=["contact centre"],
        summary="List identification keys",
        description="The tenant's lookups, predefined ones first, with the progress of those under construction.",
        responses={200: IdentificationKeyBody(many=True)},
        examples=[answered(KEY)],
    )
    def get(self, request: Call) -> Response:
        return Response([key_body(lookup) for lookup in lookups_of(self.tenant_of(request))])

    @extend_schema(
        tags=["contact centre"],
        summary="Make an identification key",
        description=(
            "A lookup that needs an index is built over the existing contacts by a worker, while all others keep "
            "serving: 202, and `state` tells how far it is. A unique key that existing contacts violate becomes "
            "`failed`, answers nothing, and lists the duplicates; once they are merged, `settle` puts it in force. "
            "A lookup that needs none is ready at once: 201."
        ),
        request=IdentificationKeyAsked,
        responses={
            201: IdentificationKeyBody,
            202: IdentificationKeyBody,
            400: breaches("attribute '_x' is not defined"),
            409: refused("An identification key with this name already exists"),
        },
        examples=[sent(ASKED), answered(KEY, 201, 202)],
    )
    def post(self, request: Call) -> Response:
        tenant = self.tenant_of(request)
        lookup = create_lookup(read_definition(request.data, tenant=tenant), tenant=tenant, by=request.actor)
        return Response(key_body(lookup), status=201 if lookup.state == READY else 202)


class MetadataKeys(IdentificationKeys):
    """The original's address, which names the tenant in a header of its own."""

    def tenant_of(self, request: Call) -> Tenant:
        named = header(request, "X-Genesys-TenantId")
        return caller_of(request).tenant_named(named) if named else request.tenant

    @extend_schema(
        operation_id="metadata_identification_keys_list",
        tags=["contact centre"],
        summary="List identification keys (the original's address)",
        description="As GET /identification-keys.",
        parameters=[TENANT],
        responses={200: IdentificationKeyBody(many=True)},
        examples=[answered(KEY)],
    )
    def get(self, request: Call) -> Response:
        return super().get(request)

    @extend_schema(
        operation_id="createIdentificationKeysSchema",
        tags=["contact centre"],
        summary="Make an identification key (the original's createIdentificationKeysSchema)",
        description="As POST /identification-keys.",
        parameters=[TENANT],
        request=IdentificationKeyAsked,
        responses={
            201: IdentificationKeyBody,
            202: IdentificationKeyBody,
            400: breaches("attributes is required"),
            409: refused("An identification key with this name already exists"),
        },
        examples=[sent(ASKED), answered(KEY, 201, 202)],
    )
    def post(self, request: Call) -> Response:
        return super().post(request)


class IdentificationKey(Administering):
    scopes = {"DELETE": Scope.ADMIN}

    @extend_schema(
        tags=["contact centre"],
        summary="Read an identification key",
        description="By name or id. `duplicates` are the contacts that violate a unique one at present.",
        responses={200: IdentificationKeyDetail, 404: UNKNOWN},
        examples=[answered({**KEY, "duplicates": []})],
    )
    def get(self, request: Call, key: str) -> Response:
        return Response(_detail(find_lookup(key, tenant=request.tenant)))

    @extend_schema(
        tags=["contact centre"],
        summary="Delete an identification key",
        description="It answers nothing from then on. Predefined ones stay, and those that a strategy names.",
        responses={
            200: IdentificationKeyBody,
            404: UNKNOWN,
            409: refused("A predefined identification key cannot be deleted"),
        },
        examples=[answered(KEY)],
    )
    def delete(self, request: Call, key: str) -> Response:
        body = key_body(find_lookup(key, tenant=request.tenant))
        remove_lookup(key, tenant=request.tenant, by=request.actor)
        return Response(body)


class SettleKey(Administering):
    scopes = {"POST": Scope.ADMIN}

    @extend_schema(
        tags=["contact centre"],
        summary="Put a failed unique key in force",
        description="Once the contacts that violated it are merged or corrected. As long as some do: 409, with them.",
        request=None,
        responses={200: IdentificationKeyDetail, 404: UNKNOWN, 409: IdentificationKeyDetail},
        examples=[answered({**KEY, "state": "ready", "progress": 1.0, "duplicates": []})],
    )
    def post(self, request: Call, key: str) -> Response:
        lookup = lookup_building.settle(find_lookup(key, tenant=request.tenant).pk, by=request.actor)
        return Response(_detail(lookup), status=409 if lookup.state == FAILED else 200)

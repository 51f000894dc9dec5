"""`/media-types`: a tenant's channels and the strategy of each."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema

from identity.api.administering import IF_MATCH, MEANWHILE, TAGGED, Administering, seen, tag
from identity.api.contact_centre.shapes import MediaAsked, MediaBody, MediaChanged
from identity.api.documentation import answered, breaches, refused, sent
from identity.api.rendering import Response
from identity.api.views import Call
from matching.media_types import (
    change_media_type,
    create_media_type,
    find_media_type,
    media_types_of,
    read_settings,
    remove_media_type,
)
from sources.models import Deed, MediaType, Scope

MEDIA = {
    "id": 6,
    "name": "webform",
    "create_contact": True,
    "minimum_creation_attributes": ["EmailAddress", "LastName"],
    "strategy": ["EmailAddressLastNameFirstNameLookup"],
    "predefined": False,
    "created_by": "ada",
    "created_at": "2026-03-06T14:30:00Z",
    "updated_by": None,
    "updated_at": None,
}
ASKED = {
    "name": "webform",
    "minimum_creation_attributes": ["EmailAddress", "LastName"],
    "strategy": ["EmailAddress"],
}
UNKNOWN = refused("Media type not found")
INVALID = breaches("attribute '_x' is not defined")


def media_body(media: MediaType) -> dict[str, Any]:
    return {
        "id": media.pk,
        "name": media.name,
        "create_contact": media.create_contact,
        "minimum_creation_attributes": media.minimum_creation_attributes,
        "strategy": media.strategy,
        "predefined": media.built_in,
        "created_by": media.created_by,
        "created_at": media.created_at,
        "updated_by": media.updated_by,
        "updated_at": media.updated_at,
    }


class MediaTypes(Administering):
    scopes = {"POST": Scope.ADMIN}

    @extend_schema(
        tags=["contact centre"],
        summary="List media types",
        description="The tenant's channels, predefined ones first.",
        responses={200: MediaBody(many=True)},
        examples=[answered(MEDIA)],
    )
    def get(self, request: Call) -> Response:
        return Response([media_body(media) for media in media_types_of(request.tenant)])

    @extend_schema(
        tags=["contact centre"],
        summary="Make a media type",
        description="A list of attributes that no lookup begins with makes a new unique lookup.",
        request=MediaAsked,
        responses={201: MediaBody, 400: INVALID, 409: refused("A media type with this name already exists")},
        examples=[sent(ASKED), answered(MEDIA, 201)],
    )
    def post(self, request: Call) -> Response:
        settings = read_settings(request.data, tenant=request.tenant, new=True)
        media = create_media_type(settings, tenant=request.tenant, by=request.actor)
        return Response(media_body(media), status=201)


class MediaTypeByName(Administering):
    scopes = {"PUT": Scope.ADMIN, "DELETE": Scope.ADMIN}

    @extend_schema(
        tags=["contact centre"],
        summary="Read a media type",
        description="By name or id.",
        parameters=[TAGGED],
        responses={200: MediaBody, 404: UNKNOWN},
        examples=[answered(MEDIA)],
    )
    def get(self, request: Call, media_type: str) -> Response:
        found = find_media_type(media_type, tenant=request.tenant)
        headers = tag(Deed.Kind.MEDIA_TYPE, found.pk)
        as_tagged = find_media_type(found.pk, tenant=request.tenant)  # or newer, never older
        return Response(media_body(as_tagged), headers=headers)

    @extend_schema(
        tags=["contact centre"],
        summary="Change a media type",
        description="What the body does not say stays. The next request goes by it: nothing is restarted.",
        parameters=[IF_MATCH],
        request=MediaChanged,
        responses={
            200: MediaBody,
            400: INVALID,
            404: UNKNOWN,
            409: refused("A predefined media type cannot be renamed"),
            412: MEANWHILE,
        },
        examples=[sent({"strategy": ["PhoneNumber", "EmailAddress"]}), answered(MEDIA)],
    )
    def put(self, request: Call, media_type: str) -> Response:
        settings = read_settings(request.data, tenant=request.tenant, new=False)
        media = change_media_type(media_type, settings, tenant=request.tenant, by=request.actor, seen=seen(request))
        return Response(media_body(media))

    @extend_schema(
        tags=["contact centre"],
        summary="Delete a media type",
        description="Its lookups stay.",
        responses={200: MediaBody, 404: UNKNOWN, 409: refused("A predefined media type cannot be deleted")},
        examples=[answered(MEDIA)],
    )
    def delete(self, request: Call, media_type: str) -> Response:
        body = media_body(find_media_type(media_type, tenant=request.tenant))
        remove_media_type(media_type, tenant=request.tenant, by=request.actor)
        return Response(body)

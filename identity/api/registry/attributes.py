"""`/contact-attributes`: what a tenant's records may carry beside the usual fields."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers

from contacts.attributes import attributes_of, read_definition
from contacts.models import ContactAttribute
from identity.api.administering import Administering
from identity.api.documentation import ErrorSerializer, ErrorsSerializer
from identity.api.rendering import Response
from identity.api.views import Call
from matching.attributes import define_attribute
from sources.models import Scope


class AttributeBody(serializers.ModelSerializer[ContactAttribute]):
    """A custom attribute: its name, and how its values are written."""

    class Meta:
        model = ContactAttribute
        fields = ["id", "name", "type", "created_by", "created_at"]
        read_only_fields = fields


class AttributeDefinition(serializers.Serializer[ContactAttribute]):
    """An attribute to be defined. A date is written `1980-01-31`, a number in decimal."""

    name = serializers.CharField(max_length=100)
    type = serializers.ChoiceField(choices=ContactAttribute.Type.choices)


INVALID = OpenApiResponse(
    ErrorsSerializer,
    description="Everything that is wrong with the body.",
    examples=[OpenApiExample("type", value={"errors": ["type must be one of string, date, number"]})],
)
TAKEN = OpenApiResponse(
    ErrorSerializer,
    description="The tenant has an attribute or an identification key of this name.",
    examples=[OpenApiExample("taken", value={"error": "An attribute with this name already exists"})],
)
BIRTH = {"name": "date_of_birth", "type": "date"}
DEFINITION = OpenApiExample("date of birth", value=BIRTH, request_only=True)
BODY = OpenApiExample(
    "date of birth",
    value={"id": 1, **BIRTH, "created_by": "admin", "created_at": "2026-03-06T14:30:00Z"},
    response_only=True,
)


class Attributes(Administering):
    scopes = {"POST": Scope.ADMIN}

    @extend_schema(
        summary="List custom attributes",
        description="The tenant's custom attributes by name.",
        responses={200: AttributeBody(many=True)},
        examples=[BODY],
    )
    def get(self, request: Call) -> Response:
        return Response(AttributeBody(attributes_of(request.tenant), many=True).data)

    @extend_schema(
        summary="Define a custom attribute",
        description="From then on records may carry it under `attributes`, and a match model may compare it.",
        request=AttributeDefinition,
        responses={201: AttributeBody, 400: INVALID, 409: TAKEN},
        examples=[DEFINITION, BODY],
    )
    def post(self, request: Call) -> Response:
        name, kind = read_definition(request.data)
        defined = define_attribute(name, kind, tenant=request.tenant, by=request.actor)
        return Response(AttributeBody(defined).data, status=201)

"""`POST /identify`: the shop's checkout asks whose an e-mail and a phone are."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers

from contacts.errors import InvalidBody
from identity.api.asked import header
from identity.api.bitespeed.answering import consolidated
from identity.api.bitespeed.reading import read
from identity.api.callers import Caller
from identity.api.documentation import breaches
from identity.api.parsing import json_object
from identity.api.permissions import may_submit_for
from identity.api.rendering import Response
from identity.api.views import Call, Door
from matching.checkout import check_out
from sources.built_in import STOREFRONT, built_in
from sources.models import SourceSystem

REQUEST = {"email": "mcfly@hillvalley.edu", "phoneNumber": "123456"}
ANSWER = {
    "contact": {
        "primaryContatctId": 1,
        "primaryContactId": 1,
        "emails": ["lorraine@hillvalley.edu", "mcfly@hillvalley.edu"],
        "phoneNumbers": ["123456"],
        "secondaryContactIds": [23],
    }
}


@extend_schema_field({"oneOf": [{"type": "string"}, {"type": "integer"}], "nullable": True})
class StringOrInteger(serializers.Field[Any, Any, Any, Any]):
    """A telephone as a shop keeps it."""


class PurchaseSerializer(serializers.Serializer[Any]):
    """At least one of the two; null, empty and absent mean the same."""

    email = serializers.CharField(required=False, allow_null=True, allow_blank=True)
    phoneNumber = StringOrInteger(required=False, allow_null=True)  # noqa: N815 - the contract's name


class ConsolidatedSerializer(serializers.Serializer[Any]):
    primaryContatctId = serializers.IntegerField(help_text="The oldest contact; the contract's spelling.")  # noqa: N815
    primaryContactId = serializers.IntegerField(help_text="The same.")  # noqa: N815
    emails = serializers.ListField(child=serializers.CharField(), help_text="As first received, oldest first.")
    phoneNumbers = serializers.ListField(child=serializers.CharField())  # noqa: N815
    secondaryContactIds = serializers.ListField(child=serializers.IntegerField())  # noqa: N815


class IdentityAnswerSerializer(serializers.Serializer[Any]):
    contact = ConsolidatedSerializer()


class Identify(Door):
    @extend_schema(
        operation_id="identify",
        tags=["identify"],
        summary="Whose are this e-mail and this phone?",
        description=(
            "Contacts that share an e-mail or a phone are one customer, the oldest of them its primary contact. "
            "What is new to the customer becomes a further contact; a request that names two customers makes them "
            "one, unless both carry names that the match model tells apart, or a person keeps them apart."
        ),
        parameters=[
            OpenApiParameter(
                "x-source-system", str, "header", description="A registered source to record instead of `storefront`."
            )
        ],
        request=PurchaseSerializer,
        responses={
            200: OpenApiResponse(
                IdentityAnswerSerializer,
                description="The customer's contacts.",
                examples=[OpenApiExample("consolidated", value=ANSWER)],
            ),
            400: breaches("email or phoneNumber is required"),
        },
        examples=[OpenApiExample("purchase", value=REQUEST, request_only=True)],
    )
    def post(self, request: Call) -> Response:
        source = _source(request)
        record = read(json_object(request), source_system=source.name, region=request.tenant.region)
        done = check_out(record, source=source, tenant=request.tenant, by=request.actor)
        return Response(consolidated(done.members, done.added))


def _source(request: Call) -> SourceSystem:
    """The source the header names, the one the key is bound to, or the storefront. Raises InvalidBody, Forbidden."""
    bound = request.auth.source if isinstance(request.auth, Caller) else None
    name = header(request, "x-source-system")
    if not name:
        return bound or built_in(STOREFRONT, request.tenant)
    may_submit_for(request, name)
    named = SourceSystem.objects.of(request.tenant).live().filter(name=name).first()
    if named is None:
        raise InvalidBody([f"source_system '{name}' is not registered"])
    return named

"""The shapes of the contact centre's requests and answers, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

KINDS = "unique, multiple or regular."


@extend_schema_field({"oneOf": [{"type": "string"}, {"type": "integer"}]})
class IdOrName(serializers.Field[Any, Any, Any, Any]):
    """An integer, as a number or in digits, or a name."""


@extend_schema_field(OpenApiTypes.OBJECT)
class AnyObject(serializers.Field[Any, Any, Any, Any]):
    """A JSON object of any shape."""


class Shape(serializers.Serializer[Any]):
    """Never used to make or read one."""


class ContactAsked(Shape):
    """Flat, or everything under `Parameters`. Any further member is a custom attribute defined for the tenant."""

    TenantId = IdOrName(required=False, help_text="Id or name; by default the caller's.")
    SubscriberId = IdOrName(required=False, help_text="Subtenant: id or name.")
    MediaType = serializers.CharField(required=False, default="any")
    CreateContact = serializers.BooleanField(required=False, help_text="By default the media type's `create_contact`.")
    ReturnUnique = serializers.BooleanField(required=False, default=False, help_text="No list of several contacts.")
    DatePattern = serializers.CharField(
        required=False,
        default="yyyy-MM-dd'T'HH:mm:ssZ",
        help_text="How dates are written, in the letters of Java's SimpleDateFormat.",
    )
    explain = serializers.BooleanField(
        required=False, default=False, help_text="Dry run for administrators: which lookup answers, and why."
    )
    FirstName = serializers.CharField(required=False)
    LastName = serializers.CharField(required=False)
    EmailAddress = serializers.CharField(required=False)
    PhoneNumber = serializers.CharField(required=False)
    Title = serializers.CharField(required=False)
    FacebookId = serializers.CharField(required=False)
    TwitterId = serializers.CharField(required=False)


class LookupTried(Shape):
    Lookup = serializers.CharField()
    Kind = serializers.CharField()
    Attributes = serializers.ListField(child=serializers.CharField())
    TookPart = serializers.BooleanField()
    Because = serializers.CharField()
    NumberOfContactsFound = serializers.IntegerField()
    ContactIds = serializers.ListField(child=serializers.UUIDField())
    MoreContactsFound = serializers.BooleanField()


class ExplanationBody(Shape):
    """Only where `explain` asks."""

    Answered = serializers.CharField(allow_null=True)
    Because = serializers.CharField()
    WouldCreate = serializers.BooleanField()
    Lookups = LookupTried(many=True)


class ContactBody(Shape):
    """Who it is. Where it is one contact, its attributes stand beside, as in the request."""

    NumberOfContactsFound = serializers.IntegerField(help_text="Above 1 only by a multiple lookup.")
    ContactId = serializers.UUIDField(
        allow_null=True,
        help_text="The one found, the first of several (with the oldest record), or the new one.",
    )
    ContactIdList = serializers.ListField(
        child=serializers.UUIDField(), required=False, help_text="Where several were found, unless ReturnUnique."
    )
    ContactCreated = serializers.BooleanField()
    MoreContactsFound = serializers.BooleanField(required=False, help_text="More than are listed: true or absent.")
    MissingAttributes = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="What it would take to create the contact."
    )
    Reason = serializers.CharField(required=False, help_text="Why nobody was created.")
    FirstName = serializers.CharField(required=False)
    LastName = serializers.CharField(required=False)
    EmailAddress = serializers.CharField(required=False)
    PhoneNumber = serializers.CharField(required=False)
    Title = serializers.CharField(required=False)
    FacebookId = serializers.CharField(required=False)
    TwitterId = serializers.CharField(required=False)
    Explanation = ExplanationBody(required=False)


class DuplicateBody(Shape):
    """Contacts that share what a unique key gives to one only."""

    contact_ids = serializers.ListField(child=serializers.UUIDField())
    attributes = AnyObject()


class IdentificationKeyBody(Shape):
    """An identification key (a lookup). It answers when it is `ready`."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    attributes = serializers.ListField(child=serializers.CharField())
    kind = serializers.CharField(help_text=KINDS)
    unique = serializers.BooleanField()
    state = serializers.ChoiceField(choices=["building", "ready", "failed"])
    progress = serializers.FloatField(min_value=0, max_value=1, help_text="Of the index over existing contacts.")
    predefined = serializers.BooleanField()
    created_by = serializers.CharField()
    created_at = serializers.DateTimeField()


class IdentificationKeyDetail(IdentificationKeyBody):
    duplicates = DuplicateBody(many=True, help_text="What violates a unique key at present; at most 100 groups.")


class IdentificationKeyAsked(Shape):
    attributes = serializers.ListField(child=serializers.CharField(), help_text="In order, the leading one first.")
    name = serializers.CharField(required=False, help_text="By default the attributes' names and `Lookup`.")
    kind = serializers.CharField(required=False, default="regular", help_text=KINDS)
    unique = serializers.BooleanField(required=False, help_text="true: kind `unique`.")


class MediaBody(Shape):
    """A media type. An empty strategy is that of `any`."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    create_contact = serializers.BooleanField()
    minimum_creation_attributes = serializers.ListField(child=serializers.CharField())
    strategy = serializers.ListField(child=serializers.CharField(), help_text="Names of lookups, in order.")
    predefined = serializers.BooleanField()
    created_by = serializers.CharField()
    created_at = serializers.DateTimeField()
    updated_by = serializers.CharField(allow_null=True)
    updated_at = serializers.DateTimeField(allow_null=True)


class MediaChanged(Shape):
    """The document's names of options are understood, too: `create-contact`, `identify-contact-1`, …"""

    name = serializers.CharField(required=False, max_length=100)
    create_contact = serializers.BooleanField(required=False)
    minimum_creation_attributes = serializers.ListField(child=serializers.CharField(), required=False)
    strategy = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text="Each the name of a lookup, or attributes with commas between: the lookup that begins with them, "
        "or, where there is none, a new unique one.",
    )


class MediaAsked(MediaChanged):
    name = serializers.CharField(max_length=100)

"""The shapes of the registry's request bodies, for the OpenAPI document; `contacts.intake` is what reads them."""

from __future__ import annotations

from rest_framework import serializers

from identity.api.registry.schemas import ObjectField, Shape


class AddressSaid(Shape):
    """Parts of an address, as the source writes them."""

    street = serializers.CharField(required=False, allow_blank=True, allow_null=True)
    city = serializers.CharField(required=False, allow_blank=True, allow_null=True)
    state = serializers.CharField(required=False, allow_blank=True, allow_null=True)
    zip = serializers.CharField(required=False, allow_blank=True, allow_null=True)
    country = serializers.CharField(required=False, allow_null=True, help_text="ISO 3166-1 alpha-2.")


class RecordRevised(Shape):
    """What to change about one source's record; what is absent stays. Phone and address may be emptied."""

    first_name = serializers.CharField(required=False, max_length=200)
    last_name = serializers.CharField(required=False, max_length=200)
    email = serializers.CharField(required=False, max_length=254)
    phone = serializers.CharField(required=False, allow_blank=True, allow_null=True, max_length=50)
    address = AddressSaid(required=False, allow_null=True)
    country = serializers.CharField(
        required=False,
        allow_null=True,
        help_text="ISO 3166-1 alpha-2: where phone and address are; by default the tenant's.",
    )
    attributes = ObjectField(required=False, allow_null=True, help_text="Custom attributes, by name.")
    source_of_truth = serializers.BooleanField(
        required=False, allow_null=True, help_text="This source's values win over all others'."
    )
    effective_date = serializers.CharField(
        required=False, allow_null=True, help_text="ISO 8601: since when this holds. Later values win field by field."
    )


class RecordSubmitted(RecordRevised):
    """One source's record of one person. Which fields are required is the source's to say (`required_fields`)."""

    source_system = serializers.CharField(max_length=200, help_text="A registered source's name.")
    source_key = serializers.CharField(max_length=255, help_text="The record's key in that source.")


class MergeAsked(Shape):
    merge = serializers.CharField(help_text="The id of the customer to merge into this one.")


class PinAsked(Shape):
    alias_id = serializers.IntegerField(help_text="Whose value is to stand.")
    reason = serializers.CharField(max_length=500)


class SplitAsked(Shape):
    aliases = serializers.ListField(child=serializers.IntegerField(), help_text="The aliases that leave.")


class Reported(Shape):
    notes = serializers.CharField(required=False, allow_null=True, allow_blank=True, max_length=5000)


class Resolved(Shape):
    resolved = serializers.BooleanField()
    notes = serializers.CharField(required=False, allow_null=True, allow_blank=True, max_length=5000)

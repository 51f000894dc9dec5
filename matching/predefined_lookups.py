"""The lookups and media types that every tenant begins with, as the contact centre's document has them."""

from __future__ import annotations

from matching.lookup_keys import MULTIPLE, REGULAR, UNIQUE
from matching.models import Lookup
from sources.models import MediaType, Tenant

BY_EMAIL = "EmailAddressLastNameFirstNameLookup"
BY_PHONE = "PhoneNumberLastNameFirstNameLookup"
BY_NAMES = "LastNameFirstNameLookup"
BY_FIRST_NAME = "FirstNameLookup"

LOOKUPS = (
    (BY_EMAIL, ["EmailAddress", "LastName", "FirstName"], REGULAR),
    (BY_PHONE, ["PhoneNumber", "LastName", "FirstName"], REGULAR),
    (BY_NAMES, ["LastName", "FirstName"], MULTIPLE),
    (BY_FIRST_NAME, ["FirstName"], MULTIPLE),
    ("FacebookIdLookup", ["FacebookId"], UNIQUE),
    ("TwitterIdLookup", ["TwitterId"], UNIQUE),
)
OTHER_NAMES = {"EmailAddressLookup": BY_EMAIL, "PhoneNumberLookup": BY_PHONE}

# The media type whose strategy is that of every other without one, and of a request that names none.
ANY = "any"
MEDIA_TYPES: tuple[tuple[str, list[str]], ...] = (
    (ANY, [BY_EMAIL, BY_PHONE, BY_NAMES, BY_FIRST_NAME]),
    ("email", [BY_EMAIL]),
    ("voice", [BY_PHONE]),
    ("sms", [BY_PHONE, BY_EMAIL]),
    ("chat", []),
)


def predefine(tenant: Tenant) -> None:
    """For a tenant that has no contacts yet."""
    Lookup.objects.bulk_create(
        Lookup(tenant=tenant, name=name, attributes=attributes, kind=kind, built_in=True)
        for name, attributes, kind in LOOKUPS
    )
    MediaType.objects.bulk_create(
        MediaType(tenant=tenant, name=name, strategy=strategy, built_in=True) for name, strategy in MEDIA_TYPES
    )

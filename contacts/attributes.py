"""Custom attributes: what a tenant's contacts may carry beside the fields everybody has."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from django.db import IntegrityError
from django.db.models import QuerySet
from django.db.models.functions import Collate

from contacts.errors import Conflict
from contacts.models import ContactAttribute
from contacts.transactions import verb
from sources import deeds
from sources.deeds import Subject
from sources.models import Deed, Tenant
from sources.reading import FieldReader

NAME_LIMIT = 100

# What every tenant's contacts may carry, as a contact centre knows it, beside names, e-mail and phone.
BUILT_IN_TYPES: Mapping[str, str] = MappingProxyType({"Title": "string", "FacebookId": "string", "TwitterId": "string"})
# The words of the contact centre's requests and answers: no attribute can be told from them.
RESERVED_NAMES = frozenset(
    {"FirstName", "LastName", "EmailAddress", "PhoneNumber", *BUILT_IN_TYPES}
    | {"TenantId", "SubscriberId", "MediaType", "CreateContact", "ReturnUnique", "DatePattern", "Parameters", "explain"}
    | {"NumberOfContactsFound", "ContactId", "ContactIdList", "ContactCreated", "MoreContactsFound"}
    | {"MissingAttributes", "Reason", "Explanation"}
)


class AttributeNameTaken(Conflict):
    def __init__(self) -> None:
        super().__init__("An attribute with this name already exists")


def attributes_of(tenant: Tenant) -> QuerySet[ContactAttribute]:
    return ContactAttribute.objects.filter(tenant=tenant).order_by(Collate("name", "C"))


def types_of(tenant: Tenant) -> dict[str, str]:
    """The type of every custom attribute that the tenant's contacts may carry, by name."""
    defined = ContactAttribute.objects.filter(tenant=tenant).values_list("name", "type")
    return {**BUILT_IN_TYPES, **dict(defined)}


def read_definition(body: object) -> tuple[str, str]:
    """The name and type of a new attribute. Raises InvalidBody."""
    reader = FieldReader(body)
    name = reader.required("name", limit=NAME_LIMIT)
    if not name.isprintable():
        reader.errors.append("name cannot contain control characters")
    wrong_before = len(reader.errors)
    kind = reader.required("type", limit=NAME_LIMIT)
    if kind not in ContactAttribute.Type.values and len(reader.errors) == wrong_before:
        reader.errors.append(f"type must be one of {', '.join(ContactAttribute.Type.values)}")
    reader.finish()
    return name, kind


@verb
def define_attribute(name: str, kind: str, *, tenant: Tenant, by: str) -> ContactAttribute:
    """Part of matching.attributes.define_attribute, which knows the lookups. Raises AttributeNameTaken."""
    if name in RESERVED_NAMES:
        raise AttributeNameTaken
    try:
        defined = ContactAttribute.objects.create(tenant=tenant, name=name, type=kind, created_by=by)
    except IntegrityError as error:
        raise AttributeNameTaken from error
    subject = Subject(Deed.Kind.ATTRIBUTE, defined.pk, name)
    deeds.record(Deed.Action.MADE, subject, tenant=tenant, by=by, after={"type": kind})
    return defined

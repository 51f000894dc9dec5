"""Whose registry this is: finding a tenant by what a caller names it, and the parts it is divided into."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.db.models.functions import Collate

from sources import deeds, rows
from sources.deeds import Subject
from sources.errors import Conflict, InvalidBody, NotFound
from sources.models import Deed, Subtenant, Tenant
from sources.reading import FieldReader, as_id

NAME_LIMIT = 100


class TenantNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("Tenant not found")


class SubtenantNameTaken(Conflict):
    def __init__(self) -> None:
        super().__init__("A subtenant with this name already exists")


def find_tenant(reference: object) -> Tenant:
    """By id (a number, or digits) or by name. No name consists of digits alone, so the two cannot be confused.

    Raises TenantNotFound.
    """
    text = str(reference).strip() if isinstance(reference, int | str) and not isinstance(reference, bool) else ""
    found = None
    if text.isascii() and text.isdigit():
        found = rows.one(Tenant, id=as_id(text))
    elif text.isprintable() and 0 < len(text) <= NAME_LIMIT:
        found = rows.one(Tenant, name=text)
    if found is None:
        raise TenantNotFound
    return found


def is_named(tenant: Tenant, reference: str) -> bool:
    """Whether `reference`, as a caller writes it, names this tenant."""
    return reference.strip() in (str(tenant.pk), tenant.name)


def tenants() -> QuerySet[Tenant]:
    return Tenant.objects.order_by(Collate("name", "C"))


def subtenants(tenant: Tenant) -> QuerySet[Subtenant]:
    return tenant.subtenants.order_by(Collate("name", "C"))


def read_name(body: object) -> str:
    """The name in the body of a new tenant or subtenant. Raises InvalidBody."""
    reader = FieldReader(body)
    name = reader.required("name", limit=NAME_LIMIT)
    reader.errors += name_faults(name)
    reader.finish()
    return name


def name_faults(name: str) -> list[str]:
    """A name of digits would be taken for an id, one with control characters cannot travel in a header."""
    if name.isascii() and name.isdigit():
        return ["name cannot be a number"]
    return [] if name.isprintable() else ["name cannot contain control characters"]


def open_subtenant(name: str, *, tenant: Tenant, by: str) -> Subtenant:
    """Raises InvalidBody, SubtenantNameTaken."""
    if faults := name_faults(name):
        raise InvalidBody(faults)
    try:
        with transaction.atomic():
            opened = Subtenant.objects.create(tenant=tenant, name=name, created_by=by)
            subject = Subject(Deed.Kind.SUBTENANT, opened.pk, opened.name)
            deeds.record(Deed.Action.MADE, subject, tenant=tenant, by=by)
    except IntegrityError as error:
        raise SubtenantNameTaken from error
    return opened

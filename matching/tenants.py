"""Opening a tenant: it is of use only with its built-in sources, lookups and a match model, so all come together."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from contacts.normalisation.countries import COUNTRY_CODES
from contacts.transactions import verb
from matching.model_definition import SEED_MODEL
from matching.predefined_lookups import predefine
from matching.versions import add_model
from sources import deeds
from sources.deeds import Subject
from sources.errors import Conflict, InvalidBody
from sources.models import Deed, SourceSystem, Tenant
from sources.reading import FieldReader
from sources.tenants import NAME_LIMIT, name_faults

# The doors whose callers name no source system: the shop's checkout, the contact centre.
BUILT_IN_SOURCES = ("storefront", "contact-centre")


class TenantNameTaken(Conflict):
    def __init__(self) -> None:
        super().__init__("A tenant with this name already exists")


def read_opening(body: object) -> tuple[str, str]:
    """The name and region in the body of a new tenant; US where it names none. Raises InvalidBody."""
    reader = FieldReader(body)
    name = reader.required("name", limit=NAME_LIMIT)
    region = reader.text("region", limit=2).upper() or "US"
    reader.errors += _faults(name, region)
    reader.finish()
    return name, region


def _faults(name: str, region: str) -> list[str]:
    return name_faults(name) + ([] if region in COUNTRY_CODES else ["region is not an ISO 3166-1 alpha-2 code"])


@verb
def open_tenant(name: str, *, by: str, region: str = "US") -> Tenant:
    """A tenant ready for its first record. `region`: see Tenant.region.

    Raises InvalidBody, TenantNameTaken.
    """
    if faults := _faults(name, region):
        raise InvalidBody(faults)
    try:
        with transaction.atomic():
            tenant = Tenant.objects.create(name=name, region=region, created_by=by)
    except IntegrityError as error:
        raise TenantNameTaken from error
    subject = Subject(Deed.Kind.TENANT, tenant.pk, name)
    deeds.record(Deed.Action.MADE, subject, tenant=tenant, by=by, after={"region": region})
    SourceSystem.objects.bulk_create(
        SourceSystem(tenant=tenant, name=source, built_in=True, required_fields=[], created_by=by)
        for source in BUILT_IN_SOURCES
    )
    predefine(tenant)
    add_model(SEED_MODEL, tenant=tenant, reason="The document's table.", by=by)
    return tenant

"""Opening a tenant: it is of use only with its built-in sources and a match model, so all come together."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from contacts.normalisation.countries import COUNTRY_CODES
from contacts.transactions import verb
from matching.active import add_model
from matching.model_definition import SEED_MODEL
from sources.errors import Conflict, InvalidBody
from sources.models import SourceSystem, Tenant
from sources.tenants import name_faults

# The doors whose callers name no source system: the shop's checkout, the contact centre.
BUILT_IN_SOURCES = ("storefront", "contact-centre")


class TenantNameTaken(Conflict):
    def __init__(self) -> None:
        super().__init__("A tenant with this name already exists")


@verb
def open_tenant(name: str, *, by: str, region: str = "US") -> Tenant:
    """A tenant ready for its first record. `region`: see Tenant.region.

    Raises InvalidBody, TenantNameTaken.
    """
    faults = name_faults(name) + ([] if region in COUNTRY_CODES else ["region is not an ISO 3166-1 alpha-2 code"])
    if faults:
        raise InvalidBody(faults)
    try:
        with transaction.atomic():
            tenant = Tenant.objects.create(name=name, region=region, created_by=by)
    except IntegrityError as error:
        raise TenantNameTaken from error
    SourceSystem.objects.bulk_create(
        SourceSystem(tenant=tenant, name=source, built_in=True, required_fields=[], created_by=by)
        for source in BUILT_IN_SOURCES
    )
    add_model(SEED_MODEL, tenant=tenant, reason="The document's table.", by=by)
    return tenant

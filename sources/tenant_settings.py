"""What a tenant decides for itself: its region, and what a shared e-mail or phone means."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from contacts.normalisation.countries import COUNTRY_CODES
from contacts.normalisation.email import normalise_email
from contacts.normalisation.phone import to_e164
from sources import deeds
from sources.deeds import Subject
from sources.models import Deed, Tenant
from sources.reading import FieldReader
from sources.tenants import TenantNotFound

SWITCHES = ("merge_protection", "placeholders_link")
MOST_CUSTOMERS_PER_VALUE = 100
MOST_BLOCKED_VALUES = 10_000
LONGEST_VALUE = 254

Settings = dict[str, Any]


def read_settings(body: object, *, tenant: Tenant) -> Settings:
    """The settings a body changes; blocked values normalised as records are. Raises InvalidBody."""
    reader = FieldReader(body)
    changes: Settings = {}
    for name in SWITCHES:
        if name in reader.body:
            changes[name] = _switch(reader, name)
    if "region" in reader.body:
        changes["region"] = _region(reader)
    if "customers_per_value" in reader.body:
        changes["customers_per_value"] = _limit(reader)
    if "blocked_values" in reader.body:
        changes["blocked_values"] = _blocked(reader, region=changes.get("region") or tenant.region)
    if not changes and not reader.errors:
        reader.errors.append("nothing to change: see the settings in GET /tenants/:id")
    reader.finish()
    return changes


def _switch(reader: FieldReader, name: str) -> bool:
    value = reader.body[name]
    if not isinstance(value, bool):
        reader.errors.append(f"{name} must be true or false")
    return bool(value)


def _region(reader: FieldReader) -> str:
    region = reader.required("region", limit=2).upper()
    if region and region not in COUNTRY_CODES:
        reader.errors.append("region is not an ISO 3166-1 alpha-2 code")
    return region


def _limit(reader: FieldReader) -> int:
    value = reader.body["customers_per_value"]
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_CUSTOMERS_PER_VALUE:
        reader.errors.append(f"customers_per_value must be a whole number from 0 to {MOST_CUSTOMERS_PER_VALUE}")
        return 0
    return value


def _blocked(reader: FieldReader, *, region: str) -> list[str]:
    values = reader.body["blocked_values"]
    whole = isinstance(values, list) and all(isinstance(value, str) and value.strip() for value in values)
    if not whole or len(values) > MOST_BLOCKED_VALUES or any(len(value) > LONGEST_VALUE for value in values):
        reader.errors.append(f"blocked_values must be a list of at most {MOST_BLOCKED_VALUES} e-mails and phones")
        return []
    return sorted({_normalised(value, region) for value in values})


def _normalised(value: str, region: str) -> str:
    if "@" in value:
        return normalise_email(value)
    return to_e164(value, region) or "".join(sign for sign in value if sign.isdigit()) or value.strip()


@transaction.atomic
def change_settings(changes: Settings, *, tenant: Tenant, by: str, seen: int | None = None) -> Tenant:
    """`seen`: the latest deed about it that the caller knew of (sources.deeds).

    Raises TenantNotFound, ChangedMeanwhile.
    """
    row = Tenant.objects.select_for_update().filter(pk=tenant.pk).first()
    if row is None:
        raise TenantNotFound
    subject = Subject(Deed.Kind.TENANT, row.pk, row.name)
    deeds.check(subject, seen)
    before, blocked = _told(row), set(row.blocked_values)
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(update_fields=list(changes))
    were, are = deeds.counted(set(row.blocked_values), blocked, "blocked_values")
    deeds.record_change(subject, tenant=row, by=by, before={**before, **were}, after={**_told(row), **are})
    return row


def _told(tenant: Tenant) -> dict[str, Any]:
    """What the journal tells as it is; of blocked values, which may be somebody's, only how many there are."""
    return {name: getattr(tenant, name) for name in (*SWITCHES, "region", "customers_per_value")}

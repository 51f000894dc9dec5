"""What a source submits: read, with everything that is wrong with it, before anything is decided."""

from __future__ import annotations

from collections.abc import Mapping

from contacts.attributes import types_of
from contacts.intake import InvalidSubmission, read_submission, submitted_source
from contacts.record import Record
from identity.api.permissions import may_submit_for
from identity.api.views import Call
from sources import rows
from sources.models import DEFAULT_REQUIRED_FIELDS, SourceSystem, Tenant


def submission(request: Call) -> tuple[SourceSystem, Record]:
    """The record in the body and its source. Raises InvalidSubmission, Forbidden."""
    body = request.data
    name = submitted_source(body)
    may_submit_for(request, name)
    source = _registered(name, request.tenant)
    record, errors = _record(body, source, request.tenant)
    if name and source is None:
        errors.append(f"source_system '{name}' is not registered")
    if errors or source is None or record is None:
        raise InvalidSubmission(errors)
    return source, record


def _registered(name: str, tenant: Tenant) -> SourceSystem | None:
    """The built-in sources are not for submitting: their records have no keys."""
    return rows.one(SourceSystem, tenant_id=tenant.pk, name=name, built_in=False, deleted_at=None) if name else None


def _record(body: object, source: SourceSystem | None, tenant: Tenant) -> tuple[Record | None, list[str]]:
    required = source.required_fields if source else DEFAULT_REQUIRED_FIELDS
    types = attribute_types(body, tenant)
    try:
        return read_submission(body, required_fields=required, region=tenant.region, attribute_types=types), []
    except InvalidSubmission as refusal:
        return None, refusal.errors


def attribute_types(body: object, tenant: Tenant) -> Mapping[str, str]:
    """The custom attributes defined for the tenant, asked for only where the body has any."""
    if not isinstance(body, dict) or not body.get("attributes"):
        return {}
    return types_of(tenant)

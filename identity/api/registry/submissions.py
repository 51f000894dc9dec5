"""What a source submits: read, with everything that is wrong with it, before anything is decided."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import cached_property

from contacts.attributes import types_of
from contacts.intake import InvalidSubmission, read_submission, submitted_source
from contacts.record import Record
from identity.api.parsing import Unstorable
from identity.api.permissions import may_submit_for
from identity.api.views import Call
from sources.models import DEFAULT_REQUIRED_FIELDS, SourceSystem, Tenant
from sources.systems import registered


def submission(request: Call) -> tuple[SourceSystem, Record]:
    """The record in the body and its source. Raises InvalidSubmission, Forbidden."""
    return Reading(request).read(request.data)


class Reading:
    """Reads the records of one request: what it needs of the tenant, it asks for once and only where it is needed."""

    def __init__(self, request: Call) -> None:
        self._request = request
        self._tenant = request.tenant
        self._sources: dict[str, SourceSystem | None] = {}

    def read(self, body: object) -> tuple[SourceSystem, Record]:
        """A record and its source. Raises InvalidSubmission, Forbidden."""
        if isinstance(body, Unstorable):
            raise InvalidSubmission(body.faults)
        name = submitted_source(body)
        may_submit_for(self._request, name)
        source = self._registered(name)
        record, errors = self._record(body, source)
        if name and source is None:
            errors.append(f"source_system '{name}' is not registered")
        if errors or source is None or record is None:
            raise InvalidSubmission(errors)
        return source, record

    def _registered(self, name: str) -> SourceSystem | None:
        """The built-in sources are not for submitting: their records have no keys."""
        if name and name not in self._sources:
            self._sources[name] = registered(name, tenant=self._tenant)
        return self._sources.get(name)

    def _record(self, body: object, source: SourceSystem | None) -> tuple[Record | None, list[str]]:
        required = source.required_fields if source else DEFAULT_REQUIRED_FIELDS
        types = self._types if _has_attributes(body) else {}
        try:
            record = read_submission(body, required_fields=required, region=self._tenant.region, attribute_types=types)
        except InvalidSubmission as refusal:
            return None, refusal.errors
        return record, []

    @cached_property
    def _types(self) -> Mapping[str, str]:
        return types_of(self._tenant)


def attribute_types(body: object, tenant: Tenant) -> Mapping[str, str]:
    """The custom attributes defined for the tenant, asked for only where the body has any."""
    return types_of(tenant) if _has_attributes(body) else {}


def _has_attributes(body: object) -> bool:
    return isinstance(body, dict) and bool(body.get("attributes"))

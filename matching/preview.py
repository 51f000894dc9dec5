"""What would become of a record, by what is known now."""

from __future__ import annotations

from contacts.record import Record
from matching.active import active_model
from matching.identify import decide
from matching.outcomes import Decision
from matching.search import lookup_keys
from sources.models import SourceSystem, Tenant


def preview(record: Record, *, source: SourceSystem, tenant: Tenant) -> Decision:
    """The decision `matching.identify.identify` would take, without its locks; nothing is written."""
    model = active_model(tenant)
    lookup = lookup_keys(model.plan, record.facts, tenant=tenant)
    return decide(record, lookup=lookup, source=source, tenant=tenant, model=model)

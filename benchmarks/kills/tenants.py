"""A tenant to import into; apart, as it needs Django set up."""

from __future__ import annotations

from collections.abc import Iterable

from matching.tenants import open_tenant
from sources.keys import issue
from sources.models import SourceSystem


def opened(name: str, sources: Iterable[str]) -> tuple[int, str]:
    """Its id, and an API key that may read and write."""
    tenant = open_tenant(name, by="benchmark")
    for source in sources:
        SourceSystem.objects.create(tenant=tenant, name=source, required_fields=[], created_by="benchmark")
    return tenant.pk, issue(
        name="benchmark", scopes=["read", "write"], tenant=tenant, source=None, by="benchmark"
    ).secret

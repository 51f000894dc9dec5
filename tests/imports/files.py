"""Small files of records, and imports of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from imports.models import Import
from imports.options import Options
from imports.receiving import receive
from imports.running import carry_out
from imports.steering import start
from sources.models import Tenant
from tests.registry import SYLVIA, default_tenant, source


def body(key: str = "1", *, of: str = "CRM", **fields: Any) -> dict[str, Any]:
    """Sylvia's record, with `fields` in place of hers; None leaves a field out."""
    said = {**SYLVIA, "source_system": of, "source_key": key, **fields}
    return {name: value for name, value in said.items() if value is not None}


def ndjson(records: Iterable[Mapping[str, Any]]) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def received(content: bytes, name: str = "people.ndjson", *, tenant: Tenant | None = None, **options: Any) -> Import:
    """An import that waits to be started; CRM is registered."""
    tenant = tenant or default_tenant()
    source("CRM", tenant=tenant)
    return receive([content], Options(**options), name=name, tenant=tenant, by="tester")


def imported(content: bytes, name: str = "people.ndjson", *, tenant: Tenant | None = None, **options: Any) -> Import:
    """An import carried out to its end, by this process."""
    waiting = received(content, name, tenant=tenant, **options)
    start(waiting.pk, tenant=waiting.tenant, in_background=False)
    return carry_out(waiting.pk)


def counts(done: Import) -> Mapping[str, int]:
    """Its counters that are not 0."""
    names = ("records", "rejected", "collisions", "created", "linked", "updated", "found", "candidates")
    return {name: getattr(done, name) for name in names if getattr(done, name)}


def in_pieces(content: bytes, size: int) -> Sequence[bytes]:
    return [content[start : start + size] for start in range(0, len(content), size)]

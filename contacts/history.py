"""Append-only history and the event feed, written together at the end of a verb in one statement."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone
from psycopg.types.json import Jsonb

from contacts.events import ANNOUNCE, News
from contacts.record import ADDRESS_FIELDS, FIELDS, Facts
from sources.models import Tenant

Delta = dict[str, Any]

_WRITE = f"""
WITH announced AS MATERIALIZED ({ANNOUNCE}),
changed AS (
    INSERT INTO contacts_change (customer_id, changed_by, changed_at, delta)
    SELECT entry.customer_id, %(by)s, %(at)s, entry.delta
    FROM unnest(%(changed)s::uuid[], %(deltas)s::jsonb[]) WITH ORDINALITY AS entry (customer_id, delta, place)
    ORDER BY entry.place
)
INSERT INTO contacts_event (tenant_id, kind, customer_id, "by", at, body)
SELECT %(tenant)s, said.kind, said.customer_id, %(by)s, %(at)s, said.body
FROM announced, unnest(%(kinds)s::text[], %(customers)s::uuid[], %(bodies)s::jsonb[])
    WITH ORDINALITY AS said (kind, customer_id, body, place)
ORDER BY said.place
"""


def difference(before: Facts, after: Facts) -> Delta:
    """The fields that differ, `{"from", "to"}` each; address parts and attributes dotted; unknown is null."""
    delta = {
        _audit_name(name): {"from": getattr(before, name) or None, "to": getattr(after, name) or None}
        for name in FIELDS
        if getattr(before, name) != getattr(after, name)
    }
    for name in sorted({*before.attributes, *after.attributes}):
        old, new = before.attributes.get(name), after.attributes.get(name)
        if old != new:
            delta[f"attributes.{name}"] = {"from": old, "to": new}
    return delta


def _audit_name(name: str) -> str:
    return f"address.{name}" if name in ADDRESS_FIELDS else name


@dataclass(slots=True)
class Chronicle:
    """What one verb did: who acted (`by`), when (`at`), the history entries and the events, in order."""

    tenant: Tenant
    by: str
    at: datetime = field(default_factory=timezone.now)
    entries: list[tuple[UUID, Delta]] = field(default_factory=list)
    news: list[News] = field(default_factory=list)

    def changed(self, customer_id: UUID, delta: Delta) -> None:
        self.entries.append((customer_id, delta))

    def happened(self, kind: str, customer_id: UUID, **body: Any) -> None:
        self.news.append(News(kind, customer_id, body))

    def write(self) -> None:
        """Write everything in the transaction under way: the last statement of a verb, when all locks are held."""
        if not self.entries and not self.news:
            return
        with connection.cursor() as cursor:
            cursor.execute(
                _WRITE,
                {
                    "tenant": self.tenant.pk,
                    "by": self.by,
                    "at": self.at,
                    "changed": [customer for customer, _ in self.entries],
                    "deltas": [Jsonb(delta) for _, delta in self.entries],
                    "kinds": [news.kind for news in self.news],
                    "customers": [news.customer_id for news in self.news],
                    "bodies": [Jsonb(news.body) for news in self.news],
                },
            )

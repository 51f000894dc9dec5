"""The feed other systems follow: read in order, and missed by nobody.

Ids come from a sequence before their transaction commits, so a plain `id > cursor` could skip an event whose
transaction is slow. Every writer (contacts.history) therefore first announces, as a shared advisory lock held to the
end of its transaction, a number that all its ids will exceed: where the sequence stands. A reader serves only ids
up to the lowest number announced by transactions still under way. Why so: docs/adr/0004-event-feed.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from django.db import connection

from contacts.models import Event
from sources.models import Tenant

SEQUENCE = "contacts_event_id_seq"
# Announcements are negative advisory keys; matching.locks keeps all others at or above zero.
LOWEST = "'-9223372036854775808'::bigint"

STANDING = f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS place FROM {SEQUENCE}"
ANNOUNCE = f"SELECT pg_advisory_xact_lock_shared({LOWEST} + place) FROM ({STANDING}) AS standing"

_UNDER_WAY = f"""
SELECT min(((classid::bigint << 32) | objid::bigint) - {LOWEST})
FROM pg_locks
WHERE locktype = 'advisory' AND objsubid = 1 AND classid::bigint >= 2147483648 AND pid <> pg_backend_pid()
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


class Happening(Protocol):
    """What an event is written of: its kind, the customer it is about, and a body of ids only."""

    @property
    def kind(self) -> str: ...
    @property
    def customer_id(self) -> UUID: ...
    @property
    def body(self) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class News:
    """An event to be written."""

    kind: str
    customer_id: UUID
    body: dict[str, Any]


def membership(before: dict[UUID, Sequence[int]], after: dict[UUID, Sequence[int]]) -> dict[str, Any]:
    """The contacts of each customer concerned, before and after, as an event's body tells them."""
    return {
        "before": {str(customer): sorted(contacts) for customer, contacts in before.items()},
        "after": {str(customer): sorted(contacts) for customer, contacts in after.items()},
    }


def read(*, tenant: Tenant, after: int, limit: int) -> list[Event]:
    """Up to `limit` events of the tenant with ids above `after`, oldest first, none of which can be overtaken.

    Must run on the primary server: a replica does not know which transactions are under way.
    """
    horizon = _horizon()
    return list(Event.objects.filter(tenant=tenant, id__gt=after, id__lte=horizon).order_by("id")[:limit])


def _horizon() -> int:
    """The highest id below which no transaction under way can still add an event. The two reads keep this order."""
    with connection.cursor() as cursor:
        cursor.execute(STANDING)
        standing = int(cursor.fetchone()[0])
        cursor.execute(_UNDER_WAY)
        under_way = cursor.fetchone()[0]
    return standing if under_way is None else min(standing, int(under_way))

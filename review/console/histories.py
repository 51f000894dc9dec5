"""A customer's history in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from contacts.models import Change, Customer
from review.console.labels import field_label

SHOWN = 8


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened to a customer; `side` says to which of two it was where two are shown."""

    at: datetime
    by: str
    sentences: tuple[str, ...]
    side: str = ""


def happenings(customers: Mapping[UUID, str], *, since: datetime | None = None, limit: int = SHOWN) -> list[Happening]:
    """What happened to these customers (id: which side), newest first; their creation is the oldest of it."""
    rows = Change.objects.filter(customer__in=customers).order_by("-pk")
    if since is not None:
        rows = rows.filter(changed_at__gte=since)
    told = [
        Happening(row.changed_at, row.changed_by, tuple(sentences(row.delta)), customers[row.customer_id])
        for row in rows[:limit]
    ]
    if since is None and len(told) < limit:
        told += _beginnings(customers)
    return sorted(told, key=lambda happening: happening.at, reverse=True)[:limit]


def _beginnings(customers: Mapping[UUID, str]) -> Iterable[Happening]:
    for customer in Customer.objects.filter(pk__in=customers):
        yield Happening(customer.created_at, customer.created_by, ("First heard of.",), customers[customer.pk])


def sentences(delta: Mapping[str, Any]) -> Iterator[str]:
    """One entry of the history: what was done first, the golden record's fields after it."""
    if delta.get("soft_delete"):
        yield "Deleted."
    for topic, tell in (("merge", _merge), ("split", _split), ("aliases", _record), ("pin", _pin)):
        if isinstance(delta.get(topic), Mapping):
            yield tell(delta[topic])
    for name, change in delta.items():
        if isinstance(change, Mapping) and change.keys() == {"from", "to"}:
            yield f"{field_label(name)}: {change['from'] or 'not known'} → {change['to'] or 'not known'}."


def _merge(told: Mapping[str, Any]) -> str:
    if told.get("action") == "merged":
        return f"Another customer was merged into this one: {_records(told.get('aliases_transferred'))} came."
    if told.get("action") == "merged_into":
        return "Merged into another customer."
    return "A merge was undone: the two are kept apart."


def _split(told: Mapping[str, Any]) -> str:
    count = _records(told.get("aliases_transferred"))
    return f"Split: {count} left." if told.get("action") == "split" else f"Split off another customer with {count}."


def _record(told: Mapping[str, Any]) -> str:
    name = " ".join(str(part) for part in (told.get("source_system"), told.get("source_key")) if part)
    return f"{name} joined." if told.get("action") == "added" else f"{name} was corrected."


def _pin(told: Mapping[str, Any]) -> str:
    field = field_label(str(told.get("field")))
    if told.get("action") == "unpinned":
        return f"{field} was let go."
    return f"{field} was pinned: “{told.get('reason', '')}”."


def _records(count: object) -> str:
    return "1 record" if count == 1 else f"{count} records"

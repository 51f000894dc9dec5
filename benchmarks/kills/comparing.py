"""Whether two tenants' registries are the same, row for row, but for ids, times and the order of separate callers."""

from __future__ import annotations

from collections import defaultdict

from benchmarks.kills.sending import SOURCES
from contacts.models import Contact, Event
from imports.models import Block, Import, RejectedRow
from sources.models import IdempotencyKey, Tenant
from tests.imports.portrait import UUID, Portrait, portrait
from tests.properties.invariants import breaches

COUNTERS = ("records", "rejected", "collisions", "created", "linked", "updated", "found", "candidates")


def differences(one: Tenant, other: Tenant) -> dict[str, int]:
    """How many rows of which table only one of the two has; empty: they are the same."""
    left, right = whole(one), whole(other)
    differing = {table: _differing(left[table], right[table]) for table in right}
    return {table: count for table, count in differing.items() if count}


def _differing(left: list[str], right: list[str]) -> int:
    return 0 if left == right else max(len({*left} ^ {*right}), 1)


def whole(tenant: Tenant) -> Portrait:
    drawn = portrait(tenant)
    order = drawn.pop("order of contacts")
    ours = tuple(f"{source}:" for source in SOURCES)
    drawn["order of the file's contacts"] = [name for name in order if not name.startswith(ours)]
    drawn["order of the callers' contacts"] = [name for name in order if name.startswith(ours)]
    drawn["events of each customer, in order"] = _stories(tenant)
    drawn["imports"] = [_told(each) for each in Import.objects.of(tenant).order_by("pk")]
    drawn["rejected rows"] = [
        f"{row.line} {row.raw!r} {[UUID.sub('…', error) for error in row.errors]}"
        for row in RejectedRow.objects.filter(imported__tenant=tenant).order_by("line")
    ]
    drawn["kept answers"] = sorted(IdempotencyKey.objects.filter(tenant=tenant).values_list("key", flat=True))
    drawn["blocks left"] = [str(each.pk) for each in Block.objects.filter(imported__tenant=tenant)]
    drawn["breaches of invariants"] = [UUID.sub("…", breach) for breach in breaches(tenant)]
    return drawn


def _stories(tenant: Tenant) -> list[str]:
    """The kinds of events of every customer, as they came, by the customer's first contact."""
    names: dict[object, str] = {}
    for contact in Contact.objects.of(tenant).select_related("source").order_by("pk"):
        names.setdefault(contact.customer_id, f"{contact.source.name}:{contact.source_key}")
    kinds: dict[object, list[str]] = defaultdict(list)
    for event in Event.objects.filter(tenant=tenant).order_by("pk"):
        kinds[event.customer_id].append(event.kind)
    return sorted(f"{names.get(customer, 'gone')} {story}" for customer, story in kinds.items())


def _told(imported: Import) -> str:
    counted = {name: getattr(imported, name) for name in COUNTERS}
    return f"{imported.state} {imported.position == imported.size} {imported.lines} {counted}"

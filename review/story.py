"""How a customer came to be: its history in words, and the tree of the customers that became it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from contacts.models import Change, Customer
from matching.models import Merge
from review.portrait import label_of

PAGE = 30
# Merges of merges, and how many of them one page draws.
DEEPEST = 8
MOST_BRANCHES = 200


@dataclass(frozen=True, slots=True)
class Moment:
    """One entry of a history: what happened, to which values, and the other customer it was about."""

    id: int
    at: datetime
    by: str
    words: str
    values: Sequence[tuple[str, str, str]] = ()
    other: str = ""


def moments(customer: Customer, *, before: int = 0, since: int = 0) -> list[Moment]:
    """Newest first, PAGE and one more: entries with ids below `before` (0: any) and above `since`."""
    rows = Change.objects.filter(customer=customer, pk__gt=since).order_by("-pk")
    rows = rows.filter(pk__lt=before) if before else rows
    return [told(change) for change in rows[: PAGE + 1]]


def told(change: Change) -> Moment:
    values = [
        (label_of(name), str(said["from"] or ""), str(said["to"] or ""))
        for name, said in change.delta.items()
        if isinstance(said, Mapping) and "to" in said
    ]
    words, other = _happening(change.delta)
    return Moment(change.pk, change.changed_at, change.changed_by, words or "Values changed", values, other)


def _happening(delta: Mapping[str, Any]) -> tuple[str, str]:
    if said := delta.get("aliases"):
        return _about_record(said), ""
    if said := delta.get("merge"):
        return _about_merge(said)
    if said := delta.get("split"):
        return _about_split(said)
    if said := delta.get("pin"):
        return _about_pin(said), ""
    return ("Deleted" if delta.get("soft_delete") else ""), ""


def _about_record(said: Mapping[str, Any]) -> str:
    record = " ".join(part for part in (said.get("source_system"), said.get("source_key")) if part)
    return f"Record {record} joined" if said.get("action") == "added" else f"{record} was sent anew"


def _about_pin(said: Mapping[str, Any]) -> str:
    """The reason is quoted: it is somebody's own words."""
    field = label_of(said["field"])
    if said.get("action") == "unpinned":
        return f"{field} let go: it follows what the sources say again"
    record = " ".join(part for part in (said.get("source_system"), said.get("source_key")) if part)
    return f"{field} pinned to what {record} says: “{said.get('reason', '')}”"


def _about_merge(said: Mapping[str, Any]) -> tuple[str, str]:
    match said.get("action"):
        case "merged":
            return f"Another customer was merged into this one: {_records(said)} came", said["source_id"]
        case "merged_into":
            return "Merged into another customer", said["target_id"]
        case _:
            return "A merge was undone", said.get("source_id") or said.get("target_id") or ""


def _about_split(said: Mapping[str, Any]) -> tuple[str, str]:
    if said.get("action") == "split":
        return f"Split: {_records(said)} left", said["new_customer_id"]
    return f"Split off another customer, with {_records(said)}", said["customer_id"]


def _records(said: Mapping[str, Any]) -> str:
    number = said.get("aliases_transferred", 0)
    return f"{number} record{'' if number == 1 else 's'}"


@dataclass(slots=True)
class Branch:
    """A merge of a tree, with those that made its source before."""

    merge: Merge
    before: list[Branch] = field(default_factory=list)


_TREE = """
WITH RECURSIVE tree AS (
    SELECT id, source_id, undone_at, 1 AS depth FROM matching_merge WHERE target_id = %(customer)s
    UNION ALL
    SELECT earlier.id, earlier.source_id, earlier.undone_at, tree.depth + 1
    FROM tree JOIN matching_merge AS earlier ON earlier.target_id = tree.source_id AND earlier.id < tree.id
    WHERE tree.depth < %(deepest)s AND tree.undone_at IS NULL AND earlier.undone_at IS NULL
)
SELECT DISTINCT id FROM tree ORDER BY id DESC LIMIT %(most)s
"""


def merge_tree(customer: Customer) -> list[Branch]:
    """The merges that this customer survived, newest first, each with those that made the customer it took in."""
    with connection.cursor() as cursor:
        cursor.execute(_TREE, {"customer": customer.pk, "deepest": DEEPEST, "most": MOST_BRANCHES})
        ids = [row[0] for row in cursor.fetchall()]
    merges = Merge.objects.defer("trace").filter(pk__in=ids, tenant=customer.tenant_id).order_by("-pk")
    by_target: dict[UUID, list[Branch]] = defaultdict(list)
    branches = [Branch(merge) for merge in merges]
    for branch in branches:
        by_target[branch.merge.target_id].append(branch)
    for branch in branches:
        if branch.merge.undone_at is None:
            branch.before = [
                earlier for earlier in by_target.get(branch.merge.source_id, []) if earlier.merge.pk < branch.merge.pk
            ]
    return by_target[customer.pk]

"""The one way to make two customers one, whatever door it comes through, with a journal to undo it by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from contacts import customers
from contacts.errors import Conflict, Invalid, NotFound
from contacts.events import membership
from contacts.history import Chronicle
from contacts.models import Customer, Event
from matching import constraints, keys, pairs
from matching.active import active_model
from matching.locks import lock_customers, lock_late
from matching.models import Merge
from matching.outcomes import Neighbour
from matching.search import read_customers
from sources.models import Tenant


class MergeIntoItself(Invalid):
    def __init__(self) -> None:
        super().__init__("Cannot merge a customer into itself")


class TargetNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("Target customer not found")


class SourceNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("Source customer not found")


class AlreadyMerged(Invalid):
    def __init__(self) -> None:
        super().__init__("Source customer has already been merged")


class KeptApart(Conflict):
    """A person said that the two are not the same: only a person can merge them."""

    def __init__(self) -> None:
        super().__init__("These customers are kept apart")


PEOPLES = (Merge.Reason.MANUAL, Merge.Reason.APPROVAL)


def merge(
    *,
    target_id: UUID,
    source_id: UUID,
    reason: Merge.Reason,
    chronicle: Chronicle,
    answered: Sequence[dict[str, Any]] = (),
) -> tuple[Customer, Merge]:
    """Move every contact of `source` to `target`, which survives. Part of a verb, which writes the chronicle.

    `answered` are the pairs the verb settled before, as matching.pairs.traced them, so that undo reopens them.
    Raises MergeIntoItself, TargetNotFound, SourceNotFound, AlreadyMerged and, for a machine's reasons, KeptApart.
    """
    if target_id == source_id:
        raise MergeIntoItself
    target, source = _lock_both(chronicle.tenant, target_id, source_id)
    held = read_customers(chronicle.tenant, [target_id, source_id])
    kept, moved = held[target_id], held[source_id]
    if reason not in PEOPLES and constraints.kept_apart(chronicle.tenant, kept.contact_ids, moved.contact_ids):
        raise KeptApart
    trace = _move(target, source, kept, moved, chronicle=chronicle)
    if reason in PEOPLES:
        constraints.say_same(kept.contact_ids, moved.contact_ids, chronicle=chronicle)
    trace["pairs"] = [*answered, *trace["pairs"]]
    journal = Merge.objects.create(
        tenant=chronicle.tenant,
        target=target,
        source=source,
        reason=reason,
        contacts=moved.contact_ids,
        trace=trace,
        by=chronicle.by,
        at=chronicle.at,
    )
    _tell(journal, kept, moved, trace["delta"], chronicle=chronicle)
    return target, journal


def _lock_both(tenant: Tenant, target_id: UUID, source_id: UUID) -> tuple[Customer, Customer]:
    locked = lock_customers(tenant, [target_id, source_id])
    if target_id not in locked:
        raise TargetNotFound
    if source_id not in locked:
        merged = Customer.objects.of(tenant).filter(pk=source_id, merged_into__isnull=False)
        raise AlreadyMerged if merged.exists() else SourceNotFound
    return locked[target_id], locked[source_id]


def _move(
    target: Customer, source: Customer, kept: Neighbour, moved: Neighbour, *, chronicle: Chronicle
) -> dict[str, Any]:
    """Contacts, golden record, redirects, match keys and candidates; returns the trace for the journal."""
    customers.move(moved.contact_ids, to=target.pk)
    delta = customers.rebuild(target, [*kept.contacts, *moved.contacts], chronicle=chronicle)
    redirected = list(Customer.objects.filter(merged_into=source).values_list("pk", flat=True))
    lock_late(chronicle.tenant, redirected)
    customers.bury(source, into=target, chronicle=chronicle)
    Customer.objects.filter(pk__in=redirected).update(merged_into=target)
    said = [held.facts for held in (*kept.contacts, *moved.contacts)]
    plan = active_model(chronicle.tenant).plan
    keys.hand_over(giver=source.pk, heir=target.pk)
    keys.restate(source.pk, [], tenant=chronicle.tenant, plan=plan)
    keys.restate(target.pk, said, golden=target.facts, tenant=chronicle.tenant, plan=plan)
    together = [*kept.contact_ids, *moved.contact_ids]
    trace = pairs.follow_merge(target=target.pk, source=source.pk, contacts=together, chronicle=chronicle)
    return {"pairs": trace, "redirected": [str(pk) for pk in redirected], "delta": delta}


def _tell(journal: Merge, kept: Neighbour, moved: Neighbour, delta: dict[str, Any], *, chronicle: Chronicle) -> None:
    target, source = journal.target_id, journal.source_id
    on_target = {
        "action": "merged",
        "source_id": str(source),
        "aliases_transferred": len(journal.contacts),
        "merge_id": journal.pk,
    }
    chronicle.changed(target, {"merge": on_target, **delta})
    chronicle.changed(source, {"merge": {"action": "merged_into", "target_id": str(target), "merge_id": journal.pk}})
    chronicle.happened(
        Event.Kind.MERGED,
        target,
        merge=journal.pk,
        source=str(source),
        **membership(
            {target: kept.contact_ids, source: moved.contact_ids},
            {target: [*kept.contact_ids, *moved.contact_ids], source: []},
        ),
    )

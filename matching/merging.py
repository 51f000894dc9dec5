"""The one way to make two customers one, whatever door it comes through, with a journal to undo it by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from contacts import customers
from contacts.errors import Conflict, Invalid, NotFound
from contacts.events import membership
from contacts.history import Chronicle
from contacts.models import Customer, Event
from contacts.rows import inserting, reserving
from matching import constraints, keys, pairs
from matching.active import learnt, reading
from matching.locks import lock_customers, locking_merged_into, run_or_restart
from matching.lookup_index import keyed_lookups, rules
from matching.models import Merge
from matching.outcomes import Held, Neighbour
from matching.search import read_customers
from sources.models import Tenant
from sources.round_trips import Statement


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
    sides = Sides(target, source, held[target_id], held[source_id])
    return target, join(sides, reason=reason, chronicle=chronicle, answered=answered)


@dataclass(frozen=True, slots=True)
class Sides:
    """Two live customers under lock, and their contacts as read under it: `source` is to become `target`."""

    target: Customer
    source: Customer
    kept: Neighbour
    moved: Neighbour

    @property
    def contacts(self) -> list[Held]:
        return [*self.kept.contacts, *self.moved.contacts]

    @property
    def contact_ids(self) -> list[int]:
        return [held.id for held in self.contacts]


def join(sides: Sides, *, reason: Merge.Reason, chronicle: Chronicle, answered: Sequence[dict[str, Any]] = ()) -> Merge:
    """`merge`, where both sides are locked and read already. Raises KeptApart for a machine's reasons."""
    chronicle.write()  # what the verb did before is a part of what is read now
    target, source = sides.target, sides.source
    beside = _Beside.of(sides, tenant=chronicle.tenant)
    run_or_restart(beside.statements)
    if reason not in PEOPLES and beside.verdict.rows:
        raise KeptApart
    trace = _move(sides, beside, chronicle=chronicle)
    trace["pairs"] = [*answered, *trace["pairs"]]
    journal = Merge(
        pk=beside.journal.rows[0][0],
        tenant=chronicle.tenant,
        target=target,
        source=source,
        reason=reason,
        contacts=sides.moved.contact_ids,
        trace=trace,
        by=chronicle.by,
        at=chronicle.at,
    )
    chronicle.beside.append(inserting([journal]))
    _tell(journal, sides, trace["delta"], chronicle=chronicle)
    if reason in PEOPLES:
        # Verdicts are the last to be locked: whoever holds them waits for nobody.
        chronicle.write()
        constraints.say_same(sides.kept.contact_ids, sides.moved.contact_ids, chronicle=chronicle)
    return journal


@dataclass(frozen=True, slots=True)
class _Beside:
    """What a merge reads beside the two sides. `redirected`: those merged into the source before, locked."""

    verdict: Statement
    redirected: Statement
    proposed: Statement
    model: Statement
    lookups: Statement
    journal: Statement

    @classmethod
    def of(cls, sides: Sides, *, tenant: Tenant) -> _Beside:
        return cls(
            constraints.asking_kept_apart(tenant, sides.kept.contact_ids, sides.moved.contact_ids),
            locking_merged_into(sides.source.pk),
            pairs.concerning(sides.target.pk, sides.source.pk),
            reading(tenant),
            keyed_lookups(tenant),
            reserving(Merge, 1),
        )

    @property
    def statements(self) -> list[Statement]:
        return [self.verdict, self.redirected, self.proposed, self.model, self.lookups, self.journal]


def _lock_both(tenant: Tenant, target_id: UUID, source_id: UUID) -> tuple[Customer, Customer]:
    locked = lock_customers(tenant, [target_id, source_id])
    if target_id not in locked:
        raise TargetNotFound
    if source_id not in locked:
        merged = Customer.objects.of(tenant).filter(pk=source_id, merged_into__isnull=False)
        raise AlreadyMerged if merged.exists() else SourceNotFound
    return locked[target_id], locked[source_id]


def _move(sides: Sides, beside: _Beside, *, chronicle: Chronicle) -> dict[str, Any]:
    """Contacts, golden record, redirects, match keys and candidates; returns the trace for the journal."""
    target, source, tenant = sides.target, sides.source, chronicle.tenant
    redirected = [row[0] for row in beside.redirected.rows]
    delta = customers.rebuild(target, sides.contacts, chronicle=chronicle)
    customers.bury(source, into=target, chronicle=chronicle)
    chronicle.beside.append(customers.moving(sides.moved.contact_ids, to=target.pk))
    if redirected:
        chronicle.beside.append(customers.redirecting(redirected, to=target.pk))
    said, plan = [held.facts for held in sides.contacts], learnt(tenant, beside.model).plan
    lookups = rules(beside.lookups.rows)
    keys.inherit(target, source, said, lookups=lookups, plan=plan, chronicle=chronicle)
    trace = pairs.follow_merge(
        beside.proposed, target=target.pk, source=source.pk, contacts=sides.contact_ids, chronicle=chronicle
    )
    return {"pairs": trace, "redirected": [str(pk) for pk in redirected], "delta": delta}


def _tell(journal: Merge, sides: Sides, delta: dict[str, Any], *, chronicle: Chronicle) -> None:
    kept, moved, named = sides.kept, sides.moved, {"merge_id": journal.pk}
    chronicle.changed(kept.customer_id, {"merge": {**said_of_target(moved), **named}, **delta})
    chronicle.changed(moved.customer_id, {"merge": {**said_of_source(kept), **named}})
    body = {"merge": journal.pk, "source": str(moved.customer_id), **change_of_members(kept, moved)}
    chronicle.happened(Event.Kind.MERGED, kept.customer_id, **body)


def said_of_target(moved: Neighbour) -> dict[str, Any]:
    """What the history of the survivor says of a merge, beside its id and what it changed."""
    return {"action": "merged", "source_id": str(moved.customer_id), "aliases_transferred": len(moved.contacts)}


def said_of_source(kept: Neighbour) -> dict[str, Any]:
    """What the history of the other one says."""
    return {"action": "merged_into", "target_id": str(kept.customer_id)}


def change_of_members(kept: Neighbour, moved: Neighbour) -> dict[str, Any]:
    """What the event of a merge tells of the contacts."""
    target, source = kept.customer_id, moved.customer_id
    return membership(
        {target: kept.contact_ids, source: moved.contact_ids},
        {target: [*kept.contact_ids, *moved.contact_ids], source: []},
    )

"""Taking a merge back by its journal."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from contacts import customers
from contacts.errors import Conflict, NotFound
from contacts.events import membership
from contacts.history import Chronicle
from contacts.models import Customer, Event
from matching import constraints, keys, pairs
from matching.active import active_model
from matching.locks import lock_customers, lock_late
from matching.models import Merge
from matching.outcomes import Held
from matching.search import read_customers


class MergeNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("Merge not found")


class AlreadyUndone(Conflict):
    def __init__(self) -> None:
        super().__init__("Merge already undone")


class NotTheLatest(Conflict):
    """The survivor has been merged or deleted since, or nothing of what moved is left on it."""


def undo_merge(merge_id: int, *, chronicle: Chronicle) -> Merge:
    """Give the merged customer back what moved and is still on the survivor, and keep the two apart from now on.

    Part of a verb, which writes the chronicle.
    Contacts that left the survivor since stay where they are; what came to it since stays with it.
    Raises MergeNotFound, AlreadyUndone, NotTheLatest.
    """
    journal = Merge.objects.select_for_update().filter(tenant=chronicle.tenant, pk=merge_id).first()
    if journal is None:
        raise MergeNotFound
    if journal.undone_at is not None:
        raise AlreadyUndone
    proposed = pairs.places(journal.trace["pairs"], reviving=journal.source_id)
    locked = lock_customers(chronicle.tenant, [journal.target_id, *proposed])
    staying, returning = _sides(journal, locked.get(journal.target_id))
    _give_back(journal, locked, staying, returning, chronicle=chronicle)
    journal.undone_by, journal.undone_at = chronicle.by, chronicle.at
    journal.save(update_fields=["undone_by", "undone_at"])
    _tell(journal, staying, returning, chronicle=chronicle)
    return journal


def _sides(journal: Merge, target: Customer | None) -> tuple[list[Held], list[Held]]:
    if target is None:
        if Customer.objects.filter(pk=journal.target_id, merged_into__isnull=False).exists():
            raise NotTheLatest(f"Customer {journal.target_id} has been merged since: undo that merge first")
        raise NotTheLatest(f"Customer {journal.target_id} has been deleted since")
    held = read_customers(journal.tenant, [target.pk])[target.pk].contacts
    moved = set(journal.contacts)
    staying = [contact for contact in held if contact.id not in moved]
    returning = [contact for contact in held if contact.id in moved]
    if not returning:
        raise NotTheLatest("Nothing of what this merge moved is left on the survivor")
    if not staying:
        raise NotTheLatest("The survivor holds nothing but what this merge moved")
    return staying, returning


def _give_back(
    journal: Merge,
    locked: Mapping[UUID, Customer],
    staying: list[Held],
    returning: list[Held],
    *,
    chronicle: Chronicle,
) -> None:
    redirected = [UUID(pk) for pk in journal.trace["redirected"]]
    merged = lock_late(chronicle.tenant, [journal.source_id, *redirected])
    target, source = locked[journal.target_id], merged[journal.source_id]
    left, right = [held.id for held in staying], [held.id for held in returning]
    customers.move(right, to=source.pk)
    revived = customers.revive(source, held=returning, chronicle=chronicle)
    delta = customers.rebuild(target, staying, chronicle=chronicle)
    Customer.objects.filter(pk__in=redirected, merged_into=target).update(merged_into=source)
    plan = active_model(journal.tenant).plan
    for customer, held in ((target, staying), (source, returning)):
        said = [contact.facts for contact in held]
        keys.restate(customer.pk, said, golden=customer.facts, tenant=journal.tenant, plan=plan)
    pairs.follow_split(old=target.pk, new=source.pk, moved=right)
    pairs.restore(
        journal.trace["pairs"], reviving=source.pk, locked={*locked, source.pk}, since=journal.at, chronicle=chronicle
    )
    constraints.say_not_same(left, right, chronicle=chronicle)
    undone = {"action": "undone", "merge_id": journal.pk}
    chronicle.changed(target.pk, {"merge": {**undone, "source_id": str(source.pk)}, **delta})
    chronicle.changed(source.pk, {"merge": {**undone, "target_id": str(target.pk)}, **revived})


def _tell(journal: Merge, staying: list[Held], returning: list[Held], *, chronicle: Chronicle) -> None:
    target, source = journal.target_id, journal.source_id
    left, right = [held.id for held in staying], [held.id for held in returning]
    chronicle.happened(
        Event.Kind.UNDONE,
        target,
        merge=journal.pk,
        source=str(source),
        **membership({target: [*left, *right], source: []}, {target: left, source: right}),
    )

"""Separating contacts that were wrongly held for one person."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from contacts import customers
from contacts.errors import Invalid, NotFound
from contacts.events import membership
from contacts.history import Chronicle
from contacts.models import Customer, Event
from matching import constraints, keys, pairs
from matching.active import active_model
from matching.locks import lock_customers
from matching.models import Split
from matching.outcomes import Held
from matching.search import read_customers


class CustomerNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("Customer not found")


class InvalidSplit(Invalid):
    """The aliases named cannot be split off this customer."""


def split(customer_id: UUID, *, aliases: Sequence[int], chronicle: Chronicle) -> tuple[Customer, Customer, Split]:
    """Move these contacts to a new customer and keep the two apart from now on. Returns kept, new and journal.

    Part of a verb, which writes the chronicle.
    Raises CustomerNotFound, InvalidSplit (an alias of another customer, none, or all of them).
    """
    customer = lock_customers(chronicle.tenant, [customer_id]).get(customer_id)
    if customer is None:
        raise CustomerNotFound
    held = read_customers(chronicle.tenant, [customer_id])[customer_id].contacts
    staying, leaving = _sides(held, set(aliases))
    new = _move(customer, staying, leaving, chronicle=chronicle)
    left, right = [contact.id for contact in staying], [contact.id for contact in leaving]
    constraints.say_not_same(left, right, chronicle=chronicle)
    journal = Split.objects.create(
        tenant=chronicle.tenant, customer=customer, new_customer=new, contacts=right, by=chronicle.by, at=chronicle.at
    )
    chronicle.happened(
        Event.Kind.SPLIT,
        customer.pk,
        split=journal.pk,
        new_customer=str(new.pk),
        **membership({customer.pk: [*left, *right]}, {customer.pk: left, new.pk: right}),
    )
    return customer, new, journal


def _sides(held: Sequence[Held], aliases: set[int]) -> tuple[list[Held], list[Held]]:
    known = {contact.id for contact in held}
    if not aliases:
        raise InvalidSplit("aliases must name at least one alias")
    if aliases - known:
        raise InvalidSplit(f"aliases {sorted(aliases - known)} are not this customer's")
    if aliases == known:
        raise InvalidSplit("at least one alias must stay")
    staying = [contact for contact in held if contact.id not in aliases]
    return staying, [contact for contact in held if contact.id in aliases]


def _move(customer: Customer, staying: Sequence[Held], leaving: Sequence[Held], *, chronicle: Chronicle) -> Customer:
    new = customers.found(leaving, chronicle=chronicle)
    moved = [contact.id for contact in leaving]
    customers.move(moved, to=new.pk)
    delta = customers.rebuild(customer, staying, chronicle=chronicle)
    plan = active_model(chronicle.tenant).plan
    for whole, held in ((customer, staying), (new, leaving)):
        said = [contact.facts for contact in held]
        keys.restate(whole.pk, said, golden=whole.facts, tenant=chronicle.tenant, plan=plan)
    pairs.follow_split(old=customer.pk, new=new.pk, moved=moved)
    told = {"aliases_transferred": len(moved)}
    chronicle.changed(customer.pk, {"split": {"action": "split", "new_customer_id": str(new.pk), **told}, **delta})
    chronicle.changed(new.pk, {"split": {"action": "split_from", "customer_id": str(customer.pk), **told}})
    return new

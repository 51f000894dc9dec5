"""What can happen to a customer and its contacts. Each runs inside a verb (contacts.transactions) that holds the
locks, and tells the verb's Chronicle; none decides who is who."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Model

from contacts import survivorship
from contacts.events import membership
from contacts.history import Chronicle, Delta, difference
from contacts.models import Contact, Customer, Event, new_customer_id
from contacts.plain_records import AsSent
from contacts.quick_rows import fresh
from contacts.record import Facts, Record
from sources.models import SourceSystem, Tenant
from sources.round_trips import Prepared, Statement, run

_REDIRECT = "UPDATE contacts_customer SET merged_into_id = %(to)s WHERE id = ANY(%(merged)s::uuid[])"
_MOVE = "UPDATE contacts_contact SET customer_id = %(to)s WHERE id = ANY(%(moved)s::bigint[])"


@dataclass(frozen=True, slots=True)
class LinkBasis:
    """Why a machine linked a contact: confidence 0 to 1, algorithm, model version and per-field evidence."""

    confidence: float | None
    algorithm: str
    model_version: int | None
    evidence: dict[str, Any] | None


def create(record: Record, *, source: SourceSystem, chronicle: Chronicle) -> tuple[Customer, Contact]:
    """A new customer with this record as its only contact."""
    customer, contact = made(
        record,
        source=source,
        tenant=chronicle.tenant,
        by=chronicle.by,
        at=chronicle.at,
        customer_id=new_customer_id(),
        contact_id=chronicle.contact_id(),
    )
    chronicle.found(customer)
    chronicle.heard(contact)
    chronicle.happened(
        Event.Kind.CREATED, customer.id, contact=contact.id, **membership({}, {customer.id: [contact.id]})
    )
    return customer, contact


def made(
    record: Record,
    *,
    source: SourceSystem,
    tenant: Tenant,
    by: str,
    at: datetime,
    customer_id: UUID,
    contact_id: int,
) -> tuple[Customer, Contact]:
    """The rows of a new customer and of its first contact; nobody is told of them."""
    customer = fresh(Customer, related={"tenant": tenant}, id=customer_id, created_by=by, created_at=at)
    customer.take_facts(record.facts)
    contact = _contact(customer, record, source=source, tenant=tenant, contact_id=contact_id, by=by, at=at)
    return customer, contact


def attach(
    record: Record,
    *,
    customer: Customer,
    held: Sequence[survivorship.Statement],
    source: SourceSystem,
    basis: LinkBasis,
    chronicle: Chronicle,
) -> Contact:
    """Add the record to a customer as a further contact and rebuild the golden record; `held` are its contacts."""
    contact = _contact(
        customer,
        record,
        source=source,
        tenant=chronicle.tenant,
        contact_id=chronicle.contact_id(),
        by=chronicle.by,
        at=chronicle.at,
    )
    contact.match_confidence = basis.confidence
    contact.match_algorithm = basis.algorithm
    contact.match_model = basis.model_version
    contact.match_evidence = basis.evidence
    chronicle.heard(contact)
    delta = rebuild(customer, [*held, contact], chronicle=chronicle)
    chronicle.changed(customer.id, {**told_of_new(record, source=source), **delta})
    before = [known.id for known in held]
    chronicle.happened(
        Event.Kind.LINKED,
        customer.id,
        contact=contact.id,
        **membership({customer.id: before}, {customer.id: [*before, contact.id]}),
    )
    return contact


def told_of_new(record: Record, *, source: SourceSystem) -> Delta:
    """What the history says of a further contact, beside what it changed."""
    return {"aliases": {"action": "added", "source_system": source.name, "source_key": record.source_key}}


def _contact(
    customer: Customer, record: Record, *, source: SourceSystem, tenant: Tenant, contact_id: int, by: str, at: datetime
) -> Contact:
    contact = fresh(
        Contact,
        related={"tenant": tenant, "customer": customer, "source": source},
        id=contact_id,
        added_by=by,
        added_at=at,
        source_key=record.source_key,
        subtenant_id=record.subtenant_id,
    )
    _state(contact, record)
    return contact


def _state(contact: Contact, record: Record) -> None:
    contact.take_facts(record.facts)
    payload = record.original_payload
    contact.original_payload = payload if isinstance(payload, AsSent) else dict(payload)
    contact.source_of_truth = record.source_of_truth
    contact.effective_date = record.effective_date


def revise(
    contact: Contact,
    record: Record,
    *,
    customer: Customer,
    others: Sequence[survivorship.Statement],
    delta: Delta,
    chronicle: Chronicle,
) -> bool:
    """Replace what a contact says and rebuild the golden record; `others` are the customer's other contacts.

    `delta` is what the history says beside the golden record's differences. Returns whether anything changed: a
    repeated request writes nothing.
    """
    before = _said(contact)
    _state(contact, record)
    if before == _said(contact):
        return False
    contact.updated_by, contact.updated_at = chronicle.by, chronicle.at
    chronicle.save_contact(contact)
    resolved = rebuild(customer, [*others, contact], chronicle=chronicle)
    if delta or resolved:
        chronicle.changed(customer.id, {**delta, **resolved})
    chronicle.happened(Event.Kind.UPDATED, customer.id, contact=contact.id)
    return True


def keep_payload(contact: Contact, record: Record, *, customer: Customer, chronicle: Chronicle) -> bool:
    """Keep another body that says the same of the customer, whose version stays: nothing of it has changed.

    False, with nothing done, where it says something else, or is the same body.
    """
    same = contact.facts, contact.source_of_truth, contact.effective_date
    if same != (record.facts, record.source_of_truth, record.effective_date):
        return False
    if contact.original_payload == record.original_payload:
        return False
    contact.original_payload = dict(record.original_payload)
    contact.updated_by, contact.updated_at = chronicle.by, chronicle.at
    chronicle.save_contact(contact)
    chronicle.happened(Event.Kind.UPDATED, customer.id, contact=contact.id)
    return True


def _said(contact: Contact) -> tuple[object, ...]:
    return contact.facts, contact.source_of_truth, contact.effective_date, contact.original_payload


def rebuild(customer: Customer, held: Iterable[survivorship.Statement], *, chronicle: Chronicle) -> Delta:
    """Resolve the golden record anew, have it saved, and return what differs."""
    before = customer.facts
    after = survivorship.resolve(held).facts
    customer.take_facts(after)
    touch(customer, chronicle=chronicle)
    return difference(before, after)


def touch(customer: Customer, *, chronicle: Chronicle) -> None:
    """Have a changed customer saved under a new version."""
    customer.version += 1
    customer.updated_by, customer.updated_at = chronicle.by, chronicle.at
    chronicle.save(customer)


def move(contacts: Iterable[int], *, to: UUID) -> None:
    """Put contacts under another customer; the caller rebuilds both."""
    run(moving(contacts, to=to))


def moving(contacts: Iterable[int], *, to: UUID) -> Statement:
    return Prepared(_MOVE, {"moved": list(contacts), "to": to})


def redirecting(merged: Iterable[UUID], *, to: UUID) -> Statement:
    """Has customers that were merged away lead to another survivor."""
    return Prepared(_REDIRECT, {"merged": list(merged), "to": to})


def bury(customer: Customer, *, into: Customer | None, chronicle: Chronicle) -> None:
    """Soft-delete a customer, merged into another or not."""
    customer.deleted_by, customer.deleted_at = chronicle.by, chronicle.at
    customer.merged_into = into
    customer.version += 1
    chronicle.save(customer)


def revive(customer: Customer, *, held: Iterable[survivorship.Statement], chronicle: Chronicle) -> Delta:
    """Take a soft deletion back, with these contacts; what differs from what it was before."""
    customer.deleted_by = customer.deleted_at = customer.merged_into = None
    return rebuild(customer, held, chronicle=chronicle)


def found(held: Iterable[survivorship.Statement], *, chronicle: Chronicle) -> Customer:
    """A new customer to move these contacts to."""
    return _founded(survivorship.resolve(held).facts, chronicle=chronicle)


def _founded(facts: Facts, *, chronicle: Chronicle) -> Customer:
    related: dict[str, Model] = {"tenant": chronicle.tenant}
    customer = fresh(Customer, related=related, created_by=chronicle.by, created_at=chronicle.at)
    customer.take_facts(facts)
    chronicle.found(customer)
    return customer


def retire(customer: Customer, *, held: Iterable[int], chronicle: Chronicle) -> None:
    """Soft-delete a customer and its contacts, whose source keys are free from then on."""
    ids = list(held)
    Contact.objects.filter(pk__in=ids).update(deleted_at=chronicle.at)
    bury(customer, into=None, chronicle=chronicle)
    chronicle.changed(customer.pk, {"soft_delete": True})
    chronicle.happened(Event.Kind.DELETED, customer.pk, **membership({customer.pk: ids}, {customer.pk: []}))

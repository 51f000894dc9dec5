"""Somebody turned up with some details: who is it? One answer, one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from contacts import customers
from contacts.customers import LinkBasis
from contacts.errors import Conflict
from contacts.history import Chronicle
from contacts.models import Contact, Customer
from contacts.record import Record
from contacts.transactions import verb
from matching import keys, pairs
from matching.active import ActiveModel, active_model
from matching.locks import lock_as_read, strong_key
from matching.models import CandidatePair
from matching.outcomes import (
    FELLEGI_SUNTER,
    Attach,
    Create,
    Decision,
    Likeness,
    Neighbour,
    Refuse,
    Revise,
)
from matching.plan import MatchKeys
from matching.policies import probabilistic
from matching.search import lookup_keys, neighbourhood
from sources.models import SourceSystem, Tenant


class SourceKeyCollision(Conflict):
    """The source key is held by a record that this one does not fit."""

    def __init__(self, *, source_system: str, source_key: str | None, customer_id: UUID, confidence: float) -> None:
        super().__init__("Source key collision")
        self.customer_id = customer_id
        self.confidence = confidence
        self.message = (
            f"{source_system} has source_key '{source_key}' on customer {customer_id}, "
            f"which this record does not fit (confidence {confidence:.4f})"
        )


@dataclass(frozen=True, slots=True)
class Identified:
    """What became of a record: `created`, `linked` or `updated`, whose it is, and the candidates it opened."""

    outcome: str
    customer: Customer
    contact: Contact
    candidates: Sequence[CandidatePair]
    capped: tuple[str, ...]


@verb
def identify(record: Record, *, source: SourceSystem, tenant: Tenant, by: str) -> Identified:
    """Resolve a record to a customer. Raises SourceKeyCollision where its key is held by somebody else."""
    model = active_model(tenant)
    lookup = lookup_keys(model.plan, record.facts, tenant=tenant)
    locks = _strong_keys(record, lookup, source=source, tenant=tenant, model=model)
    decision = decide(record, lookup=lookup, source=source, tenant=tenant, model=model, locks=locks)
    chronicle = Chronicle(tenant, by, reserved_contact_id=decision.known.reserved_contact_id)
    return _apply(decision, record, source=source, model=model, chronicle=chronicle)


def decide(
    record: Record,
    *,
    lookup: MatchKeys,
    source: SourceSystem,
    tenant: Tenant,
    model: ActiveModel,
    locks: Iterable[int] = (),
) -> Decision:
    """The outcome for a record by what is known now, or under `locks`; nothing is written."""
    known = neighbourhood(tenant=tenant, keys=lookup, source_id=source.pk, source_key=record.source_key, locks=locks)
    outcome = probabilistic.decide(
        record.facts,
        source_id=source.pk,
        source_key=record.source_key,
        neighbourhood=known,
        model=model.definition,
    )
    return Decision(outcome, model.version, known)


def _strong_keys(
    record: Record, lookup: MatchKeys, *, source: SourceSystem, tenant: Tenant, model: ActiveModel
) -> Iterable[int]:
    facts = record.facts
    if facts.email:
        yield strong_key(tenant, "email", facts.email)
    if facts.phone:
        yield strong_key(tenant, "phone", facts.phone)
    if record.source_key is not None:
        yield strong_key(tenant, "source", f"{source.pk}:{record.source_key}")
    for key in (*lookup.hashed, *model.plan.index_keys(facts, scope=tenant.pk)):
        yield strong_key(tenant, "key", str(key.value))


def _apply(
    decision: Decision, record: Record, *, source: SourceSystem, model: ActiveModel, chronicle: Chronicle
) -> Identified:
    match decision.outcome:
        case Refuse(neighbour=neighbour, evidence=evidence):
            raise SourceKeyCollision(
                source_system=source.name,
                source_key=record.source_key,
                customer_id=neighbour.customer_id,
                confidence=evidence.score,
            )
        case Create(near_misses=misses):
            done = _create(record, misses, source=source, model=model, chronicle=chronicle)
        case Attach() as attach:
            done = _attach(record, attach, source=source, model=model, chronicle=chronicle)
        case Revise() as revise:
            done = _revise(record, revise, model=model, chronicle=chronicle)
    chronicle.write()
    return Identified(*done, capped=decision.known.capped)


Done = tuple[str, Customer, Contact, Sequence[CandidatePair]]


def _create(
    record: Record, misses: Sequence[Likeness], *, source: SourceSystem, model: ActiveModel, chronicle: Chronicle
) -> Done:
    if misses:
        lock_as_read(chronicle.tenant, _versions(miss.neighbour for miss in misses))
    customer, contact = customers.create(record, source=source, chronicle=chronicle)
    keys.add(customer.pk, [record.facts], tenant=chronicle.tenant, plan=model.plan)
    opened = pairs.file(misses, contact=contact, model_version=model.version, chronicle=chronicle) if misses else []
    return "created", customer, contact, opened


def _attach(record: Record, attach: Attach, *, source: SourceSystem, model: ActiveModel, chronicle: Chronicle) -> Done:
    winner = attach.likeness.neighbour
    affected = [winner, *(miss.neighbour for miss in attach.near_misses)]
    customer = lock_as_read(chronicle.tenant, _versions(affected))[winner.customer_id]
    contact = customers.attach(
        record,
        customer=customer,
        held=winner.contacts,
        source=source,
        basis=_basis(attach.likeness, model=model),
        chronicle=chronicle,
    )
    keys.add(customer.pk, [record.facts, customer.facts], tenant=chronicle.tenant, plan=model.plan)
    siblings = [*winner.contact_ids, contact.pk]
    opened = _file_for_known(attach.near_misses, contact, siblings, model=model, chronicle=chronicle)
    return "linked", customer, contact, opened


def _basis(likeness: Likeness, *, model: ActiveModel) -> LinkBasis:
    evidence: dict[str, Any] = {**likeness.evidence.to_dict(), "against": likeness.against}
    return LinkBasis(likeness.confidence, FELLEGI_SUNTER, model.version, evidence)


def _revise(record: Record, revise: Revise, *, model: ActiveModel, chronicle: Chronicle) -> Done:
    owner = revise.neighbour
    affected = [owner, *(miss.neighbour for miss in revise.near_misses)]
    customer = lock_as_read(chronicle.tenant, _versions(affected))[owner.customer_id]
    contact = Contact.objects.select_related("source").get(pk=revise.held.id)
    said = {"action": "updated", "source_system": contact.source.name, "source_key": contact.source_key}
    others = [held for held in owner.contacts if held.id != contact.pk]
    customers.revise(contact, record, customer=customer, others=others, delta={"aliases": said}, chronicle=chronicle)
    statements = [customer.facts, contact.facts, *(held.facts for held in others)]
    keys.restate(customer.pk, statements, tenant=chronicle.tenant, plan=model.plan)
    opened = _file_for_known(revise.near_misses, contact, owner.contact_ids, model=model, chronicle=chronicle)
    return "updated", customer, contact, opened


def _file_for_known(
    misses: Sequence[Likeness],
    contact: Contact,
    siblings: Sequence[int],
    *,
    model: ActiveModel,
    chronicle: Chronicle,
) -> list[CandidatePair]:
    if not misses:
        return []
    return pairs.file_for_known(
        misses, contact=contact, siblings=siblings, model_version=model.version, chronicle=chronicle
    )


def _versions(neighbours: Iterable[Neighbour]) -> dict[UUID, int]:
    return {neighbour.customer_id: neighbour.version for neighbour in neighbours}

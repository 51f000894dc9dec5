"""Carrying out what a policy decided, inside the verb that asked it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from contacts import customers
from contacts.customers import LinkBasis
from contacts.errors import Conflict
from contacts.history import Chronicle
from contacts.models import Contact, Customer
from contacts.record import Facts
from contacts.transactions import Restart
from matching import keys, merging, pairs
from matching.deciding import Policy, Question
from matching.disputed_keys import disputed_lookups, file_disputes
from matching.locks import lock_as_read
from matching.lookup_index import Claims, LostKey
from matching.models import CandidatePair, Merge
from matching.outcomes import (
    FELLEGI_SUNTER,
    Attach,
    Basis,
    Create,
    Decision,
    Doubt,
    Found,
    Likeness,
    Neighbour,
    Neighbourhood,
    Refuse,
    Revise,
)


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
    """What became of a record: `found`, `created`, `linked`, `updated` or `merged`; whose it is; what it opened.

    `written` is the customer as saved and `stated` the contact that now says what the record says: None where the
    record added nothing. `members` are the customers, as read, that are this one now. `disputed` names the unique
    lookups of which another customer holds a key of this one.
    """

    outcome: str
    customer_id: UUID
    written: Customer | None
    stated: Contact | None
    members: Sequence[Neighbour]
    candidates: Sequence[CandidatePair] = ()
    capped: tuple[str, ...] = ()
    basis: Basis | None = None
    disputed: tuple[str, ...] = ()

    @property
    def customer(self) -> Customer:
        """The customer as saved, where the outcome is one that saves: `created`, `linked` or `updated`."""
        assert self.written is not None, self.outcome  # noqa: S101 - a caller's mistake, not a caller's input
        return self.written

    @property
    def contact(self) -> Contact:
        """The contact of the record, where the outcome is `created`, `linked` or `updated`."""
        assert self.stated is not None, self.outcome  # noqa: S101
        return self.stated


def apply(decision: Decision, question: Question, *, chronicle: Chronicle) -> Identified:
    """Do what was decided and write the chronicle. Raises SourceKeyCollision; Restart where the reading is stale."""
    match decision.outcome:
        case Refuse() as refuse:
            raise _collision(refuse, question)
        case Found(neighbour=neighbour):
            done, lost = Identified("found", neighbour.customer_id, None, None, [neighbour]), _nothing_lost
        case Create(near_misses=misses):
            done, lost = _create(misses, question, known=decision.known, chronicle=chronicle)
        case Attach() as attach:
            done, lost = _attach(attach, question, known=decision.known, chronicle=chronicle)
        case Revise() as revise:
            done, lost = _revise(revise, question, known=decision.known, chronicle=chronicle)
    chronicle.write()
    return replace(_disputed(done, lost(), question, chronicle=chronicle), capped=decision.known.capped)


def _nothing_lost() -> list[LostKey]:
    return []


def _disputed(done: Identified, lost: Sequence[LostKey], question: Question, *, chronicle: Chronicle) -> Identified:
    lookups = disputed_lookups(lost)
    if not lookups:
        return done
    contact = done.contact
    siblings = [contact.pk, *(pk for member in done.members for pk in member.contact_ids)]
    opened = file_disputes(lost, lookups, contact=contact, siblings=siblings, model=question.model, chronicle=chronicle)
    chronicle.write()
    return replace(done, candidates=[*done.candidates, *opened], disputed=tuple(sorted(lookups.values())))


def _collision(refuse: Refuse, question: Question) -> SourceKeyCollision:
    return SourceKeyCollision(
        source_system=question.source.name,
        source_key=question.record.source_key,
        customer_id=refuse.neighbour.customer_id,
        confidence=refuse.evidence.score,
    )


# What became of a record, and how to tell, once the chronicle is written, which keys of unique lookups others hold.
Done = tuple[Identified, Callable[[], list[LostKey]]]


def _create(misses: Sequence[Likeness], question: Question, *, known: Neighbourhood, chronicle: Chronicle) -> Done:
    if misses:
        _locked([miss.neighbour for miss in misses], known=known, chronicle=chronicle)
    customer, contact = customers.create(question.record, source=question.source, chronicle=chronicle)
    claims = _add_keys(customer, [question.record.facts], question, known=known, chronicle=chronicle)
    opened = []
    if misses:
        opened = pairs.file(misses, contact=contact, model_version=question.model.version, chronicle=chronicle)
    return Identified("created", customer.pk, customer, contact, [], opened), claims.lost


def _attach(attach: Attach, question: Question, *, known: Neighbourhood, chronicle: Chronicle) -> Done:
    winner = attach.neighbour
    others = [miss.neighbour for miss in attach.near_misses] + [doubt.other for doubt in attach.doubts]
    locked = _locked([winner, *attach.fold, *others], known=known, chronicle=chronicle)
    folded = _fold(attach, reason=_reason(question.policy), chronicle=chronicle)
    members = [winner, *folded]
    opened = _doubted(attach.doubts, members, question, chronicle=chronicle)
    if attach.basis is None:
        outcome = "merged" if folded else "found"
        return Identified(outcome, winner.customer_id, None, None, members, opened), _nothing_lost
    customer = locked[winner.customer_id] if not folded else Customer.objects.get(pk=winner.customer_id)
    held = [contact for member in members for contact in member.contacts]
    contact = customers.attach(
        question.record,
        customer=customer,
        held=held,
        source=question.source,
        basis=_link_basis(attach.basis, question),
        chronicle=chronicle,
    )
    statements = [question.record.facts, *(each.facts for each in held)]
    claims = _add_keys(customer, statements, question, known=known, chronicle=chronicle)
    siblings = [*(each.id for each in held), contact.pk]
    opened += _file_for_known(attach.near_misses, contact, siblings, question, chronicle=chronicle)
    done = Identified("linked", customer.pk, customer, contact, members, opened, basis=attach.basis)
    return done, claims.lost


def _add_keys(
    customer: Customer, said: Sequence[Facts], question: Question, *, known: Neighbourhood, chronicle: Chronicle
) -> Claims:
    """`said` is all that is said of the customer, the new record first.

    Without a name, an e-mail and a phone are all there is to be matched by, and both are found without match keys.
    """
    if customer.facts.named or question.policy is not Policy.SHARED_IDENTIFIER:
        new = [question.record.facts, customer.facts]
        keys.add(customer.pk, new, tenant=question.tenant, plan=question.model.plan, chronicle=chronicle)
    return keys.claim(customer.pk, said, lookups=known.lookups, chronicle=chronicle)


def _locked(affected: Sequence[Neighbour], *, known: Neighbourhood, chronicle: Chronicle) -> dict[UUID, Customer]:
    """The customers under lock as they were read; those that were locked before the reading cannot have changed.

    Raises Restart where one has changed, or where some were locked before the reading and others turned up by it.
    """
    if not known.locked:
        return lock_as_read(chronicle.tenant, {neighbour.customer_id: neighbour.version for neighbour in affected})
    if any(neighbour.customer_id not in known.locked for neighbour in affected):
        raise Restart
    return dict(known.locked)


def _fold(attach: Attach, *, reason: Merge.Reason, chronicle: Chronicle) -> list[Neighbour]:
    """Merge the customers found to be the same one, but for those that a person keeps apart from it."""
    members = [attach.neighbour]
    for neighbour in attach.fold:
        target, source = attach.neighbour.customer_id, neighbour.customer_id
        try:
            merging.merge(target_id=target, source_id=source, reason=reason, chronicle=chronicle)
        except merging.KeptApart:
            continue
        chronicle.write()
        members.append(neighbour)
    return members[1:]


def _reason(policy: Policy) -> Merge.Reason:
    return Merge.Reason.BRIDGE if policy is Policy.SHARED_IDENTIFIER else Merge.Reason.FOLD


def _link_basis(basis: Basis, question: Question) -> LinkBasis:
    version = question.model.version if basis.algorithm == FELLEGI_SUNTER else None
    return LinkBasis(basis.confidence, basis.algorithm, version, dict(basis.evidence))


def _doubted(
    doubts: Sequence[Doubt], members: Sequence[Neighbour], question: Question, *, chronicle: Chronicle
) -> list[CandidatePair]:
    opened: list[CandidatePair] = []
    for doubt in doubts:
        contact = Contact.objects.get(pk=doubt.contact_id)
        neighbour = members[0]
        likeness = replace(doubt.likeness, neighbour=replace(neighbour, tokens=doubt.likeness.neighbour.tokens))
        opened += _file_for_known([likeness], contact, doubt.other.contact_ids, question, chronicle=chronicle)
    return opened


def _revise(revise: Revise, question: Question, *, known: Neighbourhood, chronicle: Chronicle) -> Done:
    owner = revise.neighbour
    affected = [owner, *(miss.neighbour for miss in revise.near_misses)]
    customer = _locked(affected, known=known, chronicle=chronicle)[owner.customer_id]
    contact = Contact.objects.select_related("source").get(pk=revise.held.id)
    said = {"action": "updated", "source_system": contact.source.name, "source_key": contact.source_key}
    others = [held for held in owner.contacts if held.id != contact.pk]
    record, plan = question.record, question.model.plan
    customers.revise(contact, record, customer=customer, others=others, delta={"aliases": said}, chronicle=chronicle)
    stated = [contact.facts, *(held.facts for held in others)]
    lost = keys.restate(customer.pk, stated, golden=customer.facts, tenant=chronicle.tenant, plan=plan)
    opened = _file_for_known(revise.near_misses, contact, owner.contact_ids, question, chronicle=chronicle)
    return Identified("updated", customer.pk, customer, contact, [owner], opened), lambda: lost


def _file_for_known(
    misses: Sequence[Likeness],
    contact: Contact,
    siblings: Sequence[int],
    question: Question,
    *,
    chronicle: Chronicle,
) -> list[CandidatePair]:
    if not misses:
        return []
    version = question.model.version
    return pairs.file_for_known(misses, contact=contact, siblings=siblings, model_version=version, chronicle=chronicle)

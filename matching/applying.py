"""Carrying out what a policy decided, inside the verb that asked it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from contacts import customers
from contacts.customers import LinkBasis
from contacts.errors import Conflict
from contacts.history import Chronicle
from contacts.models import Contact, Customer
from contacts.record import Facts
from matching import merging, pairs
from matching.deciding import Policy, Question
from matching.disputed_keys import disputed_lookups, file_disputes
from matching.ground import Directly, Ground, Lost
from matching.lookup_index import LostKey
from matching.lookup_keys import entries
from matching.merging import Sides
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


# What became of a record, and how to tell, once the chronicle is written, which keys of unique lookups others hold.
Done = tuple[Identified, Lost]


def apply(decision: Decision, question: Question, *, chronicle: Chronicle) -> Identified:
    """Do what was decided and write the chronicle. Raises SourceKeyCollision; Restart where the reading is stale."""
    done, lost = carry_out(decision, question, ground=Directly.on(chronicle))
    # Keys known to be lost are disputed after it; claims that have yet to tell are not put off anyway.
    chronicle.write(last=not lost())
    return _disputed(done, lost(), question, chronicle=chronicle)


def carry_out(decision: Decision, question: Question, *, ground: Ground) -> Done:
    """Do what was decided; the chronicle is left to be written. Raises as `apply` does."""
    done, lost = _carried_out(decision, question, ground=ground)
    capped = decision.known.capped
    return (replace(done, capped=capped) if capped else done), lost


def _carried_out(decision: Decision, question: Question, *, ground: Ground) -> Done:
    match decision.outcome:
        case Refuse() as refuse:
            raise _collision(refuse, question)
        case Found(neighbour=neighbour):
            return Identified("found", neighbour.customer_id, None, None, [neighbour]), _nothing_lost
        case Create(near_misses=misses):
            return _create(misses, question, known=decision.known, ground=ground)
        case Attach() as attach:
            return _attach(attach, question, known=decision.known, ground=ground)
        case Revise() as revise:
            return _revise(revise, question, known=decision.known, ground=ground)


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


def _create(misses: Sequence[Likeness], question: Question, *, known: Neighbourhood, ground: Ground) -> Done:
    if misses:
        ground.proposing([miss.neighbour for miss in misses], known=known)
    customer, contact = customers.create(question.record, source=question.source, chronicle=ground.chronicle)
    lost = _add_keys(customer, [question.record.facts], question, known=known, ground=ground)
    opened = []
    if misses:
        opened = pairs.file(
            misses,
            contact=contact,
            model_version=question.model.version,
            chronicle=ground.chronicle,
            cabinet=ground.cabinet,
        )
    return Identified("created", customer.pk, customer, contact, [], opened), lost


def _attach(attach: Attach, question: Question, *, known: Neighbourhood, ground: Ground) -> Done:
    winner, chronicle = attach.neighbour, ground.chronicle
    others = [miss.neighbour for miss in attach.near_misses] + [doubt.other for doubt in attach.doubts]
    if attach.basis and not (attach.fold or others):
        locked: Mapping[UUID, Customer] = {winner.customer_id: ground.changing(winner, known=known)}
    else:
        locked = ground.locked([winner, *attach.fold, *others], known=known)
    folded = _fold(attach, locked, reason=_reason(question.policy), chronicle=chronicle)
    members = [winner, *folded]
    opened = _doubted(attach.doubts, members, question, ground=ground)
    if attach.basis is None:
        outcome = "merged" if folded else "found"
        return Identified(outcome, winner.customer_id, None, None, members, opened), _nothing_lost
    customer = locked[winner.customer_id]
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
    lost = _add_keys(customer, statements, question, known=known, ground=ground)
    siblings = [*(each.id for each in held), contact.pk]
    opened += _file_for_known(attach.near_misses, contact, siblings, question, ground=ground)
    done = Identified("linked", customer.pk, customer, contact, members, opened, basis=attach.basis)
    return done, lost


def _add_keys(
    customer: Customer, said: Sequence[Facts], question: Question, *, known: Neighbourhood, ground: Ground
) -> Lost:
    """`said` is all that is said of the customer, the new record first.

    Without a name, an e-mail and a phone are all there is to be matched by, and both are found without match keys.
    """
    stated, golden = question.record.facts, customer.facts
    if golden.named or question.policy is not Policy.SHARED_IDENTIFIER:
        known_as = [stated] if stated == golden else [stated, golden]
        ground.add_keys(customer.pk, known_as, plan=question.model.plan)
    return ground.claim(customer.pk, said, known=known)


def _fold(
    attach: Attach, locked: Mapping[UUID, Customer], *, reason: Merge.Reason, chronicle: Chronicle
) -> list[Neighbour]:
    """Merge the customers found to be the same one, but for those that a person keeps apart from it."""
    survivor, folded = attach.neighbour, list[Neighbour]()
    for neighbour in attach.fold:
        sides = Sides(locked[survivor.customer_id], locked[neighbour.customer_id], survivor, neighbour)
        try:
            merging.join(sides, reason=reason, chronicle=chronicle)
        except merging.KeptApart:
            continue
        folded.append(neighbour)
        survivor = survivor._replace(contacts=(*survivor.contacts, *neighbour.contacts))
    if attach.doubts:
        chronicle.write()  # or pairs that have just come to the survivor would be filed twice
    return folded


def _reason(policy: Policy) -> Merge.Reason:
    return Merge.Reason.BRIDGE if policy is Policy.SHARED_IDENTIFIER else Merge.Reason.FOLD


def _link_basis(basis: Basis, question: Question) -> LinkBasis:
    version = question.model.version if basis.algorithm == FELLEGI_SUNTER else None
    return LinkBasis(basis.confidence, basis.algorithm, version, dict(basis.evidence))


def _doubted(
    doubts: Sequence[Doubt], members: Sequence[Neighbour], question: Question, *, ground: Ground
) -> list[CandidatePair]:
    opened: list[CandidatePair] = []
    for doubt in doubts:
        contact = ground.contact(doubt.contact_id)
        neighbour = members[0]
        likeness = replace(doubt.likeness, neighbour=neighbour._replace(tokens=doubt.likeness.neighbour.tokens))
        opened += _file_for_known([likeness], contact, doubt.other.contact_ids, question, ground=ground)
    return opened


def _revise(revise: Revise, question: Question, *, known: Neighbourhood, ground: Ground) -> Done:
    owner = revise.neighbour
    affected = [owner, *(miss.neighbour for miss in revise.near_misses)]
    contact, locked = ground.revising(revise.held, affected, source=question.source, known=known)
    customer = locked[owner.customer_id]
    said = {"action": "updated", "source_system": contact.source.name, "source_key": contact.source_key}
    others = [held for held in owner.contacts if held.id != contact.pk]
    delta = {"aliases": said}
    customers.revise(
        contact, question.record, customer=customer, others=others, delta=delta, chronicle=ground.chronicle
    )
    stated = [contact.facts, *(held.facts for held in others)]
    # What is said again is stored under its keys already; of keys that are one customer's it is told who holds them.
    lost, again = _nothing_lost, contact.facts == revise.held.facts and customer.facts == owner.golden
    if not again or entries(known.lookups, stated):
        lost = ground.restate(customer.pk, stated, golden=customer.facts, plan=question.model.plan, known=known)
    opened = _file_for_known(revise.near_misses, contact, owner.contact_ids, question, ground=ground)
    return Identified("updated", customer.pk, customer, contact, [owner], opened), lost


def _file_for_known(
    misses: Sequence[Likeness], contact: Contact, siblings: Sequence[int], question: Question, *, ground: Ground
) -> list[CandidatePair]:
    if not misses:
        return []
    return pairs.file_for_known(
        misses,
        contact=contact,
        siblings=siblings,
        model_version=question.model.version,
        chronicle=ground.chronicle,
        cabinet=ground.cabinet,
    )

"""Many people turned up at once: who is each? One answer a record, one transaction."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from contacts.copying import CopiedChronicle
from contacts.newcomers import Arrival, Newcomer
from contacts.record import Facts, Record
from contacts.transactions import verb
from matching import pairs
from matching.active import ActiveModel, active_model
from matching.applying import Identified, SourceKeyCollision, apply, carry_out
from matching.bulk import beginning, garbage
from matching.bulk.in_memory import InMemory
from matching.bulk.incoming import Incoming, incoming, keyed_again
from matching.bulk.overlay import Overlay
from matching.deciding import Policy, Question, decide, read_and_decide, sharing_rules
from matching.lookup_keys import FIELD_OF, LookupRule, entries, value_of
from matching.models import CandidatePair
from matching.outcomes import Attach, Create, Decision, Likeness, Neighbourhood, Revise
from matching.plan import Plan
from sources.models import SourceSystem, Tenant

Answer = Identified | SourceKeyCollision


class Came(NamedTuple):
    """A new customer, with the candidates that it opened and the keys that lead to more than were read."""

    newcomer: Newcomer
    candidates: Sequence[CandidatePair] = ()
    capped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Submission:
    """A record and the source it is from, which is one of the tenant's."""

    record: Record
    source: SourceSystem


@dataclass(slots=True)
class _ChunkChronicle(CopiedChronicle):
    """Gives out contact ids that were reserved with the locks."""

    reserved: deque[int] = field(default_factory=deque)

    def contact_id(self) -> int:
        return self.reserved.popleft()


@verb
def identify_many(submissions: Sequence[Submission], *, tenant: Tenant, by: str) -> list[Answer]:
    """Resolve each record to a customer as `identify` would, one after the other in this order.

    One answer a record, in order. A record whose source key is held by somebody else is answered by the collision
    (returned, not raised) and writes nothing; the others are not affected by it. Part of the verb that calls it, if
    one does. Meant for some hundreds up to some thousands of records: the caller divides more.
    """
    if not submissions:
        return []
    model = active_model(tenant)
    records = [incoming(each.record, each.source, plan=model.plan, scope=tenant.pk) for each in submissions]
    with garbage.put_off():
        answers = _answers(records, model, tenant=tenant, by=by)
    return [_as_identified(each) if isinstance(each, Came) else each for each in answers]


@verb
def bring_in(records: Sequence[Incoming], *, keyed_by: Plan, tenant: Tenant, by: str) -> Sequence[Answer | Came]:
    """The same for records whose keys were worked out beforehand, by a plan that may no longer be in force.

    Whoever was created is not made into an answer for nobody to read.
    """
    model = active_model(tenant)
    if model.plan is not keyed_by:
        records = [keyed_again(each, plan=model.plan, scope=tenant.pk) for each in records]
    with garbage.put_off():
        return _answers(records, model, tenant=tenant, by=by)


def _answers(records: Sequence[Incoming], model: ActiveModel, *, tenant: Tenant, by: str) -> list[Answer | Came]:
    rules = sharing_rules(tenant)

    def question(each: Incoming) -> Question:
        return Question(each.record, each.source, tenant, Policy.PROBABILISTIC, model, rules, each.keys.hashed)

    begun = beginning.begin(records, question, tenant=tenant)
    chronicle = _ChunkChronicle(tenant, by, reserved=deque(begun.contact_ids))
    overlay = Overlay(records, tenant=tenant, lookups=begun.lookups, contact_ids=begun.contact_ids)
    chunk = _Chunk(overlay, chronicle)
    answers = [chunk.newcomer(each) or chunk.answer(question(each), each) for each in records]
    chunk.ground.write()
    return answers


def _as_identified(came: Came) -> Identified:
    customer, contact = came.newcomer.rows
    customer._state.adding = contact._state.adding = False
    return Identified("created", customer.pk, customer, contact, [], came.candidates, came.capped)


class _Chunk:
    """Answers one question after the other: in memory, or in the database where memory does not do."""

    def __init__(self, overlay: Overlay, chronicle: _ChunkChronicle) -> None:
        self._overlay = overlay
        self._chronicle = chronicle
        self._arrival = Arrival(chronicle.tenant, chronicle.by, chronicle.at)
        self._attributes_are_asked, self._fields_are_asked = _asked_of(overlay.lookups)
        self.ground = InMemory(overlay, chronicle=chronicle)

    def newcomer(self, each: Incoming) -> Came | None:
        """A new customer of this record, if it shares nothing with anybody. No policy would answer anything else.

        Whoever has, or may have, keys of lookups is left to the database.
        """
        if self._fields_are_asked or (each.plain.attributes and self._attributes_are_asked):
            return None
        return None if self._overlay.reaches(each) else Came(self._founded(each))

    def _founded(self, each: Incoming) -> Newcomer:
        newcomer = Newcomer(
            each.plain,
            contact_id=self._chronicle.contact_id(),
            source=each.source,
            arrival=self._arrival,
            record=each.made,
        )
        self._chronicle.came(newcomer)
        self.ground.add_key_values(newcomer.pk, each.keys.stored)
        self._overlay.came(newcomer)
        return newcomer

    def answer(self, question: Question, each: Incoming) -> Answer | Came:
        try:
            known = self._overlay.neighbourhood(question)
            if known is None:
                return self._in_database(question)
            decision = decide(question, known)
            if _folds(decision) or _has_lookup_keys(decision, question, self._overlay.lookups):
                return self._in_database(question)
            if isinstance(decision.outcome, Create):
                return self._created(decision.outcome.near_misses, question, each, known)
            self.ground.keyed(question.record.facts, each.keys.stored)
            return self._in_memory(decision, question)
        except SourceKeyCollision as collision:
            return collision

    def _created(self, misses: Sequence[Likeness], question: Question, each: Incoming, known: Neighbourhood) -> Came:
        """As `matching.applying` has it."""
        self.ground.proposing([miss.neighbour for miss in misses], known=known)
        newcomer, version = self._founded(each), question.model.version
        opened = pairs.file(
            misses, contact=newcomer, model_version=version, chronicle=self._chronicle, cabinet=self.ground.cabinet
        )
        return Came(newcomer, opened, known.capped)

    def _in_memory(self, decision: Decision, question: Question) -> Answer:
        done, _ = carry_out(decision, question, ground=self.ground)
        self._overlay.stated(done.customer, done.contact, question.record.facts)
        return done

    def _in_database(self, question: Question) -> Answer:
        """Write what was done so far, do this one as if it came alone, and take what it changed as it is now."""
        self.ground.write()
        decision = read_and_decide(question, under_locks=True, late=True)
        done = apply(decision, question, chronicle=self._chronicle)
        self._overlay.read_again({done.customer_id, *(member.customer_id for member in done.members)})
        self.ground.cabinet.forget()
        return done


def _asked_of(lookups: Sequence[LookupRule]) -> tuple[bool, bool]:
    """Whether lookups that have keys begin with custom attributes, and whether with what every record has."""
    fields = [lookup.leading in FIELD_OF for lookup in lookups]
    return not all(fields), any(fields)


def _folds(decision: Decision) -> bool:
    """Whether customers are merged by it."""
    return isinstance(decision.outcome, Attach) and bool(decision.outcome.fold)


def _has_lookup_keys(decision: Decision, question: Question, lookups: Sequence[LookupRule]) -> bool:
    """Whether the customer has, or had, keys of lookups: who holds those is for the database to tell."""
    if not lookups:
        return False
    statements: list[Facts] = [question.record.facts]
    if isinstance(decision.outcome, Attach | Revise):
        statements += (held.facts for held in decision.outcome.neighbour.contacts)
    asked = [lookup for lookup in lookups if any(value_of(facts, lookup.leading) for facts in statements)]
    return bool(asked and entries(asked, statements))

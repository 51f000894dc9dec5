"""Many people turned up at once: who is each? One answer a record, one transaction."""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from contacts.copying import CopiedChronicle
from contacts.record import Facts, Record
from contacts.transactions import verb
from matching.active import active_model
from matching.applying import Identified, SourceKeyCollision, apply, carry_out
from matching.bulk import beginning
from matching.bulk.in_memory import InMemory
from matching.bulk.overlay import Overlay
from matching.deciding import Policy, Question, decide, read_and_decide, sharing_rules
from matching.lookup_keys import LookupRule, entries, value_of
from matching.outcomes import Attach, Decision, Revise
from sources.models import SourceSystem, Tenant

Answer = Identified | SourceKeyCollision


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
    with _uncollected():
        questions = list(_questions(submissions, tenant=tenant))
        begun = beginning.begin(questions, tenant=tenant)
        chronicle = _ChunkChronicle(tenant, by, reserved=deque(begun.contact_ids))
        chunk = _Chunk(Overlay(questions, tenant=tenant, lookups=begun.lookups), chronicle)
        answers = [chunk.answer(question) for question in questions]
        chunk.ground.write()
    return answers


def _questions(submissions: Iterable[Submission], *, tenant: Tenant) -> Iterator[Question]:
    model, rules = active_model(tenant), sharing_rules(tenant)
    for each in submissions:
        yield Question(each.record, each.source, tenant, Policy.PROBABILISTIC, model, rules)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without looking for garbage in cycles: a chunk makes none, and looking takes a quarter of its time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


class _Chunk:
    """Answers one question after the other: in memory, or in the database where memory does not do."""

    def __init__(self, overlay: Overlay, chronicle: _ChunkChronicle) -> None:
        self._overlay = overlay
        self._chronicle = chronicle
        self.ground = InMemory(overlay, chronicle=chronicle)

    def answer(self, question: Question) -> Answer:
        try:
            if self._overlay.uncertain(question):
                return self._in_database(question)
            decision = decide(question, self._overlay.neighbourhood(question))
            if _folds(decision) or _has_lookup_keys(decision, question, self._overlay.lookups):
                return self._in_database(question)
            return self._in_memory(decision, question)
        except SourceKeyCollision as collision:
            return collision

    def _in_memory(self, decision: Decision, question: Question) -> Answer:
        done, _ = carry_out(decision, question, ground=self.ground)
        self._overlay.stated(done.customer, done.contact, question.record.facts)
        return done

    def _in_database(self, question: Question) -> Answer:
        """Write what was done so far, do this one as if it came alone, and take what it changed as it is now."""
        self.ground.write()
        decision = read_and_decide(question, under_locks=True)
        done = apply(decision, question, chronicle=self._chronicle)
        self._overlay.read_again({done.customer_id, *(member.customer_id for member in done.members)})
        self.ground.cabinet.forget()
        return done


def _folds(decision: Decision) -> bool:
    """Whether customers are merged by it."""
    return isinstance(decision.outcome, Attach) and bool(decision.outcome.fold)


def _has_lookup_keys(decision: Decision, question: Question, lookups: Sequence[LookupRule]) -> bool:
    """Whether the customer has, or had, keys of lookups: who holds those is for the database to tell."""
    statements: list[Facts] = [question.record.facts]
    if isinstance(decision.outcome, Attach | Revise):
        statements += (held.facts for held in decision.outcome.neighbour.contacts)
    asked = [lookup for lookup in lookups if any(value_of(facts, lookup.leading) for facts in statements)]
    return bool(asked and entries(asked, statements))

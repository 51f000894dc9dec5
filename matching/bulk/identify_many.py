"""Many people turned up at once: who is each? One answer a record, one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from contacts.history import Chronicle
from contacts.record import Record
from contacts.transactions import verb
from matching.active import active_model
from matching.applying import Identified, SourceKeyCollision, apply
from matching.deciding import Policy, Question, read_and_decide
from matching.locks import take
from sources.models import SourceSystem, Tenant

Answer = Identified | SourceKeyCollision


@dataclass(frozen=True, slots=True)
class Submission:
    """A record and the source it is from, which is one of the tenant's."""

    record: Record
    source: SourceSystem


@verb
def identify_many(submissions: Sequence[Submission], *, tenant: Tenant, by: str) -> list[Answer]:
    """Resolve each record to a customer as `identify` would, one after the other in this order.

    One answer a record, in order. A record whose source key is held by somebody else is answered by the collision
    (returned, not raised) and writes nothing; the others are not affected by it. Part of the verb that calls it, if
    one does. Meant for some hundreds up to some thousands of records: the caller divides more.
    """
    model = active_model(tenant)
    questions = [Question(each.record, each.source, tenant, Policy.PROBABILISTIC, model) for each in submissions]
    take(lock for question in questions for lock in question.locks)
    return [_answer(question, by=by) for question in questions]


def _answer(question: Question, *, by: str) -> Answer:
    decision = read_and_decide(question, under_locks=True)
    chronicle = Chronicle(question.tenant, by, reserved_contact_id=decision.known.reserved_contact_id)
    try:
        return apply(decision, question, chronicle=chronicle)
    except SourceKeyCollision as collision:
        return collision

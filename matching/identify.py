"""Somebody turned up with some details: who is it? One answer, one transaction."""

from __future__ import annotations

from contacts.history import Chronicle
from contacts.record import Record
from contacts.transactions import verb
from matching.active import ActiveModel, remembered_model
from matching.applying import Identified, SourceKeyCollision, apply
from matching.deciding import Policy, Question, read_and_decide
from matching.outcomes import Decision
from sources.models import SourceSystem, Tenant

__all__ = ["Identified", "Policy", "SourceKeyCollision", "foresee", "identify"]


@verb
def identify(
    record: Record, *, source: SourceSystem, tenant: Tenant, by: str, policy: Policy = Policy.PROBABILISTIC
) -> Identified:
    """Resolve a record to a customer. Raises SourceKeyCollision where its key is held by somebody else."""
    question = Question(record, source, tenant, policy, in_force=remembered_model(tenant))
    decision = read_and_decide(question, under_locks=True)
    chronicle = Chronicle(tenant, by, reserved_contact_id=decision.known.reserved_contact_id, closing=True)
    return apply(decision, question, chronicle=chronicle)


def foresee(
    record: Record,
    *,
    source: SourceSystem,
    tenant: Tenant,
    policy: Policy = Policy.PROBABILISTIC,
    in_force: ActiveModel | None = None,
) -> Decision:
    """What `identify` would decide now, by the model in force, if read before. Nothing is locked or written."""
    return read_and_decide(Question(record, source, tenant, policy, in_force), under_locks=False)

"""`POST /identify`'s way in: one trip where there is nothing to write, two for most others, else identify."""

from __future__ import annotations

from contacts.record import Record
from matching.addition import add_if_unchanged
from matching.bridge import join_if_unchanged
from matching.checked_out import CheckedOut
from matching.deciding import Policy, Question, foreseen
from matching.identify import identify
from matching.newcomer import create_if_still_unknown
from matching.outcomes import Found
from sources.models import SourceSystem, Tenant


def check_out(record: Record, *, source: SourceSystem, tenant: Tenant, by: str) -> CheckedOut:
    """Who bought: most requests repeat what is known, and most others are somebody's first."""
    question = Question(record, source, tenant, Policy.SHARED_IDENTIFIER)
    decision = foreseen(question)
    if isinstance(decision.outcome, Found):
        known = decision.outcome.neighbour
        return CheckedOut("found", known.customer_id, [known])
    for in_one_trip in (create_if_still_unknown, add_if_unchanged, join_if_unchanged):
        done = in_one_trip(decision, question, by=by)
        if done is not None:
            return done
    return CheckedOut.of(identify(record, source=source, tenant=tenant, by=by, policy=Policy.SHARED_IDENTIFIER))

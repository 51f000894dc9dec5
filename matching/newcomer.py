"""Somebody whom nobody knew when it was asked without locks: created by the one trip that takes them and asks again.

It has the advisory locks of the e-mail and the phone before it asks, as whoever decides on them does (matching.locks),
and locks no customer: there is none.
"""

from __future__ import annotations

from contacts import clock
from contacts.first_contact import Condition, Founding
from contacts.transactions import in_one_trip
from matching.checked_out import Added, CheckedOut
from matching.deciding import Question
from matching.locks import taking_strong
from matching.lookup_index import KEYLESS, kept_as_remembered
from matching.lookup_keys import attributes_said
from matching.outcomes import Create, Decision

# What was not given is NULL, which nobody has. An empty text is known to PostgreSQL as what a good part of all contacts
# have: it would look for one by reading them one after the other, and read all of them, for none fits.
_HAS_NOBODY = """
NOT EXISTS (SELECT FROM contacts_contact WHERE tenant_id = %(tenant)s AND {column} = nullif(%({column})s, '')
            AND deleted_at IS NULL AND NOT ({column} = '') {but_of})
"""


def nobody_has(*, but_of: str = "") -> str:
    """SQL: nobody has the e-mail or the phone, but whom the condition `but_of` leaves out."""
    return " AND ".join(_HAS_NOBODY.format(column=column, but_of=but_of) for column in ("email", "phone"))


def still_unknown(*, but_of: str = "") -> str:
    """SQL: the same, and no key is kept of somebody of whom the attributes `said` are known."""
    return f"{nobody_has(but_of=but_of)} AND {KEYLESS}"


_STILL_UNKNOWN = still_unknown()


def create_if_still_unknown(foreseen: Decision, question: Question, *, by: str) -> CheckedOut | None:
    """The new customer that was foreseen without locks, by the policy of the shared identifier.

    None, and nothing is written, where that takes more than the rows of a newcomer, or does not hold any more.
    """
    tenant = question.tenant
    if not _is_all(foreseen, question):
        return None
    said = attributes_said([question.record.facts])
    if kept_as_remembered(tenant, said):
        return None
    founding = Founding(
        question.record,
        source=question.source,
        tenant=tenant,
        by=by,
        at=clock.now(),
        provided=Condition(_STILL_UNKNOWN, {"said": said}),
    )
    in_one_trip(taking_strong(tenant, question.locks), founding.statement)
    if not founding.statement.rows:
        return None
    record = question.record
    added = Added(founding.statement.rows[0][0], record.facts.email, record.facts.phone, record.original_payload)
    return CheckedOut("created", founding.customer_id, [], added)


def _is_all(foreseen: Decision, question: Question) -> bool:
    """Whether somebody new is all there is: nobody has a value without being found by it; no name, no source key."""
    return (
        isinstance(foreseen.outcome, Create)
        and not foreseen.known.neighbours
        and not question.record.facts.named
        and question.record.source_key is None
    )

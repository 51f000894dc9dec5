"""Somebody whom no lookup found without locks: created by the one trip that takes them, and asks again.

For a caller with an e-mail or a phone that nobody has. Then no lookup that begins with one of them finds anybody, and
there is nobody whom the match model would compare. Whoever comes with the same value waits for its advisory lock (see
matching.newcomer); that the tenant's contact centre is set up as it was is confirmed as well.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from contacts import clock
from contacts.first_contact import Condition, Founding
from contacts.transactions import in_one_trip
from matching.deciding import Question
from matching.locks import taking_strong
from matching.lookup_keys import entries
from matching.newcomer import nobody_has
from matching.policies.lookups import Inquiry
from matching.strategies import STATE, CentreSetup

_DETAILS = ("EmailAddress", "PhoneNumber")
_STILL_UNKNOWN = f"{nobody_has()} AND {STATE} = %(set_up)s"


def create_if_still_unknown(
    inquiry: Inquiry, question: Question, setup: CentreSetup, *, locks: Iterable[int], by: str
) -> UUID | None:
    """The id of the new customer. `locks`: those of the lookups that take part, beside the question's.

    None, and nothing is written, where that takes more than the rows of a newcomer, or somebody is known by now.
    """
    if not _is_all(inquiry, question, setup):
        return None
    founding = Founding(
        question.record,
        source=question.source,
        tenant=question.tenant,
        by=by,
        at=clock.now(),
        provided=Condition(_STILL_UNKNOWN, {"set_up": setup.state}),
    )
    in_one_trip(taking_strong(question.tenant, [*question.locks, *locks]), founding.statement)
    return founding.customer_id if founding.statement.rows else None


def _is_all(inquiry: Inquiry, question: Question, setup: CentreSetup) -> bool:
    """Whether nobody is to be asked for but by e-mail and phone, and no keys of any kind are to be stored."""
    facts, tenant = question.record.facts, question.tenant
    return (
        all(lookup.leading in _DETAILS and not lookup.keyed for lookup in inquiry.taking_part)
        and not question.keys.hashed
        and not question.model.plan.index_keys(facts, scope=tenant.pk)
        and not entries(setup.lookups.values(), [facts])
    )

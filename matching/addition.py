"""Something new of somebody known, added by the one trip that takes the locks and asks again (see matching.newcomer).

It has the advisory locks of the e-mail and the phone, and the customer's at the version read: nobody else had the
values when it was asked without locks, nobody has them now, and so it would be decided as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from contacts.history import Chronicle
from contacts.transactions import OR_RESTART, begun_again, verb
from matching.applying import Identified, apply
from matching.deciding import Question
from matching.locks import taking_strong
from matching.lookup_index import remembered_keyed, rules_of
from matching.lookup_keys import FIELD_OF, LookupRule, entries
from matching.newcomer import still_unknown
from matching.outcomes import Attach, Decision
from sources.round_trips import Prepared

_STILL_ALONE = OR_RESTART.format(condition=still_unknown(but_of="AND customer_id <> %(only)s"))


def add_if_unchanged(foreseen: Decision, question: Question, *, by: str) -> Identified | None:
    """The addition that was foreseen without locks, by the policy of the shared identifier.

    None, and nothing is written, where that takes more than the rows of a nameless customer, or something has changed.
    """
    keyed = remembered_keyed(question.tenant)
    if keyed is None or not _is_all(foreseen, question, lookups=rules_of(keyed)):
        return None
    return _add(foreseen, question, keyed=keyed, by=by)


@verb
def _add(foreseen: Decision, question: Question, *, keyed: str, by: str) -> Identified | None:
    if begun_again():
        return None
    tenant, facts = question.tenant, question.record.facts
    (only,) = foreseen.known.neighbours
    asked = {"tenant": tenant.pk, "email": facts.email, "phone": facts.phone, "only": only}
    chronicle = Chronicle(tenant, by, reserved_contact_id=foreseen.known.reserved_contact_id, closing=True)
    chronicle.beside += [
        taking_strong(tenant, question.locks),
        Prepared(_STILL_ALONE, {**asked, "keyed": keyed, "served": list(FIELD_OF)}),
    ]
    known = replace(foreseen.known, lookups=rules_of(keyed))
    return apply(replace(foreseen, known=known), question, chronicle=chronicle)


def _is_all(foreseen: Decision, question: Question, *, lookups: Sequence[LookupRule]) -> bool:
    """Whether one customer is concerned, who has no name, and of whom no keys are to be stored."""
    attach, known, record = foreseen.outcome, foreseen.known, question.record
    if not isinstance(attach, Attach) or len(known.neighbours) != 1 or known.capped:
        return False
    winner = attach.neighbour
    said = [record.facts, winner.golden, *(held.facts for held in winner.contacts)]
    return (
        attach.basis is not None
        and known.reserved_contact_id is not None
        and record.source_key is None
        and not any(facts.named for facts in said)
        and not entries(lookups, said)
    )

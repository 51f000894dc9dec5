"""Something new of somebody known, added by the one trip that takes the locks and asks again (see matching.newcomer).

It has the advisory locks of the e-mail and the phone, and the customer's by changing it at the version read: nobody
else had the values when it was asked without locks, nobody has them now, and so it would be decided as it was. It
writes what contacts.customers.attach has the chronicle write.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import datetime

from contacts import clock, survivorship
from contacts.customers import told_of_new
from contacts.events import ANNOUNCE
from contacts.first_contact import UNSAID
from contacts.history import Delta, difference
from contacts.models import Event
from contacts.record import Facts, Record
from contacts.transactions import in_one_trip
from matching.checked_out import Added, CheckedOut
from matching.deciding import Question
from matching.locks import taking_strong
from matching.lookup_index import kept_as_remembered
from matching.lookup_keys import attributes_said
from matching.newcomer import still_unknown
from matching.outcomes import SHARED_IDENTIFIER, Attach, Basis, Decision, Held, Neighbour
from matching.policies.sharing import CERTAIN
from sources.documents import document
from sources.round_trips import Prepared

# Stands for the contact's id, which is drawn behind the locks, in a body of ids alone.
_CONTACT = "#"
# Whoever holds the customer is waited for, as nothing but advisory locks is held yet. What is asked of everybody else
# was asked before, and holds all the same: by the advisory locks, and as the customer is at the version read.
_ADD = f"""
WITH kept AS (
    UPDATE contacts_customer SET email = %(golden_email)s, phone = %(golden_phone)s,
        version = version + 1, updated_by = %(by)s, updated_at = %(at)s
    WHERE id = %(only)s AND version = %(version)s AND deleted_at IS NULL
        AND {still_unknown(but_of="AND customer_id <> %(only)s")}
    RETURNING nextval('contacts_contact_id_seq') AS contact),
announced AS MATERIALIZED ({ANNOUNCE}),
contact AS (
    INSERT INTO contacts_contact (
        id, tenant_id, customer_id, source_id, original_payload, source_of_truth, added_by, added_at,
        match_confidence, match_algorithm, match_evidence, email, phone, {", ".join(UNSAID)})
    SELECT contact, %(tenant)s, %(only)s, %(source)s, %(payload)s, false, %(by)s, %(at)s,
           {CERTAIN}, '{SHARED_IDENTIFIER}', %(evidence)s, %(email)s, %(phone)s, {", ".join(UNSAID.values())}
    FROM kept),
history AS (
    INSERT INTO contacts_change (customer_id, changed_by, changed_at, delta)
    SELECT %(only)s, %(by)s, %(at)s, %(delta)s FROM kept),
news AS (
    INSERT INTO contacts_event (tenant_id, kind, customer_id, "by", at, body)
    SELECT %(tenant)s, '{Event.Kind.LINKED}', %(only)s, %(by)s, %(at)s,
           replace(%(body)s, '{_CONTACT}', contact::text)::jsonb FROM kept, announced)
SELECT contact FROM kept
"""


@dataclass(frozen=True, slots=True)
class _Addition:
    """A record that says something new of a customer, as read, on some basis; `golden` is what is known of it then."""

    record: Record
    kept: Neighbour
    basis: Basis
    golden: Facts
    at: datetime

    @classmethod
    def of(cls, record: Record, kept: Neighbour, basis: Basis, question: Question) -> _Addition:
        at = clock.now()
        # It comes behind those there are, as its id will.
        new = Held(
            sys.maxsize, record.facts, record.source_of_truth, record.effective_date, at, question.source.pk, None
        )
        return cls(record, kept, basis, survivorship.resolve([*kept.contacts, new]).facts, at)

    @property
    def delta(self) -> Delta:
        return difference(self.kept.golden, self.golden)

    @property
    def said(self) -> list[Facts]:
        """All that is said of the customer, the new record first, and what was known."""
        return [self.record.facts, self.kept.golden, *(held.facts for held in self.kept.contacts)]

    @property
    def is_all_details(self) -> bool:
        """Whether nothing is said, and nothing of the customer changes, but e-mail and phone."""
        changed = self.kept.golden._replace(email=self.golden.email, phone=self.golden.phone)
        return self.record.is_all_details and self.golden == changed

    def adding(self, question: Question, *, by: str) -> Prepared:
        """Adds the contact and tells its id, or writes nothing and tells none."""
        facts, kept = self.record.facts, self.kept
        return Prepared(
            _ADD,
            {
                "tenant": question.tenant.pk,
                "email": facts.email,
                "phone": facts.phone,
                "said": attributes_said(self.said),
                "only": kept.customer_id,
                "version": kept.version,
                "golden_email": self.golden.email,
                "golden_phone": self.golden.phone,
                "source": question.source.pk,
                "payload": document(self.record.original_payload),
                "evidence": document(self.basis.evidence),
                "delta": document({**told_of_new(self.record, source=question.source), **self.delta}),
                "body": self._body(),
                "by": by,
                "at": self.at,
            },
        )

    def _body(self) -> str:
        customer, held = self.kept.customer_id, ",".join(map(str, sorted(self.kept.contact_ids)))
        before, after = f'{{"{customer}":[{held}]}}', f'{{"{customer}":[{held},{_CONTACT}]}}'
        return f'{{"contact":{_CONTACT},"before":{before},"after":{after}}}'


def add_if_unchanged(foreseen: Decision, question: Question, *, by: str) -> CheckedOut | None:
    """The addition that was foreseen without locks, by the policy of the shared identifier.

    None, and nothing is written, where that takes more than the rows of a nameless customer, or something has changed.
    """
    addition = _foreseen(foreseen, question)
    if addition is None or kept_as_remembered(question.tenant, attributes_said(addition.said)):
        return None
    adding = addition.adding(question, by=by)
    in_one_trip(taking_strong(question.tenant, question.locks), adding)
    if not adding.rows:
        return None
    record, kept = question.record, addition.kept
    added = Added(adding.rows[0][0], record.facts.email, record.facts.phone, record.original_payload)
    return CheckedOut("linked", kept.customer_id, [kept], added)


def _foreseen(decision: Decision, question: Question) -> _Addition | None:
    """The addition, where one customer is concerned, who has no name, and nothing but details are."""
    attach, known = decision.outcome, decision.known
    if not isinstance(attach, Attach) or attach.basis is None or len(known.neighbours) != 1 or known.capped:
        return None
    addition = _Addition.of(question.record, attach.neighbour, attach.basis, question)
    nameless = not any(facts.named for facts in addition.said)
    return addition if nameless and addition.is_all_details else None

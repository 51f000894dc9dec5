"""Two nameless customers whom a checkout makes one, by the one trip that takes the locks and asks again.

It has the advisory locks of the e-mail and the phone, and both customers' own, before it asks whether all is as it was
when it was asked without locks, and whether there is anything about the two that takes the longer way: a person who
keeps them apart, customers merged before into the one that goes, candidates, keys. It writes what merging.join has the
chronicle write.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import OperationalError, connection
from psycopg.errors import LockNotAvailable

from contacts import clock, survivorship
from contacts.events import ANNOUNCE
from contacts.history import difference
from contacts.models import Event
from contacts.record import FIELDS, Facts
from contacts.transactions import in_one_trip
from matching.active import STILL_IN_FORCE, remembered_model, remembered_rows
from matching.checked_out import CheckedOut
from matching.constraints import KEPT_APART
from matching.deciding import Question
from matching.locks import taking_strong
from matching.lookup_index import kept_as_remembered
from matching.lookup_keys import attributes_said
from matching.merging import change_of_members, said_of_source, said_of_target
from matching.models import CandidatePair, Merge
from matching.newcomer import still_unknown
from matching.outcomes import Attach, Decision, Neighbour
from sources.documents import document
from sources.models import Tenant
from sources.round_trips import Prepared, Statement

_FACTS = (*FIELDS, "attributes")
# Both by parameters of their own: of an array the database takes the length for ten, and would plan anew each time.
_HOLD = "SELECT FROM contacts_customer WHERE id IN (%(target)s, %(source)s) ORDER BY id FOR NO KEY UPDATE NOWAIT"
_AS_READ = f"""
{still_unknown(but_of="AND customer_id <> ALL(ARRAY[%(target)s, %(source)s])")} AND {STILL_IN_FORCE}
AND (SELECT count(*) FROM contacts_customer WHERE id IN (%(target)s, %(source)s) AND deleted_at IS NULL
     AND version = CASE id WHEN %(target)s THEN %(target_version)s ELSE %(source_version)s END) = 2
AND NOT EXISTS ({KEPT_APART})
AND NOT EXISTS (SELECT FROM contacts_customer WHERE merged_into_id = %(source)s)
AND NOT EXISTS (SELECT FROM matching_candidatepair
                WHERE status = '{CandidatePair.Status.PENDING}' AND customer_id IN (%(target)s, %(source)s))
AND NOT EXISTS (SELECT FROM matching_matchkey WHERE customer_id IN (%(target)s, %(source)s))
"""
_JOIN = f"""
WITH standing AS MATERIALIZED (SELECT nextval('matching_merge_id_seq') AS journal WHERE {_AS_READ}),
announced AS MATERIALIZED ({ANNOUNCE}),
moved AS (
    UPDATE contacts_contact SET customer_id = %(target)s FROM standing
    WHERE customer_id = %(source)s AND id = ANY(%(others)s::bigint[])),
kept AS (
    UPDATE contacts_customer SET {", ".join(f"{name} = %(golden_{name})s" for name in _FACTS)},
        version = version + 1, updated_by = %(by)s, updated_at = %(at)s
    FROM standing WHERE id = %(target)s),
buried AS (
    UPDATE contacts_customer
    SET version = version + 1, deleted_by = %(by)s, deleted_at = %(at)s, merged_into_id = %(target)s
    FROM standing WHERE id = %(source)s),
journals AS (
    INSERT INTO matching_merge (id, tenant_id, target_id, source_id, reason, contacts, trace, "by", at)
    SELECT journal, %(tenant)s, %(target)s, %(source)s, '{Merge.Reason.BRIDGE}', %(others)s::bigint[], %(trace)s,
           %(by)s, %(at)s FROM standing),
history AS (
    INSERT INTO contacts_change (customer_id, changed_by, changed_at, delta)
    SELECT entry.customer_id, %(by)s, %(at)s,
           jsonb_build_object('merge', entry.said || jsonb_build_object('merge_id', journal)) || entry.delta
    FROM standing, (VALUES (1, %(target)s, %(of_target)s, %(delta)s), (2, %(source)s, %(of_source)s, '{{}}'::jsonb))
        AS entry (place, customer_id, said, delta)
    ORDER BY entry.place),
news AS (
    INSERT INTO contacts_event (tenant_id, kind, customer_id, "by", at, body)
    SELECT %(tenant)s, '{Event.Kind.MERGED}', %(target)s, %(by)s, %(at)s,
           %(members)s || jsonb_build_object('merge', journal, 'source', %(source)s) FROM standing, announced)
SELECT journal FROM standing
"""


@dataclass(frozen=True, slots=True)
class _Bridge:
    """Two customers as read: `moved` is to become `kept`, whose golden record is `golden` then."""

    kept: Neighbour
    moved: Neighbour
    golden: Facts

    @classmethod
    def of(cls, kept: Neighbour, moved: Neighbour) -> _Bridge:
        return cls(kept, moved, survivorship.resolve([*kept.contacts, *moved.contacts]).facts)

    @property
    def said(self) -> list[Facts]:
        """All that is said of the two, and what is known of them now and then."""
        held = [held.facts for held in (*self.kept.contacts, *self.moved.contacts)]
        return [*held, self.kept.golden, self.moved.golden, self.golden]

    def joining(self, question: Question, memory: Mapping[str, Any], *, by: str, at: datetime) -> Statement:
        """Makes them one and tells the journal's id, or writes nothing and tells none."""
        kept, moved, facts = self.kept, self.moved, question.record.facts
        delta = difference(kept.golden, self.golden)
        golden = {**self.golden._asdict(), "attributes": document(self.golden.attributes)}
        parameters = {
            **memory,
            **{f"golden_{name}": value for name, value in golden.items()},
            "tenant": question.tenant.pk,
            "email": facts.email,
            "phone": facts.phone,
            "said": attributes_said(self.said),
            "target": kept.customer_id,
            "target_version": kept.version,
            "source": moved.customer_id,
            "source_version": moved.version,
            "ones": kept.contact_ids,
            "others": moved.contact_ids,
            "trace": document({"pairs": [], "redirected": [], "delta": delta}),
            "delta": document(delta),
            "of_target": document(said_of_target(moved)),
            "of_source": document(said_of_source(kept)),
            "members": document(change_of_members(kept, moved)),
            "by": by,
            "at": at,
        }
        return Prepared(_JOIN, parameters)


def join_if_unchanged(foreseen: Decision, question: Question, *, by: str) -> CheckedOut | None:
    """The bridge that was foreseen without locks, by the policy of the shared identifier.

    None, and nothing is written, where that takes more than the rows of two nameless customers, something has changed,
    or somebody else holds one of them.
    """
    memory = remembered_rows(question.tenant)
    # What fails within another's transaction would take that along.
    if memory is None or connection.in_atomic_block:
        return None
    bridge = _foreseen(foreseen)
    if bridge is None or _has_keys(bridge, question.tenant):
        return None
    kept, moved = bridge.kept, bridge.moved
    joining = bridge.joining(question, memory, by=by, at=clock.now())
    holding = Prepared(_HOLD, {"target": kept.customer_id, "source": moved.customer_id})
    try:
        in_one_trip(taking_strong(question.tenant, question.locks), holding, joining)
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            return None
        raise
    return CheckedOut("merged", kept.customer_id, [kept, moved]) if joining.rows else None


def _foreseen(decision: Decision) -> _Bridge | None:
    """The two, where nobody else is concerned and nothing is added."""
    attach, known = decision.outcome, decision.known
    if not isinstance(attach, Attach) or attach.basis is not None or len(known.neighbours) != 2 or known.capped:
        return None
    return _Bridge.of(attach.neighbour, attach.fold[0]) if attach.fold else None


def _has_keys(bridge: _Bridge, tenant: Tenant) -> bool:
    """Whether keys of the two are to be stored, or somebody has a name, which merge protection may be about."""
    model, said = remembered_model(tenant), bridge.said
    if model is None or any(facts.named for facts in said):
        return True
    index_keys = (model.plan.index_keys(facts, scope=tenant.pk) for facts in said)
    return any(index_keys) or kept_as_remembered(tenant, attributes_said(said))

"""What a chunk of records needs before it is read: its locks, ids for its contacts, and the lookups."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matching import lookup_index
from matching.bulk.incoming import Incoming
from matching.deciding import Question
from matching.locks import TAKE, TAKE_ALL, alone, together
from matching.lookup_keys import LookupRule
from sources.models import Tenant
from sources.round_trips import Statement, run

# Up to so many records are locked value by value; a larger chunk locks all values of the tenant by one lock. PostgreSQL
# has room for some 6,400 locks as it is delivered, and a record needs about four.
FEW = 200

_RESERVE = "SELECT nextval('contacts_contact_id_seq') FROM generate_series(1, %(contacts)s)"


@dataclass(frozen=True, slots=True)
class Begun:
    contact_ids: Sequence[int]
    lookups: tuple[LookupRule, ...]


def begin(records: Sequence[Incoming], question: Callable[[Incoming], Question], *, tenant: Tenant) -> Begun:
    """Take the locks: nobody else decides on any of these values until the transaction ends."""
    reserving = Statement(_RESERVE, {"contacts": len(records)})
    lookups = lookup_index.keyed_lookups(tenant)
    run(_locking(records, question, tenant=tenant), reserving, lookups)
    return Begun([row[0] for row in reserving.rows], lookup_index.rules(lookups.rows))


def _locking(records: Sequence[Incoming], question: Callable[[Incoming], Question], *, tenant: Tenant) -> Statement:
    if len(records) > FEW:
        return Statement(TAKE_ALL, alone(tenant))
    return Statement(TAKE, together(tenant, (lock for each in records for lock in question(each).locks)))

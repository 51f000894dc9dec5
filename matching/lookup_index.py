"""The index of the lookups: which customer is found by which key, and who holds a key that can be one customer's only.

The first customer with a key of a unique lookup holds it; whoever comes later with the same value, at whatever door, is
stored and waits in line. When the holder loses the value, is merged away or deleted, the oldest in line gets the key.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from matching.lookup_keys import FIELD_OF, REMOVING, UNIQUE, LookupEntry, LookupRule
from sources.models import Tenant
from sources.round_trips import Prepared, Statement, run

# Attributes that have indexes of their own, written out: as a parameter they would be read anew for each submission.
_SERVED = f"""'{{{",".join(FIELD_OF)}}}'"""
_KEYED = f"""
SELECT id, name, attributes, kind, state FROM matching_lookup
WHERE tenant_id = %(tenant)s AND state <> '{REMOVING}' AND (kind = '{UNIQUE}' OR attributes[1] <> ALL({_SERVED}))
"""

# The same as one JSON value, for a statement that reads other things as well.
KEYED_IN_ONE = f"""
(SELECT coalesce(json_agg(json_build_array(id, name, attributes, kind, state)), '[]') FROM ({_KEYED}) AS keyed)::text
"""

# SQL: of somebody of whom only the attributes `said` are known, no lookup keeps a key. As LookupRule.keeps has it.
KEYLESS = f"""
NOT EXISTS (SELECT FROM matching_lookup WHERE tenant_id = %(tenant)s AND state <> '{REMOVING}' AND CASE kind
    WHEN '{UNIQUE}' THEN attributes <@ %(said)s
    ELSE attributes[1] = ANY(%(said)s) AND attributes[1] <> ALL({_SERVED}) END)
"""

_ENTRIES = """
unnest(%(entry_lookups)s::bigint[], %(entry_keys)s::uuid[], %(entry_customers)s::uuid[], %(entry_heads)s::uuid[],
       %(entry_unique)s::boolean[]) AS entry (lookup_id, key, customer_id, head, is_unique)
"""
# In the order of the keys, so that two writers of the same ones wait for each other and do not cross.
_CLAIM = f"""
INSERT INTO matching_lookupkey (lookup_id, key, customer_id, head, held)
SELECT lookup_id, key, customer_id, head, is_unique FROM {_ENTRIES} ORDER BY lookup_id, key, customer_id
ON CONFLICT DO NOTHING
"""
_QUEUE = f"""
INSERT INTO matching_lookupkey (lookup_id, key, customer_id, head, held)
SELECT lookup_id, key, customer_id, head, false FROM {_ENTRIES} WHERE is_unique
ORDER BY lookup_id, key, customer_id
ON CONFLICT DO NOTHING
RETURNING lookup_id, key
"""
# Of a key that its holder gives up, the oldest in line becomes the holder.
_RELEASE = f"""
WITH released AS (
    DELETE FROM matching_lookupkey AS stored WHERE customer_id = %(released)s AND NOT EXISTS (
        SELECT 1 FROM {_ENTRIES} WHERE entry.lookup_id = stored.lookup_id AND entry.key = stored.key)
    RETURNING lookup_id, key, held)
UPDATE matching_lookupkey AS stored SET held = true
FROM (SELECT DISTINCT ON (line.lookup_id, line.key) line.lookup_id, line.key, line.customer_id
      FROM released AS freed
      JOIN matching_lookupkey AS line ON line.lookup_id = freed.lookup_id AND line.key = freed.key
      WHERE freed.held AND line.customer_id <> %(released)s
      ORDER BY line.lookup_id, line.key, line.customer_id) AS heir
WHERE stored.lookup_id = heir.lookup_id AND stored.key = heir.key AND stored.customer_id = heir.customer_id
"""
_MAKE_ROOM = """
DELETE FROM matching_lookupkey AS stored USING matching_lookupkey AS given
WHERE stored.customer_id = %(heir)s AND NOT stored.held AND given.customer_id = %(giver)s AND given.held
  AND given.lookup_id = stored.lookup_id AND given.key = stored.key
"""
_GIVE = "UPDATE matching_lookupkey SET customer_id = %(heir)s WHERE customer_id = %(giver)s AND held"
_HOLDERS = """
SELECT stored.customer_id FROM unnest(%(lost_lookups)s::bigint[], %(lost_keys)s::uuid[]) AS lost (lookup_id, key)
JOIN matching_lookupkey AS stored ON stored.lookup_id = lost.lookup_id AND stored.key = lost.key AND stored.held
"""

# Who comes to a key of a unique lookup, or leaves it, does so alone: of two at once, neither would see the other, and
# the key could be left to nobody. These locks are the last that a verb waits for.
_ALONE = f"""
SELECT count(pg_advisory_xact_lock(lock)) FROM (
    SELECT DISTINCT hashtextextended(lookup_id || ':' || key, 0) & 9223372036854775807 AS lock FROM (
        SELECT lookup_id, key FROM {_ENTRIES} WHERE is_unique
        UNION ALL
        SELECT stored.lookup_id, stored.key FROM matching_lookupkey AS stored
        JOIN matching_lookup AS lookup ON lookup.id = stored.lookup_id AND lookup.kind = 'unique'
        WHERE stored.customer_id = %(released)s) AS concerned
    ORDER BY lock) AS locks
"""

LostKey = tuple[int, UUID]


def keyed_lookups(tenant: Tenant) -> Statement:
    """Reads the lookups that customers are stored under keys of, those under construction among them."""
    return Prepared(_KEYED, {"tenant": tenant.pk})


# What KEYED_IN_ONE told last, by the tenant's id and the time of its opening, which tells it from one that had its id
# before.
_remembered: dict[tuple[int, datetime], str] = {}


def kept_as_remembered(tenant: Tenant, said: Collection[str]) -> bool:
    """Whether a key of somebody of whom these attributes are known is to be kept, as far as is remembered.

    Where it is not, whoever writes has KEYLESS say so.
    """
    told = _remembered.get((tenant.pk, tenant.created_at))
    return told is not None and any(lookup.keeps(said) for lookup in rules_of(told))


def learnt(tenant: Tenant, told: str) -> tuple[LookupRule, ...]:
    """The lookups of which KEYED_IN_ONE has told."""
    _remembered[tenant.pk, tenant.created_at] = told
    return rules_of(told)


@lru_cache(maxsize=256)
def rules_of(told: str) -> tuple[LookupRule, ...]:
    return rules(json.loads(told))


def rules(rows: Iterable[Sequence[Any]]) -> tuple[LookupRule, ...]:
    return tuple(LookupRule(pk, name, tuple(attributes), kind, state) for pk, name, attributes, kind, state in rows)


def read_keyed(tenant: Tenant) -> tuple[LookupRule, ...]:
    statement = keyed_lookups(tenant)
    run(statement)
    return rules(statement.rows)


@dataclass(frozen=True, slots=True)
class Claims:
    """The `statements` that store customers under their keys; `queue` among them tells which keys others hold."""

    statements: Sequence[Statement] = ()
    queue: Statement | None = None

    def lost(self) -> list[LostKey]:
        """The keys that others hold; known once the statements have run."""
        return [(row[0], row[1]) for row in self.queue.rows] if self.queue else []


def claims(wanted: Sequence[tuple[UUID, LookupEntry]], *, before: Sequence[Statement] = ()) -> Claims:
    """Store each of these customers under its entry as well, after `before`; no entries are no statements."""
    if not wanted:
        return Claims(before)
    parameters = _parameters(wanted)
    claim = Prepared(_CLAIM, parameters)
    if not any(entry.unique for _, entry in wanted):
        return Claims([*before, claim])
    queue = Prepared(_QUEUE, parameters, awaited=True)
    # What comes before has locked the keys of these entries, too.
    locking = [] if before else [Prepared(_ALONE, {**parameters, "released": None})]
    return Claims([*locking, *before, claim, queue], queue)


def run_claims(claimed: Claims) -> None:
    run(*claimed.statements)


def _parameters(wanted: Sequence[tuple[UUID, LookupEntry]]) -> dict[str, list[Any]]:
    return {
        "entry_lookups": [entry.lookup_id for _, entry in wanted],
        "entry_keys": [entry.key for _, entry in wanted],
        "entry_customers": [customer for customer, _ in wanted],
        "entry_heads": [entry.head for _, entry in wanted],
        "entry_unique": [entry.unique for _, entry in wanted],
    }


def restating(customer_id: UUID, entries: Sequence[LookupEntry]) -> Claims:
    """Store a customer under these entries and no others."""
    wanted = [(customer_id, entry) for entry in entries]
    parameters = {"released": customer_id, **_parameters(wanted)}
    return claims(wanted, before=[Prepared(_ALONE, parameters), Prepared(_RELEASE, parameters)])


def handing_over(*, giver: UUID, heir: UUID) -> list[Statement]:
    """What one customer holds is another's from now on."""
    sides = {"giver": giver, "heir": heir}
    return [Prepared(_MAKE_ROOM, sides), Prepared(_GIVE, sides)]


def holders(lost: Collection[LostKey]) -> set[UUID]:
    """The customers that hold these keys."""
    if not lost:
        return set()
    lookups, keys = zip(*lost, strict=True)
    statement = Prepared(_HOLDERS, {"lost_lookups": list(lookups), "lost_keys": list(keys)})
    run(statement)
    return {row[0] for row in statement.rows}

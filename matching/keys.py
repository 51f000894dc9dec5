"""The keys under which customers are stored, kept in step with their contacts: match keys, and those of lookups."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from contacts.history import Chronicle
from contacts.models import Customer
from contacts.record import Facts
from matching import lookup_index
from matching.lookup_index import Claims, LostKey
from matching.lookup_keys import LookupRule, entries
from matching.plan import Plan
from sources.models import Tenant
from sources.round_trips import Prepared, run

_ADD = """
INSERT INTO matching_matchkey (key, customer_id)
SELECT key, %(keys_of)s FROM unnest(%(match_keys)s::bigint[]) AS key ON CONFLICT DO NOTHING
"""
_REMOVE = "DELETE FROM matching_matchkey WHERE customer_id = %(keys_of)s AND key <> ALL(%(match_keys)s::bigint[])"


def add(customer_id: UUID, statements: Iterable[Facts], *, tenant: Tenant, plan: Plan, chronicle: Chronicle) -> None:
    """Store a customer under the match keys of these facts as well, with what the chronicle writes.

    Complete records have none: nothing is written.
    """
    if wanted := _keys(statements, tenant=tenant, plan=plan):
        chronicle.beside.append(Prepared(_ADD, {"keys_of": customer_id, "match_keys": wanted}))


def claim(
    customer_id: UUID, statements: Sequence[Facts], *, lookups: Sequence[LookupRule], chronicle: Chronicle
) -> Claims:
    """Store a customer of whom all this is said under the keys of the lookups, with what the chronicle writes.

    `lookups` were read in this transaction, so that a lookup made meanwhile is not missed.
    """
    claims = lookup_index.claims([(customer_id, entry) for entry in entries(lookups, statements)])
    chronicle.beside += claims.statements
    return claims


def restate(
    customer_id: UUID, said: Sequence[Facts], *, golden: Facts | None = None, tenant: Tenant, plan: Plan
) -> list[LostKey]:
    """Store a customer under the keys of these facts, which are all there is, and no others.

    Lookups go by what the records say alone: `golden` may have a pinned value that none of them says any more.
    Returns the keys of unique lookups that others hold.
    """
    lookups = lookup_index.read_keyed(tenant)
    restated = restating(customer_id, said, golden=golden, lookups=lookups, tenant=tenant, plan=plan)
    run(*restated.statements)
    return restated.lost()


def restating(
    customer_id: UUID,
    said: Sequence[Facts],
    *,
    golden: Facts | None,
    lookups: Sequence[LookupRule],
    tenant: Tenant,
    plan: Plan,
) -> Claims:
    """The statements of `restate`. `lookups` were read in this transaction: where there are none, no key is of any."""
    wanted = _keys([golden, *said] if golden else said, tenant=tenant, plan=plan)
    parameters = {"keys_of": customer_id, "match_keys": wanted}
    match_keys = [Prepared(_REMOVE, parameters), *([Prepared(_ADD, parameters)] if wanted else [])]
    restated = lookup_index.restating(customer_id, entries(lookups, said)) if lookups else Claims()
    return Claims([*match_keys, *restated.statements], restated.queue)


def inherit(
    heir: Customer,
    giver: Customer,
    said: Sequence[Facts],
    *,
    lookups: Sequence[LookupRule],
    plan: Plan,
    chronicle: Chronicle,
) -> None:
    """A customer is merged into another: its keys go, but those of unique lookups that it holds, which are inherited.

    `said` is what is said of both, `lookups` were read in this transaction. Written by the chronicle.
    """
    tenant, entered = chronicle.tenant, entries(lookups, said)
    wanted = _keys([heir.facts, *said], tenant=tenant, plan=plan)
    removing = [Prepared(_REMOVE, {"keys_of": giver.pk, "match_keys": []})]
    removing.append(Prepared(_REMOVE, {"keys_of": heir.pk, "match_keys": wanted}))
    chronicle.beside += removing
    if wanted:
        chronicle.beside.append(Prepared(_ADD, {"keys_of": heir.pk, "match_keys": wanted}))
    if entered:
        chronicle.beside += lookup_index.handing_over(giver=giver.pk, heir=heir.pk)
        chronicle.beside += lookup_index.restating(giver.pk, []).statements
        chronicle.beside += lookup_index.restating(heir.pk, entered).statements


def _keys(statements: Iterable[Facts], *, tenant: Tenant, plan: Plan) -> list[int]:
    return sorted({key.value for facts in statements for key in plan.index_keys(facts, scope=tenant.pk)})

"""The order in which every verb takes its locks, so that no two can wait for each other.

1. Advisory transaction locks on strong keys: e-mail, phone, source key, match keys; each value on its own, sorted.
   Before them, in shared mode, the tenant's one lock for all of them: a large chunk of records (matching.bulk) takes
   that one alone, by itself, as PostgreSQL has no room for tens of thousands of locks.
2. Live customers, `FOR NO KEY UPDATE`, in id order. One that was merged away is written under its survivor's lock.
   Whatever row of theirs is needed when others are held already is not waited for (`lock_late`): a merged one too, as
   whoever waited for it while it was alive may hold it.
3. Contacts, and 4. candidate pairs: written under their customer's lock, so they need none of their own.
5. The tenant's verdicts (matching.constraints): nobody who holds this lock waits for another.

Whoever decides on what an e-mail (or another strong key) belongs to holds its lock from before reading until the
commit; whoever changes what a customer holds has the customer's lock and raises its version. A decision may lock the
few customers of its strong keys before it reads them (matching.search). Of the others it read the version with the
contacts, and locks them late when it knows whom it concerns, a single one with the writing: where another version is
locked by then than was read, or somebody else holds one, the verb starts over (`Restart`) and locks all whom it may
reach beforehand. A chunk of records locks nobody before it reads, and everybody late.

Customers are waited for once in a transaction. PostgreSQL locks a row that it waited for before it looks at the
conditions again: who was given nothing, as the customer is gone by then, holds its row all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any
from uuid import UUID

from django.db import OperationalError
from psycopg.errors import LockNotAvailable

from contacts.models import Customer
from contacts.rows import read_back, selected
from contacts.transactions import OR_RESTART, Restart
from sources.models import Tenant
from sources.round_trips import Prepared, Statement, run

_TAKE = "SELECT count(pg_advisory_xact_lock(key)) FROM unnest(%(locks)s::bigint[]) AS key"
# For the parameters of `together`, and of `alone`.
TAKE = """
SELECT count(CASE WHEN key = %(every)s THEN pg_advisory_xact_lock_shared(key)::text
                  ELSE pg_advisory_xact_lock(key)::text END)
FROM unnest(%(locks)s::bigint[]) AS key
"""
TAKE_ALL = "SELECT pg_advisory_xact_lock(%(every)s)"
_HOLD = f"""
SELECT {selected(Customer)} FROM contacts_customer AS customer
WHERE tenant_id = %(tenant)s AND deleted_at IS NULL AND {{which}} ORDER BY id FOR NO KEY UPDATE {{late}}
"""
_LATE = f"""
SELECT {selected(Customer)} FROM contacts_customer AS customer
WHERE tenant_id = %(tenant)s AND id = ANY(%(customers)s::uuid[]) ORDER BY id FOR NO KEY UPDATE NOWAIT
"""
_MERGED = "SELECT id FROM contacts_customer WHERE merged_into_id = %(survivor)s ORDER BY id FOR NO KEY UPDATE NOWAIT"
_LISTED = _HOLD.format(which="id = ANY(%(customers)s::uuid[])", late="")
_UNCHANGED = f"""
{OR_RESTART.format(condition="count(*) = 1")} FROM (
    SELECT FROM contacts_customer WHERE id = %(unchanged)s AND version = %(version)s AND deleted_at IS NULL
    FOR NO KEY UPDATE SKIP LOCKED) AS locked
"""
_VERSIONS = """
SELECT id, version FROM contacts_customer
WHERE id = ANY(%(many)s::uuid[]) AND deleted_at IS NULL ORDER BY id FOR NO KEY UPDATE {late}
"""


def strong_key(tenant: Tenant, kind: str, value: str) -> int:
    """The advisory lock of one value: at or above zero, as contacts.events has the negative numbers."""
    text = f"{tenant.id}\0{kind}\0{value}"
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


def together(tenant: Tenant, keys: Iterable[int]) -> dict[str, Any]:
    """For TAKE: these strong keys, in sorted order, while others of the tenant hold other ones."""
    every = _every_strong_key(tenant)
    return {"every": every, "locks": [every, *sorted(set(keys))]}


def alone(tenant: Tenant) -> dict[str, Any]:
    """For TAKE_ALL: all strong keys of the tenant, those too that nobody has used yet."""
    return {"every": _every_strong_key(tenant)}


def _every_strong_key(tenant: Tenant) -> int:
    return strong_key(tenant, "every", "")


def take(keys: Iterable[int]) -> None:
    """Wait for advisory locks, in one statement and in sorted order; held until the transaction ends."""
    run(Prepared(_TAKE, {"locks": sorted(set(keys))}))


def take_strong(tenant: Tenant, keys: Iterable[int]) -> None:
    """Wait for the locks of strong keys; held until the transaction ends."""
    run(taking_strong(tenant, keys))


def taking_strong(tenant: Tenant, keys: Iterable[int]) -> Statement:
    return Prepared(TAKE, together(tenant, keys))


def lock_customers(tenant: Tenant, ids: Iterable[UUID]) -> dict[UUID, Customer]:
    """The tenant's live customers of these ids, locked in id order; what is not there or gone is left out."""
    holding = Prepared(_LISTED, {"tenant": tenant.pk, "customers": sorted(set(ids))})
    run(holding)
    return held(holding)


def holding_those(which: str, parameters: Mapping[str, Any], *, late: bool = False) -> Statement:
    """Locks the live customers of a tenant of which this SQL condition is true; `held` tells whom.

    `late`, while others are held, it waits for nobody: to be run by `run_or_restart`.
    """
    return Prepared(_HOLD.format(which=which, late="NOWAIT" if late else ""), parameters)


def held(holding: Statement) -> dict[UUID, Customer]:
    return {customer.pk: customer for customer in read_back(Customer, holding.rows)}


def lock_late(tenant: Tenant, ids: Iterable[UUID], *, besides: Sequence[Statement] = ()) -> dict[UUID, Customer]:
    """Lock customers, live or not, while others are held. Raises Restart where somebody else holds one of them.

    `besides` are statements that travel with it and come after it.
    """
    locking = Prepared(_LATE, {"tenant": tenant.pk, "customers": sorted(set(ids))})
    run_or_restart([locking, *besides])
    return held(locking)


def locking_merged_into(survivor: UUID) -> Statement:
    """Reads and locks the ids of those merged into this customer, late; to be run by `run_or_restart`."""
    return Prepared(_MERGED, {"survivor": survivor})


def run_or_restart(statements: Sequence[Statement]) -> None:
    """Raises Restart where somebody else holds what these statements do not wait for."""
    try:
        run(*statements)
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise Restart from error
        raise


def lock_as_read(tenant: Tenant, versions: Mapping[UUID, int], *, also: Iterable[UUID] = ()) -> dict[UUID, Customer]:
    """Lock customers that were read at these versions, and others `also`, which the caller reads under the lock.

    Raises Restart when one of the former has changed.
    """
    locked = lock_customers(tenant, [*versions, *also])
    _check(versions, locked)
    return locked


def lock_as_read_late(
    tenant: Tenant,
    versions: Mapping[UUID, int],
    *,
    also: Iterable[UUID] = (),
    besides: Sequence[Statement] = (),
) -> dict[UUID, Customer]:
    """The same while others may be held. Raises Restart, too, where somebody else holds one of them.

    `besides` are statements that travel with it and come after it.
    """
    late = lock_late(tenant, [*versions, *also], besides=besides)
    locked = {pk: customer for pk, customer in late.items() if customer.deleted_at is None}
    _check(versions, locked)
    return locked


def still_as_read(customer_id: UUID, version: int) -> Statement:
    """Locks a live customer that was read at this version, before what is written about it in the same message.

    It waits for nobody. Where it has changed, or somebody else holds it, the verb begins again (OR_RESTART).
    """
    return Prepared(_UNCHANGED, {"unchanged": customer_id, "version": version})


def wait_for(ids: Iterable[UUID]) -> set[UUID]:
    """Lock many customers before they are read, for a verb that holds none yet; tells which of them are live."""
    holding = _holding_many(ids, late="")
    run(holding)
    return {pk for pk, _ in holding.rows}


def lock_many_late(versions: Mapping[UUID, int], *, besides: Sequence[Statement] = ()) -> None:
    """As `lock_as_read_late`, of many that were read as the tenant's, and whose rows are not asked for."""
    if not versions:
        run(*besides)
        return
    holding = _holding_many(versions, late="NOWAIT")
    run_or_restart([holding, *besides])
    if dict(holding.rows) != versions:
        raise Restart


def _holding_many(ids: Iterable[UUID], *, late: str) -> Statement:
    return Statement(_VERSIONS.format(late=late), {"many": f"{{{','.join(map(str, ids))}}}"})


def _check(versions: Mapping[UUID, int], locked: Mapping[UUID, Customer]) -> None:
    if any(pk not in locked or locked[pk].version != version for pk, version in versions.items()):
        raise Restart

"""Building the index of a new lookup over the customers there are, beside all other work.

1. The lookup is committed as `building`: every verb that begins from then on keeps its keys, but it answers nothing.
2. Verbs that began before may not know of it: the build waits for the transactions under way to end, as PostgreSQL's
   CREATE INDEX CONCURRENTLY does. Nobody waits for the build.
3. Customers are stored batch by batch, each a transaction under the lock of its customers that also records how far it
   got. A build that was killed goes on from there, whoever runs it next; two runners take turns.
4. The lookup is `ready`, or, where it is unique and customers share a key, `failed`. Then its keys are still kept, so
   that the duplicates can be told and merged away, and `settle` can decide anew.

A build is a job (matching.tasks), asked for in the transaction that makes the lookup `building` or `removing`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from django.db import connection, transaction

from contacts.models import Customer
from contacts.transactions import verb
from matching import jobs
from matching.locks import lock_customers
from matching.lookup_index import claims, run_claims
from matching.lookup_keys import LookupEntry, entries
from matching.lookups import rule_of, subject_of
from matching.models import Lookup, LookupKey
from matching.rekeying import outlast_earlier_transactions
from matching.search import read_customers
from sources import deeds

BATCH = 200
REMOVED_AT_ONCE = 5_000

State = Lookup.State

_CLEAR = """
DELETE FROM matching_lookupkey WHERE (lookup_id, key, customer_id) IN (
    SELECT lookup_id, key, customer_id FROM matching_lookupkey WHERE lookup_id = %(lookup)s LIMIT %(most)s)
"""


def carry_out(lookup_id: int) -> None:
    """Whatever there is to do for the lookup. One that is removed while it is built is cleared by its removal's job."""
    lookup = Lookup.objects.filter(pk=lookup_id).first()
    if lookup and lookup.state == State.BUILDING:
        build(lookup)
    elif lookup and lookup.state == State.REMOVING:
        clear(lookup)


def build(lookup: Lookup, *, told: Callable[[Lookup], None] = lambda lookup: None) -> None:
    """Build the index to its end, from wherever it stands."""
    outlast_earlier_transactions()
    _count(lookup)
    while _next_batch(lookup.pk):
        lookup.refresh_from_db()
        told(lookup)


def _count(lookup: Lookup) -> None:
    """For the progress; customers that come while the index is built are not counted."""
    if lookup.customers_total is None:
        total = Customer.objects.of(lookup.tenant).live().count()
        Lookup.objects.filter(pk=lookup.pk, customers_total=None).update(customers_total=total)


@verb
def _next_batch(lookup_id: int) -> bool:
    """Store the next customers; returns whether there may be more. The row's lock makes two runners take turns."""
    lookup = Lookup.objects.select_for_update().select_related("tenant").get(pk=lookup_id)
    if lookup.state != State.BUILDING:
        return False
    rows = Customer.objects.of(lookup.tenant).live().order_by("pk")
    if lookup.built_up_to is not None:
        rows = rows.filter(pk__gt=lookup.built_up_to)
    batch = list(rows.values_list("pk", flat=True)[:BATCH])
    if not batch:
        lookup.state = _verdict(lookup)
        lookup.save(update_fields=["state"])
        return False
    run_claims(claims(_entries_of(lookup, batch)))
    lookup.built_up_to, lookup.customers_built = batch[-1], lookup.customers_built + len(batch)
    lookup.save(update_fields=["built_up_to", "customers_built"])
    return True


def _entries_of(lookup: Lookup, batch: Sequence[UUID]) -> list[tuple[UUID, LookupEntry]]:
    """Under the customers' locks, so that none of them changes between being read and being stored."""
    lock_customers(lookup.tenant, batch)
    rule = rule_of(lookup)
    return [
        (customer, entry)
        for customer, neighbour in read_customers(lookup.tenant, batch).items()
        for entry in entries([rule], [held.facts for held in neighbour.contacts])
    ]


def _verdict(lookup: Lookup) -> Lookup.State:
    shared = lookup.kind == Lookup.Kind.UNIQUE and LookupKey.objects.filter(lookup=lookup, held=False).exists()
    return State.FAILED if shared else State.READY


@verb
def settle(lookup_id: int, *, by: str) -> Lookup:
    """Put a failed lookup in force once its duplicates are gone. A build that has no end in sight is asked for anew."""
    lookup = Lookup.objects.select_for_update().get(pk=lookup_id)
    before = {"state": lookup.state}
    if lookup.state == State.FAILED:
        lookup.state = _verdict(lookup)
        lookup.save(update_fields=["state"])
        after = {"state": lookup.state}
        deeds.record_change(subject_of(lookup), tenant=lookup.tenant, by=by, before=before, after=after)
    elif lookup.state in (State.BUILDING, State.REMOVING):
        jobs.build_lookup(lookup.pk)
    return lookup


def clear(lookup: Lookup) -> None:
    """Delete a lookup that is being removed, once nobody can add keys to it any more."""
    outlast_earlier_transactions()
    while _cleared(lookup):
        pass
    with transaction.atomic():
        Lookup.objects.filter(pk=lookup.pk, state=State.REMOVING).delete()


def _cleared(lookup: Lookup) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_CLEAR, {"lookup": lookup.pk, "most": REMOVED_AT_ONCE})
        return int(cursor.rowcount)

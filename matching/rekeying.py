"""Storing customers under the keys of another model before that model is in force, so that nobody is ever overlooked.

The order matters:

1. A KeyBuild says that every verb stores customers under both models' keys (matching.active). It is committed.
2. Verbs that began before may not know of it: wait until they have ended.
3. Go through all customers and store them under both. Whoever comes or changes meanwhile is stored under both anyway.
4. Put the new model in force. The old one's keys are still stored, for verbs that began to look by them.
5. Wait until those have ended, and store under the old model's keys no longer.

Each step can be repeated: a build that was broken off is continued where it stood.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction

from contacts.models import Customer
from contacts.transactions import verb
from matching.active import active_model
from matching.locks import lock_customers, strong_key
from matching.models import KeyBuild, MatchModel
from matching.search import read_customers
from sources import deeds
from sources.deeds import Subject
from sources.models import Deed, Tenant

BATCH = 200
POLL_SECONDS = 0.05
# The connection past a pooler (identity.settings.database), where there is one.
DIRECT = "direct"

Report = Callable[[int, int], None]
"""Called with the customers done and how many there are."""

_EARLIER = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
  AND xact_start <= %s
"""
_REMOVE = """
DELETE FROM matching_matchkey AS stored
WHERE customer_id = ANY(%(customers)s) AND NOT EXISTS (
    SELECT FROM unnest(%(keys)s::bigint[], %(owners)s::uuid[]) AS wanted (key, customer_id)
    WHERE wanted.key = stored.key AND wanted.customer_id = stored.customer_id)
"""
_ADD = """
INSERT INTO matching_matchkey (key, customer_id)
SELECT * FROM unnest(%(keys)s::bigint[], %(owners)s::uuid[]) ON CONFLICT DO NOTHING
"""


def finish(tenant: Tenant, *, report: Report | None = None) -> bool:
    """Carry a build to its end; False where there is none, or another process is at it.

    Not for use inside a transaction.
    """
    with _alone(tenant) as alone:
        build = KeyBuild.objects.filter(tenant=tenant).first() if alone else None
        if build is None:
            return False
        if build.stage == KeyBuild.Stage.BUILDING:
            outlast_earlier_transactions()
            if not _go_through(build, report) or not _switch(tenant):
                return False
        outlast_earlier_transactions()
        KeyBuild.objects.filter(tenant=tenant, stage=KeyBuild.Stage.LEAVING).delete()
        return True


@contextmanager
def _alone(tenant: Tenant) -> Iterator[bool]:
    """Whether no other process builds keys of this tenant; none will until the end of the block."""
    key = strong_key(tenant, "rekeying", "")
    # The lock belongs to a session, which behind a pooler lasts for a transaction only.
    session = connections[DIRECT if DIRECT in connections else DEFAULT_DB_ALIAS]
    with session.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        alone = bool(cursor.fetchone()[0])
    try:
        yield alone
    finally:
        if alone:
            with session.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])
        if DIRECT in connections:
            session.close()


def outlast_earlier_transactions() -> None:
    """Wait until every transaction that is open now has ended: later ones see what is committed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now = cursor.fetchone()[0]
        while True:
            cursor.execute(_EARLIER, [now])
            if not cursor.fetchone()[0]:
                return
            time.sleep(POLL_SECONDS)


def _go_through(build: KeyBuild, report: Report | None) -> bool:
    """False when the build was given up meanwhile."""
    tenant = build.tenant
    if build.total is None:
        build.total = Customer.objects.of(tenant).live().count()
        KeyBuild.objects.filter(pk=build.pk).update(total=build.total)
    while ids := _next(tenant, build.reached):
        if not _advance(build, ids):
            return False
        if report:
            report(min(build.done, build.total), build.total)
    return True


def _next(tenant: Tenant, reached: UUID | None) -> list[UUID]:
    rows = Customer.objects.of(tenant).live().order_by("pk")
    return list((rows.filter(pk__gt=reached) if reached else rows).values_list("pk", flat=True)[:BATCH])


@verb
def _advance(build: KeyBuild, ids: Sequence[UUID]) -> bool:
    rows = KeyBuild.objects.filter(pk=build.pk, stage=KeyBuild.Stage.BUILDING)
    if not rows.update(reached=ids[-1], done=build.done + len(ids)):
        return False
    store(ids, tenant=build.tenant)
    build.reached, build.done = ids[-1], build.done + len(ids)
    return True


def store(ids: Sequence[UUID], *, tenant: Tenant) -> None:
    """Store these live customers under the keys of what is said of them today, and no others. Part of a transaction."""
    locked = lock_customers(tenant, ids)
    pairs = sorted(due(tenant, list(locked)))
    parameters: dict[str, Any] = {
        "customers": list(locked),
        "keys": [key for key, _ in pairs],
        "owners": [customer for _, customer in pairs],
    }
    with connection.cursor() as cursor:
        cursor.execute(_REMOVE, parameters)
        cursor.execute(_ADD, parameters)


def due(tenant: Tenant, ids: Sequence[UUID]) -> set[tuple[int, UUID]]:
    """The keys that these customers are to be stored under, each with its customer. Deleted customers have none."""
    plan = active_model(tenant).plan
    return {
        (key.value, neighbour.customer_id)
        for neighbour in read_customers(tenant, ids).values()
        for facts in (neighbour.golden, *(held.facts for held in neighbour.contacts))
        for key in plan.index_keys(facts, scope=tenant.pk)
    }


@verb
def _switch(tenant: Tenant) -> bool:
    """Put the built version in force, and go on storing under the keys of the one before. False: given up meanwhile."""
    versions = {model.pk: model for model in MatchModel.objects.select_for_update().filter(tenant=tenant)}
    build = KeyBuild.objects.filter(tenant=tenant, stage=KeyBuild.Stage.BUILDING).first()
    if build is None:
        return False
    before = next(model for model in versions.values() if model.active)
    put_in_force(versions[build.model_id], by=build.begun_by, door=Deed.Door.WORKER)
    KeyBuild.objects.filter(pk=build.pk).update(model=before, stage=KeyBuild.Stage.LEAVING)
    return True


def put_in_force(model: MatchModel, *, by: str, door: Deed.Door | None = None) -> None:
    """Part of a verb that holds the tenant's versions, and knows that customers are stored under this one's keys."""
    before = MatchModel.objects.filter(tenant=model.tenant, active=True).values("version").first()
    after = {"version": model.version}
    deeds.record(
        Deed.Action.PUT_IN_FORCE, subject_of(model), tenant=model.tenant, by=by, before=before, after=after, door=door
    )
    MatchModel.objects.filter(tenant=model.tenant, active=True).exclude(pk=model.pk).update(active=False)
    MatchModel.objects.filter(pk=model.pk).update(active=True)
    model.active = True


def subject_of(model: MatchModel) -> Subject:
    return Subject(Deed.Kind.MODEL, model.pk, f"version {model.version}")


def rebuild(tenant: Tenant, *, report: Report | None = None) -> int:
    """Store every live customer anew under the keys of the model in force. Returns how many there were."""
    total, done, reached = Customer.objects.of(tenant).live().count(), 0, None
    while ids := _next(tenant, reached):
        with transaction.atomic():
            store(ids, tenant=tenant)
        done, reached = done + len(ids), ids[-1]
        if report:
            report(min(done, total), total)
    return done

"""The jobs of matching. Each goes on where it was broken off, and a second one of the same finds nothing to do."""

from __future__ import annotations

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from matching import earlier_keys, jobs, lookup_building, rekeying
from matching.models import KeyBuild
from sources.models import Tenant

# Seconds; whatever stood in the way, each attempt waits so much longer than the one before.
AGAIN = RetryStrategy(wait=5, linear_wait=5)


class BuiltElsewhere(Exception):
    """A process that is no worker is at the same build: what it leaves undone has still to be done."""


@app.task(name=jobs.LOOKUP, queue="indexes", retry=AGAIN)
def build_lookup(lookup_id: int) -> None:
    lookup_building.carry_out(lookup_id)


@app.task(name=jobs.KEYS, queue="indexes", retry=AGAIN)
def build_keys(tenant_id: int) -> None:
    tenant = Tenant.objects.filter(pk=tenant_id).first()
    if tenant and not rekeying.finish(tenant) and KeyBuild.objects.filter(tenant=tenant).exists():
        raise BuiltElsewhere


@app.task(name=jobs.RENEW, queue="indexes", retry=AGAIN)
def renew_keys() -> None:
    earlier_keys.renew()

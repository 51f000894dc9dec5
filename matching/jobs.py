"""Asking for indexes to be built: a job in the queue, there exactly when the transaction that asks is committed.

Asked by name, as what is asked for here is carried out by modules that import those who ask (matching.tasks).
"""

from __future__ import annotations

from contextlib import suppress

from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

LOOKUP, KEYS, RENEW = "lookups.build", "match_keys.build", "match_keys.renew"


def build_lookup(lookup_id: int) -> None:
    """Build its index to the end or, if it is being removed, clear it."""
    _ask(LOOKUP, f"lookup {lookup_id}", lookup_id=lookup_id)


def build_keys(tenant_id: int) -> None:
    """Put the tenant's model that is being prepared in force."""
    _ask(KEYS, f"match keys of tenant {tenant_id}", tenant_id=tenant_id)


def renew_keys() -> None:
    """Store customers anew where they lack match keys; asked by every worker that starts, and once is enough."""
    with suppress(AlreadyEnqueued):
        app.configure_task(RENEW, allow_unknown=False, lock=RENEW, queueing_lock=RENEW).defer()


def _ask(task: str, lock: str, **what: int) -> None:
    """Jobs of one lock come one after the other, so that the later one sees what the earlier left undone."""
    app.configure_task(task, allow_unknown=False, lock=lock).defer(**what)

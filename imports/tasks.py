"""The jobs of imports."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from imports.models import Block, Import
from imports.running import DatabaseLost, carry_out

# After so long an upload that never ended, or the file of a dry run that nobody followed up, is thrown away.
UNFINISHED_FOR = timedelta(days=1)
DRY_FOR = timedelta(days=7)


class CarriedOutElsewhere(Exception):
    """Another process is at the same import, or was until now: what it leaves undone has still to be done."""


_AGAIN = RetryStrategy(wait=60, retry_exceptions=[DatabaseLost, CarriedOutElsewhere])


@app.task(name="imports.carry_out", queue="imports", retry=_AGAIN)
def carry_out_import(import_id: int) -> None:
    """Several of one import do no harm: the one that comes second stops (imports.resolving).

    It is no less to be done for that. A worker that is silent while the database is away is taken for dead and its job
    begun again; were the job over with the first of the two that stops, nobody would go on once the other is killed.
    """
    if carry_out(import_id).state == Import.State.RUNNING:
        raise CarriedOutElsewhere


@app.periodic(cron="17 3 * * *")
@app.task(name="imports.sweep", queue="upkeep")
def sweep(timestamp: int) -> None:
    """Throw away files that nobody will ask for."""
    now = timezone.now()
    broken_off = Import.objects.filter(state=Import.State.RECEIVING, created_at__lt=now - UNFINISHED_FOR)
    dry = Import.objects.filter(state=Import.State.DONE, dry_run=True, finished_at__lt=now - DRY_FOR)
    with transaction.atomic():
        Block.objects.filter(
            imported__in=[*broken_off.values_list("pk", flat=True), *dry.values_list("pk", flat=True)]
        ).delete()
        broken_off.delete()

"""Jobs that look after the queue itself, and the upkeep that would otherwise be for cron."""

from __future__ import annotations

from django.core.management import call_command
from procrastinate import JobContext
from procrastinate.contrib.django import app

from matching import lookup_building, rekeying
from matching.models import KeyBuild


@app.periodic(cron="* * * * *")
@app.task(name="jobs.retry_stalled", queue="upkeep", queueing_lock="jobs.retry_stalled", pass_context=True)
async def retry_stalled(context: JobContext, timestamp: int) -> None:
    """Begin again what a worker left undone that has given no sign of life for half a minute."""
    for job in await context.app.job_manager.get_stalled_jobs():
        await context.app.job_manager.retry_job(job)


@app.periodic(cron="* * * * *")
@app.task(name="indexes.finish", queue="indexes", queueing_lock="indexes.finish", lock="indexes.finish")
def finish_indexes(timestamp: int) -> None:
    """Take up the building of lookups and match keys where a process that was at it is gone; several take turns."""
    lookup_building.run_pending()
    for build in KeyBuild.objects.select_related("tenant"):
        rekeying.finish(build.tenant)


@app.periodic(cron="41 3 * * *")
@app.task(name="answers.forget", queue="upkeep")
def forget_answers(timestamp: int) -> None:
    call_command("forget_answers")

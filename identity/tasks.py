"""Jobs that look after the queue itself, and the upkeep that would otherwise be for cron."""

from __future__ import annotations

from django.core.management import call_command
from procrastinate import JobContext
from procrastinate.contrib.django import app


@app.periodic(cron="* * * * *")
@app.task(name="jobs.retry_stalled", queue="upkeep", queueing_lock="jobs.retry_stalled", pass_context=True)
async def retry_stalled(context: JobContext, timestamp: int) -> None:
    """Begin again what a worker left undone that has given no sign of life for half a minute."""
    for job in await context.app.job_manager.get_stalled_jobs():
        await context.app.job_manager.retry_job(job)


@app.periodic(cron="41 3 * * *")
@app.task(name="answers.forget", queue="upkeep")
def forget_answers(timestamp: int) -> None:
    call_command("forget_answers")

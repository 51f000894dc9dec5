"""Jobs that look after the queue itself, and the upkeep that would otherwise be for cron."""

from __future__ import annotations

from django.core.management import call_command
from procrastinate import JobContext
from procrastinate.contrib.django import app

# Seconds: how often a worker gives a sign of life, and after how long without one it is taken for dead.
SIGN_OF_LIFE = 2.0
SILENT = 10.0


@app.periodic(cron="* * * * * */5")
@app.task(name="jobs.retry_stalled", queue="upkeep", queueing_lock="jobs.retry_stalled", pass_context=True)
async def retry_stalled(context: JobContext, timestamp: int) -> None:
    """Begin again what a worker left undone that is taken for dead. Comes every five seconds."""
    for job in await context.app.job_manager.get_stalled_jobs(seconds_since_heartbeat=SILENT):
        await context.app.job_manager.retry_job(job)


@app.periodic(cron="41 3 * * *")
@app.task(name="answers.forget", queue="upkeep")
def forget_answers(timestamp: int) -> None:
    call_command("forget_answers")

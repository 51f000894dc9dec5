"""Carrying out the jobs that wait in the queue, for tests that ask what becomes of them."""

from __future__ import annotations

from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob


def work(queue: str | None = None) -> int:
    """Do what waits, on this very connection: also within a test's own transaction. Returns how many jobs there were.

    A job is gone from the queue once it is done; where it fails, it stays, and the test hears why.
    """
    done = 0
    rows = ProcrastinateJob.objects.filter(status="todo").order_by("id")
    rows = rows.filter(queue_name=queue) if queue else rows
    while (job := rows.first()) is not None:
        app.tasks[job.task_name](**job.args)
        _forget(job.id)
        done += 1
    return done


def waiting() -> list[str]:
    """The names of the tasks asked for, in order."""
    return list(ProcrastinateJob.objects.filter(status="todo").order_by("id").values_list("task_name", flat=True))


def _forget(job: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [job])


def forget_jobs() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")

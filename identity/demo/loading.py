"""Taking the demo's story through the engine, step by step, from wherever an earlier load broke off."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from random import Random

from django.core.exceptions import ObjectDoesNotExist
from django.db import connection

from contacts import clock
from contacts.errors import DomainError
from contacts.models import Contact, Customer
from identity.demo import sources
from identity.demo.people import Census
from identity.demo.scenes import scripted_cases
from identity.demo.steps import Setting, Step, Submission, Verdict
from identity.demo.story import SEED, Story, ordinary_lives
from sources.models import SourceSystem, Tenant

# Steps after which the tables are several times larger than the query planner last knew.
GROWTH_SPURTS = (100, 400, 1600)

Report = Callable[[int, int], None]
"""Called with the steps taken and the steps in all."""

Warn = Callable[[Step, Exception], None]
"""Called with a step that was left out and why it does not fit."""


def written_story(people: int, *, today: datetime) -> tuple[list[Step], Verdict]:
    """All steps in the order of time, and the last of them. The same for every call but for its dates."""
    random = Random(SEED)  # noqa: S311  # a repeatable story, no secret
    end = datetime.combine(today.date(), time(7, 30), UTC) - timedelta(days=1)
    story = Story(end=end, random=random, census=Census(random))
    last = scripted_cases(story)
    ordinary_lives(story, people=people)
    return sorted(story.steps, key=lambda step: step.at), last


def is_wanted(tenant: Tenant) -> bool:
    """Whether the registry is empty, or holds a demo that was not loaded to its end."""
    if not Customer.objects.of(tenant).exists():
        return True
    return SourceSystem.objects.of(tenant).filter(created_by="demo").exists() and not is_complete(tenant)


def is_complete(tenant: Tenant) -> bool:
    _, last = written_story(0, today=datetime.now(UTC))
    source = SourceSystem.objects.of(tenant).filter(name=last.system, created_by="demo")
    contacts = Contact.objects.filter(source__in=source, source_key=last.key)
    return any(last.taken(contact) for contact in contacts)


def load(tenant: Tenant, *, people: int, report: Report, warn: Warn) -> int:
    """Take the steps that have not been taken; returns how many.

    What is held may come from a story told otherwise, by an older version, or have been decided on by whoever tried it
    out: a step that no longer fits is left out and told.
    """
    steps, _ = written_story(people, today=datetime.now(UTC))
    setting = Setting(tenant, sources.register(tenant))
    start = _first_open(steps, setting)
    with _quick_commits():
        for position, step in enumerate(steps[start:], start=start + 1):
            _take(step, setting, warn)
            if position in GROWTH_SPURTS or position == len(steps):
                _learn_sizes()
            report(position, len(steps))
    return len(steps) - start


def _take(step: Step, setting: Setting, warn: Warn) -> None:
    try:
        with clock.replaying(step.at):
            step.take(setting)
    except (DomainError, ObjectDoesNotExist) as error:
        warn(step, error)


@contextmanager
def _quick_commits() -> Iterator[None]:
    """Commits do not wait for the disk: what a power cut takes is loaded again by the next start."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")
        try:
            yield
        finally:
            cursor.execute("RESET synchronous_commit")


def _learn_sizes() -> None:
    """Tell the query planner how much there is by now; autovacuum would only come by after a minute."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _first_open(steps: Sequence[Step], setting: Setting) -> int:
    """The step after the last record that is held: steps are taken in order, so everything before it is done.

    What follows it up to the next new record may have been done as well; doing it again changes nothing.
    """
    ids = {source.pk: name for name, source in setting.sources.items()}
    rows = Contact.objects.filter(source__in=ids).values_list("source_id", "source_key")
    held = {(ids[source], key) for source, key in rows}
    start = 0
    met: set[tuple[str, str]] = set()
    for position, step in enumerate(steps, start=1):
        if isinstance(step, Submission) and (step.system, step.key) not in met:
            met.add((step.system, step.key))
            if (step.system, step.key) in held:
                start = position
    return start

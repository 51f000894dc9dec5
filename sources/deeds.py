"""The journal of administration: who changed which rule, when, through which door, from what to what.

A verb that changes a setting writes its deed in its own transaction. The door is known without being told: whoever
opens one says so for the length of a request (`through`). What is told holds no secrets and nobody's data: of people
and of values that are people's, how many there are.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.db.models import Max

from sources.errors import Stale
from sources.meanwhile import Meanwhile
from sources.models import Deed, Tenant

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Passage:
    """How somebody came in; `key`: the first characters of the API key, empty where it was none."""

    door: Deed.Door
    key: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a deed is about: its kind, its id among those, and what it is called."""

    kind: Deed.Kind
    pk: int
    name: str


_COMMAND = Passage(Deed.Door.COMMAND)
_passage: ContextVar[Passage] = ContextVar("how whoever acts came in", default=_COMMAND)


def through(door: Deed.Door) -> Meanwhile[Passage]:
    """Deeds within it are done through this door; outside of all they are a command's."""
    return Meanwhile(_passage, Passage(door))


def recognise(key: str) -> None:
    """The API key that whoever came through the door showed; until the end of `through`."""
    _passage.set(Passage(_passage.get().door, key))


def record(
    action: Deed.Action,
    subject: Subject,
    *,
    tenant: Tenant | None,
    by: str,
    before: Facts | None = None,
    after: Facts | None = None,
    door: Deed.Door | None = None,
) -> None:
    """Write a deed; part of the transaction that does it. `door`: where it is not the one that was come through."""
    passage = _passage.get() if door is None else Passage(door)
    Deed.objects.create(
        tenant=tenant,
        by=by,
        door=passage.door,
        key=passage.key,
        kind=subject.kind,
        subject_id=subject.pk,
        name=subject.name[: Deed.NAME_LIMIT],
        action=action,
        before=dict(before or {}),
        after=dict(after or {}),
    )


def record_change(subject: Subject, *, tenant: Tenant | None, by: str, before: Facts, after: Facts) -> None:
    """Write what differs; where nothing does, nothing was done."""
    differing = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    if differing:
        record(
            Deed.Action.CHANGED,
            subject,
            tenant=tenant,
            by=by,
            before={name: before[name] for name in differing if name in before},
            after={name: after[name] for name in differing if name in after},
        )


def counted(now: set[Any], then: set[Any], name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """How many there were and are, where who or what they are is not to be told: before and after, empty if alike."""
    if now == then:
        return {}, {}
    moved = {f"{name}_added": len(now - then), f"{name}_removed": len(then - now)}
    return {name: len(then)}, {name: len(now), **{word: number for word, number in moved.items() if number}}


class ChangedMeanwhile(Stale):
    """Somebody changed it after the deed that the caller had seen last."""

    def __init__(self, seen: int) -> None:
        super().__init__("Somebody has changed this since it was read. Nothing was done")
        self.seen = seen


def check(subject: Subject, seen: int | None) -> None:
    """Whether the subject stands as it did after that deed; None: however it stands. Raises ChangedMeanwhile.

    Part of a verb that holds the subject's lock.
    """
    if seen is not None and latest(subject.kind, subject.pk) != seen:
        raise ChangedMeanwhile(seen)


def latest(kind: Deed.Kind, pk: int) -> int:
    """The id of the latest deed about this subject, 0 where there is none: it stands for the state of its settings."""
    return Deed.objects.filter(kind=kind, subject_id=pk).aggregate(latest=Max("pk"))["latest"] or 0

"""The journal of administration as people read it: newest first, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from sources.models import Deed, Tenant

PAGE = 50
KIND_WORDS = {
    Deed.Kind.TENANT: "Tenant",
    Deed.Kind.SUBTENANT: "Subtenant",
    Deed.Kind.SOURCE: "Source",
    Deed.Kind.API_KEY: "API key",
    Deed.Kind.ACCOUNT: "Account",
    Deed.Kind.MEMBERSHIP: "Member",
    Deed.Kind.ATTRIBUTE: "Attribute",
    Deed.Kind.MEDIA_TYPE: "Media type",
    Deed.Kind.LOOKUP: "Lookup",
    Deed.Kind.MODEL: "Model",
}
ACTION_WORDS = {
    Deed.Action.MADE: "made",
    Deed.Action.CHANGED: "changed",
    Deed.Action.REMOVED: "removed",
    Deed.Action.PREPARED: "being prepared",
    Deed.Action.GIVEN_UP: "given up",
    Deed.Action.PUT_IN_FORCE: "put in force",
}
# Where something else is said of a kind.
OTHER_WORDS = {
    (Deed.Kind.SOURCE, Deed.Action.MADE): "registered",
    (Deed.Kind.SOURCE, Deed.Action.REMOVED): "retired",
    (Deed.Kind.API_KEY, Deed.Action.REMOVED): "revoked",
    (Deed.Kind.TENANT, Deed.Action.MADE): "opened",
    (Deed.Kind.SUBTENANT, Deed.Action.MADE): "opened",
    (Deed.Kind.MEMBERSHIP, Deed.Action.MADE): "let in",
}
DOOR_WORDS = {
    Deed.Door.API: "API",
    Deed.Door.CONSOLE: "Console",
    Deed.Door.ADMIN: "Django's admin",
    Deed.Door.COMMAND: "Command line",
    Deed.Door.WORKER: "Worker",
    Deed.Door.UNKNOWN: "Not recorded",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the journal is asked for; None and empty: any. `before` is a deed's id, from the page before."""

    by: str = ""
    kind: str = ""
    door: str = ""
    name: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before: int = 0


def deeds(tenant: Tenant, wanted: Wanted) -> list[Deed]:
    """PAGE of them and one more, newest first."""
    asked = {
        "by": wanted.by,
        "kind": wanted.kind,
        "door": wanted.door,
        "name": wanted.name,
        "at__gte": wanted.since,
        "at__lt": wanted.until,
        "id__lt": wanted.before,
    }
    rows = Deed.objects.filter(tenant=tenant, **{name: value for name, value in asked.items() if value})
    return list(rows.order_by("-id")[: PAGE + 1])


def since(kind: Deed.Kind, pk: int, seen: int) -> QuerySet[Deed]:
    """What was done to this subject after the deed of that id, the first first."""
    return Deed.objects.filter(kind=kind, subject_id=pk, id__gt=seen).order_by("id")


def sentence(deed: Deed) -> str:
    kind, action = Deed.Kind(deed.kind), Deed.Action(deed.action)
    return f"{KIND_WORDS[kind]} {deed.name} {OTHER_WORDS.get((kind, action)) or ACTION_WORDS[action]}"


# As the forms call what its name does not say.
_LABELS = {"entra_ad_group": "Microsoft Entra group"}


@dataclass(frozen=True, slots=True)
class Difference:
    """A setting before and after, as text; None where nothing is told of it."""

    label: str
    before: str | None
    after: str | None


def differences(deed: Deed) -> list[Difference]:
    names = [*deed.before, *(name for name in deed.after if name not in deed.before)]
    return [Difference(_label(name), _text(deed.before, name), _text(deed.after, name)) for name in names]


def _label(name: str) -> str:
    text = _LABELS.get(name) or name.replace("_", " ")
    return text[:1].upper() + text[1:]


def _text(facts: Mapping[str, Any], name: str) -> str | None:
    if name not in facts:
        return None
    value = facts[name]
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(str(each) for each in value) or "none"
    return "none" if value in (None, "") else str(value)

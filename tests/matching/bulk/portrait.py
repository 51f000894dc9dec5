"""All that a registry holds, told without ids and times: two that came about in the same way have equal portraits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Model

from contacts.models import Change, Contact, Customer, Event
from matching.applying import Identified, SourceKeyCollision
from matching.models import CandidatePair, Constraint, LookupKey, MatchKey, Merge

TABLES: tuple[type[Model], ...] = (Customer, Contact, CandidatePair, Merge, Constraint, Change, Event)
# Where a number in a body is an id, and of what.
IDS = {
    "contact": "Contact",
    "against": "Contact",
    "candidate": "CandidatePair",
    "id": "CandidatePair",
    "merge": "Merge",
    "merge_id": "Merge",
}
LISTS = {"before", "after", "contacts"}


class Names:
    """What each row is called: its table and its place in the order of ids. Ids are given out in order."""

    def __init__(self) -> None:
        self._names: dict[object, str] = {}
        for model in TABLES:
            for place, pk in enumerate(model._default_manager.order_by("pk").values_list("pk", flat=True)):
                self._names[pk if isinstance(pk, UUID) else (model.__name__, pk)] = f"{model.__name__} {place}"

    def of(self, table: str, pk: object) -> object:
        return None if pk is None else self._names[pk if isinstance(pk, UUID) else (table, pk)]

    def told(self, value: Any, key: str = "") -> Any:
        """A value from a row or a body, with names in place of ids."""
        if isinstance(value, Mapping):
            return {
                self._told_key(name): self.told(each, key if key in LISTS else name) for name, each in value.items()
            }
        if isinstance(value, list | tuple):
            return [self.told(each, key) for each in value]
        if isinstance(value, int) and not isinstance(value, bool) and (key in IDS or key in LISTS):
            return self.of(IDS.get(key, "Contact"), value)
        return self._told_key(value) if isinstance(value, str | UUID) else value

    def _told_key(self, value: Any) -> Any:
        try:
            return self._names.get(value if isinstance(value, UUID) else UUID(value), value)
        except ValueError:
            return value


def registry() -> dict[str, list[Any]]:
    names = Names()
    told: dict[str, list[Any]] = {
        model.__name__: [_row(row, names) for row in model._default_manager.order_by("pk")] for model in TABLES
    }
    told["MatchKey"] = sorted((key, names.of("", pk)) for key, pk in MatchKey.objects.values_list("key", "customer_id"))
    rows = LookupKey.objects.values_list("lookup_id", "key", "head", "held", "customer_id")
    told["LookupKey"] = sorted((*map(str, row[:4]), names.of("", row[4])) for row in rows)
    return told


def _row(row: Model, names: Names) -> dict[str, Any]:
    told = {}
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        if field.get_internal_type() == "DateTimeField" and field.name != "effective_date":
            value = value is not None
        elif field.is_relation and field.related_model in TABLES:
            value = names.of(field.related_model.__name__, value)
        elif field.primary_key:
            value = names.of(type(row).__name__, value)
        elif field.name in ("left", "right", "contacts"):
            value = [names.of("Contact", pk) for pk in value]
        told[field.name] = names.told(value) if field.get_internal_type() in ("JSONField", "UUIDField") else value
    return told


def answers(given: Iterable[Identified | SourceKeyCollision]) -> list[Any]:
    names = Names()
    return [_answer(each, names) for each in given]


def _answer(answer: Identified | SourceKeyCollision, names: Names) -> Any:
    if isinstance(answer, SourceKeyCollision):
        return "collision", names.of("", answer.customer_id), answer.confidence
    return {
        "outcome": answer.outcome,
        "customer": names.of("", answer.customer_id),
        "written": answer.written and _row(answer.written, names),
        "stated": answer.stated and _row(answer.stated, names),
        "members": [
            (names.of("", each.customer_id), each.version, each.golden, each.tokens, len(each.contacts))
            for each in answer.members
        ],
        "candidates": [_row(pair, names) for pair in answer.candidates],
        "capped": answer.capped,
        "basis": answer.basis and (answer.basis.confidence, names.told(dict(answer.basis.evidence))),
        "disputed": answer.disputed,
    }


def differences(one: Any, other: Any, where: str = "") -> list[str]:
    """Where two portraits differ, and how."""
    if isinstance(one, dict) and isinstance(other, dict):
        pairs: list[tuple[Any, Any, Any]] = [(name, one.get(name), other.get(name)) for name in {**one, **other}]
    elif isinstance(one, list | tuple) and isinstance(other, list | tuple) and len(one) == len(other):
        pairs = [(place, *both) for place, both in enumerate(zip(one, other, strict=True))]
    else:
        return [] if one == other else [f"{where}: {one!r} is not {other!r}"]
    return [line for name, left, right in pairs for line in differences(left, right, f"{where}/{name}")]

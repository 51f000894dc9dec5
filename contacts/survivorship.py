"""Which of several statements about one customer survives, field by field, into the golden record. Pure: no Django."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypedDict

from contacts.record import FIELDS, OF_ATTRIBUTE, Facts


class Pin(TypedDict):
    """A person's word that one field of the golden record is this value, whatever sources say. `at`: ISO 8601, UTC."""

    value: str
    by: str
    at: str
    reason: str


Pins = Mapping[str, Pin]


class Statement(Protocol):
    """What one source said about somebody, and when: a contact, as far as survivorship is concerned.

    `effective_date`: since when the source says it is so; `added_at`: when the registry heard of it. `pins` are the
    values, by field, that a person took from it to stand: they go wherever it goes. None: there are none.
    """

    @property
    def id(self) -> int: ...
    @property
    def facts(self) -> Facts: ...
    @property
    def source_of_truth(self) -> bool: ...
    @property
    def effective_date(self) -> datetime | None: ...
    @property
    def added_at(self) -> datetime: ...
    @property
    def pins(self) -> Pins | None: ...


@dataclass(frozen=True, slots=True)
class Golden:
    """The surviving facts and, for every field that has a value, the id of the statement it was taken from.

    Custom attributes are in `provenance` as "attributes.<name>". `pins` are those that stand. `effective_date` is the
    latest that any statement gives, whether or not its values survived.
    """

    facts: Facts = field(default_factory=Facts)
    provenance: Mapping[str, int] = field(default_factory=dict)
    effective_date: datetime | None = None
    pins: Pins = field(default_factory=dict)


def resolve(statements: Iterable[Statement]) -> Golden:
    """Later non-empty values win, address parts and attributes singly; sources of truth come after all others.

    What a person pinned comes last of all, and of several pins on one field the latest.
    """
    ordered = sorted(statements, key=_precedence)
    values: dict[str, str] = {}
    attributes: dict[str, str] = {}
    provenance: dict[str, int] = {}
    for statement in ordered:
        facts, said_by = statement.facts, statement.id
        for name, value in zip(FIELDS, facts.texts, strict=True):
            if value:
                values[name], provenance[name] = value, said_by
        for name, value in facts.attributes.items():
            if value:
                attributes[name], provenance[f"{OF_ATTRIBUTE}{name}"] = value, said_by
    pinned = _pinned(ordered)
    for name, (pin, pinned_from) in pinned.items():
        provenance[name] = pinned_from
        if name in FIELDS:
            values[name] = pin["value"]
        else:
            attributes[name.removeprefix(OF_ATTRIBUTE)] = pin["value"]
    dates = [statement.effective_date for statement in ordered if statement.effective_date]
    pins = {name: pin for name, (pin, _) in pinned.items()}
    return Golden(Facts(**values, attributes=attributes), provenance, max(dates, default=None), pins)


def _precedence(statement: Statement) -> tuple[bool, datetime, int]:
    return statement.source_of_truth, statement.effective_date or statement.added_at, statement.id


def _pinned(statements: Iterable[Statement]) -> dict[str, tuple[Pin, int]]:
    """The pin that stands for each field, and the id of its statement.

    Two customers that are merged may both have one: the person who spoke last is heard, whichever of them survives.
    """
    said = [
        (pin["at"], statement.id, name, pin) for statement in statements for name, pin in (statement.pins or {}).items()
    ]
    return {name: (pin, pinned_from) for _, pinned_from, name, pin in sorted(said, key=lambda each: each[:2])}

"""Which of several statements about one customer survives, field by field, into the golden record. Pure: no Django."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from contacts.record import FIELDS, Facts


class Statement(Protocol):
    """What one source said about somebody, and when: a contact, as far as survivorship is concerned.

    `effective_date`: since when the source says it is so; `added_at`: when the registry heard of it.
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


@dataclass(frozen=True, slots=True)
class Golden:
    """The surviving facts and, for every field that has a value, the id of the statement it was taken from.

    Custom attributes are in `provenance` as "attributes.<name>". `effective_date` is the latest that any statement
    gives, whether or not its values survived.
    """

    facts: Facts = field(default_factory=Facts)
    provenance: Mapping[str, int] = field(default_factory=dict)
    effective_date: datetime | None = None


def resolve(statements: Iterable[Statement]) -> Golden:
    """Later non-empty values win, address parts and attributes singly; sources of truth come after all others."""
    ordered = sorted(statements, key=_precedence)
    values: dict[str, str] = {}
    attributes: dict[str, str] = {}
    provenance: dict[str, int] = {}
    for statement in ordered:
        facts = statement.facts
        stated = {name: value for name in FIELDS if (value := getattr(facts, name))}
        of_attributes = {name: value for name, value in facts.attributes.items() if value}
        values |= stated
        attributes |= of_attributes
        provenance |= dict.fromkeys(stated, statement.id)
        provenance |= dict.fromkeys((f"attributes.{name}" for name in of_attributes), statement.id)
    dates = [statement.effective_date for statement in ordered if statement.effective_date]
    return Golden(Facts(**values, attributes=attributes), provenance, max(dates, default=None))


def _precedence(statement: Statement) -> tuple[bool, datetime, int]:
    return statement.source_of_truth, statement.effective_date or statement.added_at, statement.id

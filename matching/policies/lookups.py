"""The contact centre's policy: a media type's lookups are tried in order, the first that finds somebody answers.

Pure: no Django.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from contacts.record import Facts
from matching.lookup_keys import MULTIPLE, LookupRule, value_of


@dataclass(frozen=True, slots=True)
class Inquiry:
    """Who is this? `strategy`: the lookups to try, in order, as far as they are in force.

    `may_create`: the request's word or else the media type's; `minimum`: attributes without which nobody is created;
    `subtenant` (id or name) restricts to a part of the tenant.
    """

    facts: Facts
    strategy: Sequence[LookupRule]
    may_create: bool = True
    minimum: Sequence[str] = ()
    subtenant: int | str | None = None

    def given(self, attribute: str) -> bool:
        return bool(value_of(self.facts, attribute))

    @property
    def taking_part(self) -> list[LookupRule]:
        """A lookup takes part when its leading attribute is given."""
        return [lookup for lookup in self.strategy if self.given(lookup.leading)]


@dataclass(frozen=True, slots=True)
class FoundCustomer:
    customer_id: UUID
    golden: Facts


@dataclass(frozen=True, slots=True)
class Finding:
    """Whom a lookup found, by the age of their oldest contacts; `more`: there are more than are told."""

    lookup: LookupRule
    customers: Sequence[FoundCustomer]
    more: bool = False

    @property
    def answers(self) -> Sequence[FoundCustomer]:
        """Only a multiple lookup answers with more than one."""
        return self.customers if self.lookup.kind == MULTIPLE else self.customers[:1]


@dataclass(frozen=True, slots=True)
class Creation:
    """Whether somebody who is not found is created, and why not; `missing` are the attributes it would take."""

    allowed: bool
    reason: str = ""
    missing: Sequence[str] = ()


def first_found(findings: Sequence[Finding]) -> Finding | None:
    return next((finding for finding in findings if finding.customers), None)


def creation(inquiry: Inquiry) -> Creation:
    """What is to be done about somebody whom no lookup found."""
    if all(lookup.kind == MULTIPLE for lookup in inquiry.taking_part):
        return Creation(False, "a multiple lookup creates nobody")
    if not inquiry.may_create:
        return Creation(False, "CreateContact is false")
    missing = [attribute for attribute in inquiry.minimum if not inquiry.given(attribute)]
    if missing:
        return Creation(False, "attributes that a new contact must have are missing", missing)
    return Creation(True)

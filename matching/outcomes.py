"""What a policy may answer to *somebody turned up with some details: who is it?* Pure: no Django."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from contacts.record import Facts
from contacts.survivorship import Pins
from matching.evidence import Evidence
from matching.lookup_keys import LookupRule

FELLEGI_SUNTER = "fellegi-sunter"
SHARED_IDENTIFIER = "shared-identifier"


# What the row of a live customer has beside its id, tenant, version and facts.
STAMPS = ("created_by", "created_at", "updated_by", "updated_at")


class Held(NamedTuple):
    """A contact of a neighbour, as read: what survivorship and comparison need of it.

    `sent_email` and `sent_phone` are as first received, and read only for the door that answers with them. `payload`,
    all that was received, is read of the record's own source key, for whoever may write its row.
    """

    id: int
    facts: Facts
    source_of_truth: bool
    effective_date: datetime | None
    added_at: datetime
    source_id: int
    source_key: str | None
    pins: Pins | None = None
    sent_email: str = ""
    sent_phone: str = ""
    payload: Mapping[str, Any] | None = None

    @property
    def age(self) -> tuple[datetime, int]:
        """What the contacts of a customer are ordered by: the oldest is the primary."""
        return self.added_at, self.id


class Neighbour(NamedTuple):
    """A live customer that shares a key with the incoming record, at the version its contacts were read at.

    `tokens` are the keys that found it, for people to read. `stamps`, read only for whoever may write its row, are the
    rest of it: see STAMPS.
    """

    customer_id: UUID
    version: int
    golden: Facts
    contacts: tuple[Held, ...]
    tokens: tuple[str, ...] = ()
    stamps: tuple[Any, ...] = ()

    @property
    def contact_ids(self) -> list[int]:
        return [held.id for held in self.contacts]

    @property
    def named(self) -> bool:
        """Whether any of its contacts carries a name; one without is known by contact details alone."""
        return any(held.facts.named for held in self.contacts)

    @property
    def primary(self) -> Held:
        """Its oldest contact."""
        return min(self.contacts, key=lambda held: held.age)


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """All that was read for one decision. `capped` names the keys that matched more rows than are read.

    Read under locks, it comes with the id reserved for a contact to come, the lookups that have keys, and in `locked`
    the rows of the customers (contacts.models.Customer) that were locked before the reading. Where none were, as they
    are to be locked with the writing, an id is reserved for a candidate to come, too.
    """

    neighbours: Mapping[UUID, Neighbour]
    capped: tuple[str, ...] = ()
    reserved_contact_id: int | None = None
    reserved_pair_id: int | None = None
    locked: Mapping[UUID, Any] = field(default_factory=dict)
    lookups: tuple[LookupRule, ...] = ()

    def owner_of(self, source_id: int, source_key: str | None) -> tuple[Neighbour, Held] | None:
        """Who holds this source key already."""
        if source_key is None:
            return None
        for neighbour in self.neighbours.values():
            for held in neighbour.contacts:
                if held.source_id == source_id and held.source_key == source_key:
                    return neighbour, held
        return None


@dataclass(frozen=True, slots=True)
class Likeness:
    """How well a neighbour fits the incoming record: the best of its contacts and its golden record.

    `against` is the contact that fitted best, or None where the golden record alone did.
    """

    neighbour: Neighbour
    evidence: Evidence
    against: int | None

    @property
    def confidence(self) -> float:
        return self.evidence.score


@dataclass(frozen=True, slots=True)
class Basis:
    """Why a machine links: confidence 0..1, algorithm, and the evidence as it is stored."""

    confidence: float
    algorithm: str
    evidence: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Doubt:
    """Two customers that share a value and yet may be two people: a contact of `other` against `likeness`."""

    other: Neighbour
    contact_id: int
    likeness: Likeness


@dataclass(frozen=True, slots=True)
class Attach:
    """The record is this customer's; `fold` are customers found to be the same one.

    The near misses of the record, and the doubts about customers, are filed for review beside it. Without `basis` the
    record says nothing new: none is added.
    """

    neighbour: Neighbour
    basis: Basis | None
    fold: Sequence[Neighbour] = ()
    near_misses: Sequence[Likeness] = ()
    doubts: Sequence[Doubt] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """Known, and nothing new: nothing is written."""

    neighbour: Neighbour


@dataclass(frozen=True, slots=True)
class Revise:
    """The source key is held already, by an aligned record: this is what that source says now."""

    neighbour: Neighbour
    held: Held
    evidence: Evidence
    near_misses: Sequence[Likeness] = ()


@dataclass(frozen=True, slots=True)
class Create:
    """Nobody known: a new customer, with the near misses for review, best first."""

    near_misses: Sequence[Likeness] = ()


@dataclass(frozen=True, slots=True)
class Refuse:
    """The source key is held by a record that this one does not fit."""

    neighbour: Neighbour
    evidence: Evidence


Outcome = Found | Attach | Revise | Create | Refuse


@dataclass(frozen=True, slots=True)
class Decision:
    """An outcome, and what it was read from."""

    outcome: Outcome
    known: Neighbourhood

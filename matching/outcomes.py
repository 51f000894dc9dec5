"""What a policy may answer to *somebody turned up with some details: who is it?* Pure: no Django."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contacts.record import Facts
from matching.evidence import Evidence

FELLEGI_SUNTER = "fellegi-sunter"


@dataclass(frozen=True, slots=True)
class Held:
    """A contact of a neighbour, as read: what survivorship and comparison need of it."""

    id: int
    facts: Facts
    source_of_truth: bool
    effective_date: datetime | None
    added_at: datetime
    source_id: int
    source_key: str | None


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A live customer that shares a key with the incoming record, at the version its contacts were read at.

    `tokens` are the keys that found it, for people to read.
    """

    customer_id: UUID
    version: int
    golden: Facts
    contacts: tuple[Held, ...]
    tokens: tuple[str, ...] = ()

    @property
    def contact_ids(self) -> list[int]:
        return [held.id for held in self.contacts]


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """All that was read for one decision. `capped` names the keys that matched more rows than are read.

    Read under locks, it comes with the id reserved for a contact to come.
    """

    neighbours: Mapping[UUID, Neighbour]
    capped: tuple[str, ...] = ()
    reserved_contact_id: int | None = None

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
class Attach:
    """The record is this customer's; the near misses are filed for review beside it."""

    likeness: Likeness
    near_misses: Sequence[Likeness] = ()


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


Outcome = Attach | Revise | Create | Refuse


@dataclass(frozen=True, slots=True)
class Decision:
    """An outcome with the model version that reached it and what it was read from."""

    outcome: Outcome
    model_version: int
    known: Neighbourhood

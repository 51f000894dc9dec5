"""What became of a checkout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from matching.applying import Identified
from matching.models import CandidatePair
from matching.outcomes import Neighbour


class Added(NamedTuple):
    """A new contact, as far as the answer names it. `payload`: the body as sent."""

    id: int
    email: str
    phone: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CheckedOut:
    """`found`, `created`, `linked` or `merged`; whose it is; the customers, as read, that are this one; what was added.

    Without rows of tables: making those of a newcomer takes longer than asking for its locks.
    """

    outcome: str
    customer_id: UUID
    members: Sequence[Neighbour]
    added: Added | None = None
    candidates: Sequence[CandidatePair] = ()

    @classmethod
    def of(cls, done: Identified) -> CheckedOut:
        contact = done.stated
        added = Added(contact.pk, contact.email, contact.phone, contact.original_payload) if contact else None
        return cls(done.outcome, done.customer_id, done.members, added, done.candidates)

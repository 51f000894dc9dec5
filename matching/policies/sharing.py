"""Which customers an e-mail or a phone leads to, and which values lead to nobody. Pure: no Django."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contacts.normalisation.placeholders import is_placeholder_email, is_placeholder_phone
from contacts.record import Facts
from matching.outcomes import SHARED_IDENTIFIER, Basis, Neighbour, Neighbourhood

# The confidence of a link by shared values.
CERTAIN = 1.0


@dataclass(frozen=True, slots=True)
class SharingRules:
    """A tenant's say in what a shared value means; see sources.models.Tenant.

    `customers_per_value` 0 is no limit. Blocked values are normalised as the facts are.
    """

    merge_protection: bool = True
    placeholders_link: bool = False
    blocked_values: frozenset[str] = frozenset()
    customers_per_value: int = 10

    def identifies(self, field: str, value: str, known: Neighbourhood) -> bool:
        """Whether this e-mail or phone may link records at all."""
        if not value or value in self.blocked_values:
            return False
        if not self.placeholders_link and _is_placeholder(field, value):
            return False
        return not self.customers_per_value or len(_holders(field, value, known)) <= self.customers_per_value


def _is_placeholder(field: str, value: str) -> bool:
    return is_placeholder_email(value) if field == "email" else is_placeholder_phone(value)


def _holders(field: str, value: str, known: Neighbourhood) -> list[Neighbour]:
    return [neighbour for neighbour in known.neighbours.values() if holds(neighbour, field, value)]


def holds(neighbour: Neighbour, field: str, value: str) -> bool:
    """Whether a contact of the customer carries the value."""
    # No generator: it is asked of everybody read, for each value, and takes longer than most have contacts.
    for held in neighbour.contacts:  # noqa: SIM110
        if getattr(held.facts, field) == value:
            return True
    return False


def identifying_values(facts: Facts, known: Neighbourhood, rules: SharingRules) -> dict[str, str]:
    """The record's e-mail and phone, as far as they identify anybody."""
    values = {"email": facts.email, "phone": facts.phone}
    return {field: value for field, value in values.items() if rules.identifies(field, value, known)}


def sharers(values: Mapping[str, str], known: Neighbourhood) -> list[Neighbour]:
    """The customers that carry any of the values, the one with the oldest primary first."""
    found = [
        neighbour
        for neighbour in known.neighbours.values()
        if any(holds(neighbour, field, value) for field, value in values.items())
    ]
    return sorted(found, key=lambda neighbour: neighbour.primary.age) if found[1:] else found


def basis(values: Mapping[str, str], neighbours: Sequence[Neighbour]) -> Basis:
    """The basis of a link by shared values: certain by the rule, with what was shared."""
    shared = sorted(
        field for field, value in values.items() if any(holds(neighbour, field, value) for neighbour in neighbours)
    )
    evidence: dict[str, Any] = {"rule": SHARED_IDENTIFIER, "shared": {field: values[field] for field in shared}}
    return Basis(CERTAIN, SHARED_IDENTIFIER, evidence)

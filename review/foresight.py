"""What a split or the undoing of a merge would make of a customer, shown before it is done. Writes nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from contacts import survivorship
from contacts.models import Contact
from contacts.record import Facts
from matching.models import Merge
from review.portrait import GoldenValue, golden_values


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two customers that there would be: its golden record and its records."""

    values: Sequence[GoldenValue]
    contacts: Sequence[Contact]


def sides(contacts: Sequence[Contact], leaving: Collection[int]) -> tuple[Side, Side]:
    """Who stays and who goes, when the records with these ids leave."""
    staying = [contact for contact in contacts if contact.pk not in leaving]
    return _side(staying), _side([contact for contact in contacts if contact.pk in leaving])


def _side(contacts: Sequence[Contact]) -> Side:
    facts = survivorship.resolve(contacts).facts if contacts else Facts()
    return Side(golden_values(facts, contacts), contacts)


def returning(journal: Merge, contacts: Sequence[Contact]) -> list[int]:
    """Of the survivor's records today, those that undoing the merge would give back."""
    moved = set(journal.contacts)
    return [contact.pk for contact in contacts if contact.pk in moved]

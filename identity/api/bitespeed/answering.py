"""The consolidated contact, as the checkout's contract spells it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from matching.checked_out import Added
from matching.outcomes import Neighbour


def consolidated(members: Sequence[Neighbour], added: Added | None) -> dict[str, Any]:
    """`members` are the customers that are one now, with their contacts as read; `added` is the new contact.

    The misspelling of `primaryContatctId` is part of the contract.
    """
    contacts = sorted((held for member in members for held in member.contacts), key=lambda held: held.age)
    ids = [held.id for held in contacts]
    emails = [(held.facts.email, held.sent_email) for held in contacts]
    phones = [(held.facts.phone, held.sent_phone) for held in contacts]
    if added is not None:
        ids.append(added.id)
        emails.append((added.email, _text(added.payload.get("email"))))
        phones.append((added.phone, _text(added.payload.get("phoneNumber"))))
    contact = {
        "primaryContatctId": ids[0],
        "primaryContactId": ids[0],
        "emails": _distinct(emails),
        "phoneNumbers": _distinct(phones),
        "secondaryContactIds": ids[1:],
    }
    return {"contact": contact}


def _distinct(values: Iterable[tuple[str, str]]) -> list[str]:
    """The values as first received, each matched value once, oldest first."""
    first: dict[str, str] = {}
    for matched, sent in values:
        if matched:
            first.setdefault(matched, sent.strip() or matched)
    return list(first.values())


def _text(value: object) -> str:
    return "" if value is None else str(value)

"""Records that nearly fit somebody: each kind differs in one thing, so that the machine asks a person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from identity.demo.people import Census, Resident, written
from identity.demo.words import FIRST_NAMES, LAST_NAMES

Oddity = Callable[[Resident, Census], dict[str, Any]]


def moved_unannounced(who: Resident, census: Census) -> dict[str, Any]:
    return written(replace(who, home=census.home()), census.random, slips=0)


def married(who: Resident, census: Census) -> dict[str, Any]:
    return written(replace(who, last_name=_another(LAST_NAMES, who.last_name, census)), census.random, slips=0)


def new_telephone(who: Resident, census: Census) -> dict[str, Any]:
    return written(replace(who, phone=census.phone(who.home.town)), census.random, slips=0)


def new_mailbox(who: Resident, census: Census) -> dict[str, Any]:
    return written(replace(who, email=census.mailbox(who.first_name, who.last_name)), census.random, slips=0)


def no_telephone(who: Resident, census: Census) -> dict[str, Any]:
    return written(who, census.random, slips=0) | {"phone": ""}


def no_address(who: Resident, census: Census) -> dict[str, Any]:
    body = written(who, census.random, slips=0)
    return {name: value for name, value in body.items() if name != "address"}


def shared_mailbox(who: Resident, census: Census) -> dict[str, Any]:
    """A spouse with the family's mailbox and telephone, or the same person by the middle name: hard to tell."""
    return written(replace(who, first_name=_another(FIRST_NAMES, who.first_name, census)), census.random, slips=0)


def junior(who: Resident, census: Census) -> dict[str, Any]:
    """The son of the same name, at home, with a mailbox of his own."""
    body = new_mailbox(who, census)
    return body | {"first_name": who.first_name, "last_name": f"{who.last_name} Jr"}


ODDITIES: tuple[Oddity, ...] = (
    moved_unannounced,
    married,
    new_telephone,
    new_mailbox,
    no_telephone,
    no_address,
    shared_mailbox,
    junior,
)


def _another(names: tuple[str, ...], than: str, census: Census) -> str:
    return next(name for name in census.random.sample(names, len(names)) if name[0] != than[0])

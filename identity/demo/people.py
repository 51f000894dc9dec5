"""Made-up residents: who they are, where they live, and the many ways in which their details get written down."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from contacts.normalisation.nicknames import FORMAL_NAMES
from identity.demo.words import (
    FIRST_NAMES,
    LAST_NAMES,
    MAILBOX_DOMAINS,
    STREET_SHORT,
    STREET_TYPES,
    STREETS,
    TOWNS,
    Town,
)

FICTIONAL_LINES = tuple(range(100, 200))


@dataclass(frozen=True, slots=True)
class Home:
    house: int
    street: str
    street_type: str
    town: Town


@dataclass(frozen=True, slots=True)
class Resident:
    """Somebody as they are; `phone` is the national number, ten digits."""

    first_name: str
    last_name: str
    email: str
    phone: str
    home: Home


@dataclass(slots=True)
class Census:
    """Makes residents of whom no two share a mailbox or a telephone, unless they are made to."""

    random: Random
    _mailboxes: set[str] = field(default_factory=set)
    _lines: dict[str, int] = field(default_factory=dict)

    def household(self) -> list[Resident]:
        """One to four residents; more than one share name, home and telephone."""
        first = self.resident()
        size = self.random.choices((1, 2, 3, 4), weights=(70, 16, 8, 6))[0]
        others = self.random.sample([name for name in FIRST_NAMES if name != first.first_name], size - 1)
        return [first, *(self.relative(first, name) for name in others)]

    def resident(self) -> Resident:
        first_name, last_name = self.random.choice(FIRST_NAMES), self.random.choice(LAST_NAMES)
        home = self.home()
        return Resident(first_name, last_name, self.mailbox(first_name, last_name), self.phone(home.town), home)

    def relative(self, of: Resident, first_name: str) -> Resident:
        return replace(of, first_name=first_name, email=self.mailbox(first_name, of.last_name))

    def home(self) -> Home:
        return Home(
            house=self.random.randint(1, 9899),
            street=self.random.choice(STREETS),
            street_type=self.random.choice(STREET_TYPES),
            town=self.random.choice(TOWNS),
        )

    def mailbox(self, first_name: str, last_name: str) -> str:
        plain = "".join(c for c in f"{first_name}.{last_name}".lower() if c.isascii() and (c.isalnum() or c == "."))
        domain = self.random.choice(MAILBOX_DOMAINS)
        local, number = plain, 1
        while f"{local}@{domain}" in self._mailboxes:
            number += 1
            local = f"{plain}{number}"
        self._mailboxes.add(f"{local}@{domain}")
        return f"{local}@{domain}"

    def phone(self, town: Town) -> str:
        """A number of the town's area code or, when its fictional ones are used up, of another's."""
        code = town.area_code
        while self._lines.get(code, 0) == len(FICTIONAL_LINES):
            code = self.random.choice(TOWNS).area_code
        line = FICTIONAL_LINES[self._lines.get(code, 0)]
        self._lines[code] = self._lines.get(code, 0) + 1
        return f"{code}5550{line}"


def written(who: Resident, random: Random, *, slips: float = 0.06) -> dict[str, Any]:
    """A body as some system would send it, in that system's spelling; `slips`: the share of mistyped last names."""
    first, last = who.first_name, who.last_name
    if random.random() < 0.2:
        first = _everyday_name(first, random)
    if random.random() < slips:
        last = mistyped(last, random)
    return {
        "first_name": first,
        "last_name": last.upper() if random.random() < 0.05 else last,
        "email": who.email.title() if random.random() < 0.05 else who.email,
        "phone": _phone_as_written(who.phone, random),
        "address": _address_as_written(who.home, random),
    }


def mistyped(name: str, random: Random) -> str:
    """Two letters swapped or one doubled, never the first two or the last: what fingers do, and what stays similar."""
    if len(name) < 6:
        return name
    at = random.randint(2, len(name) - 3)
    if random.random() < 0.5:
        return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    return name[:at] + name[at] + name[at:]


def _everyday_name(formal: str, random: Random) -> str:
    short = sorted(nickname for nickname, name in FORMAL_NAMES.items() if name == formal.lower() and nickname != name)
    return random.choice(short).title() if short else formal


def _phone_as_written(phone: str, random: Random) -> str:
    area, exchange, line = phone[:3], phone[3:6], phone[6:]
    forms = (f"({area}) {exchange}-{line}", f"{area}-{exchange}-{line}", f"+1{phone}", f"{area}.{exchange}.{line}")
    return random.choice(forms)


def _address_as_written(home: Home, random: Random) -> dict[str, str]:
    kind = STREET_SHORT[home.street_type] if random.random() < 0.4 else home.street_type
    town = home.town
    return {
        "street": f"{home.house} {home.street} {kind}",
        "city": town.city,
        "state": town.state.lower() if random.random() < 0.05 else town.state,
        "zip": town.zip,
    }

"""Realistic made-up people in any number: everything about somebody follows from their number.

Names are as unevenly spread as in life (a Zipf-Mandelbrot law: rank r is drawn in proportion to 1 / (r + q)), a share
of the records lacks an e-mail, a phone or a street, and everybody has an e-mail and a phone of their own. Mailboxes
live under the domains that RFC 2606 keeps for examples; telephone numbers are drawn over all of the numbering plan.
"""

from __future__ import annotations

from functools import lru_cache
from math import exp, log
from typing import Any

from contacts.normalisation.addresses import standardise_street
from contacts.normalisation.nicknames import FORMAL_NAMES
from contacts.record import Facts
from identity.demo.words import FIRST_NAMES, LAST_NAMES, MAILBOX_DOMAINS, STREET_TYPES, STREETS, TOWNS

SYLLABLES = ("ber", "dal", "fen", "gar", "hol", "kam", "lin", "mor", "nes", "pol", "rav", "sten", "tor", "ul", "vik")
ENDINGS = ("son", "man", "ski", "er", "ez", "ton", "field", "wood", "a", "i", "strom", "ing")
SURNAMES = 40_000
LACKING_EMAIL, LACKING_PHONE, LACKING_STREET = 0.15, 0.25, 0.10
# How soon the law of names flattens: the most frequent surname has some 0.6 % of the people, the first name 3 %.
_SURNAME_OFFSET, _FIRST_NAME_OFFSET = 20, 10

# Names that are not short for others: what is said is then what is held.
_PLAIN_FIRST_NAMES = tuple(
    name for name in FIRST_NAMES if name.isascii() and FORMAL_NAMES.get(name.lower(), name.lower()) == name.lower()
)
_PLAIN_LAST_NAMES = tuple(name for name in LAST_NAMES if name.isalpha() and name.isascii())
AREAS = tuple(dict.fromkeys(town.area_code for town in TOWNS))
# Exchange 200 to 999 with any line: what a numbering plan area can hold.
EXCHANGES, LINES = 800, 10_000
NUMBERS = len(AREAS) * EXCHANGES * LINES
# Coprime to the count of numbers, so that no two people get the same one.
STRIDE = 104_395_301
_MASK = (1 << 64) - 1


def draw(number: int, salt: int) -> float:
    """A number in [0, 1) that follows from the two: the finaliser of SplitMix64 (Steele, Lea, Flood 2014)."""
    return bits(number, salt) / (_MASK + 1)


def bits(number: int, salt: int) -> int:
    """64 bits that follow from the two."""
    z = (number * 0x9E3779B97F4A7C15 + salt * 0xD1B54A32D192ED03) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return z ^ (z >> 31)


def email_of(number: int) -> str:
    return f"u{number}@{MAILBOX_DOMAINS[number % len(MAILBOX_DOMAINS)]}"


def phone_of(number: int) -> str:
    """In E.164."""
    place = number * STRIDE % NUMBERS
    area, rest = divmod(place, EXCHANGES * LINES)
    exchange, line = divmod(rest, LINES)
    return f"+1{AREAS[area]}{200 + exchange}{line:04d}"


def facts_of(number: int) -> Facts:
    """Somebody with a name, as the registry normalises what `body_of` says."""
    said = body_of(number)
    address = said["address"]
    street = address.get("street", "")
    house, name, kind = street.rsplit(" ", 2) if street else ("", "", "")
    return Facts(
        first_name=said["first_name"],
        last_name=said["last_name"],
        email=said.get("email", ""),
        phone=said.get("phone", ""),
        street=f"{house} {name} {_suffix(kind)}" if street else "",
        city=address["city"],
        state=address["state"],
        zip=address["zip"],
    )


def body_of(number: int) -> dict[str, Any]:
    """What a source says of somebody, without saying which source and under which key."""
    said: dict[str, Any] = {"first_name": _first_name(draw(number, 1)), "last_name": _surname(draw(number, 2))}
    if draw(number, 3) >= LACKING_EMAIL:
        said["email"] = email_of(number)
    if draw(number, 4) >= LACKING_PHONE:
        said["phone"] = phone_of(number)
    said["address"] = _address(number)
    return said


def misspelt(number: int) -> dict[str, Any]:
    """The same as another source has it: a quarter each with a slip in the name, no e-mail, no phone, or all well."""
    said, slip = body_of(number), bits(number, 9) % 4
    if slip == 0:
        name = said["last_name"]
        said["last_name"] = name[:2] + name[3:2:-1] + name[4:]
    elif slip == 1:
        said.pop("email", None)
    elif slip == 2:
        said.pop("phone", None)
    return said


def _address(number: int) -> dict[str, str]:
    town = TOWNS[bits(number, 5) % len(TOWNS)]
    address = {"city": town.city, "state": town.state, "zip": f"{town.zip[:3]}{bits(number, 6) % 100:02d}"}
    if draw(number, 7) >= LACKING_STREET:
        place = bits(number, 8)
        kind = STREET_TYPES[place // 1_000_000 % len(STREET_TYPES)]
        address["street"] = f"{1 + place % 9899} {STREETS[place // 10_000 % len(STREETS)]} {kind}"
    return address


@lru_cache
def _suffix(kind: str) -> str:
    return standardise_street(f"1 Main {kind}").rsplit(" ", 1)[1]


def _first_name(share: float) -> str:
    return _PLAIN_FIRST_NAMES[_rank(share, len(_PLAIN_FIRST_NAMES), _FIRST_NAME_OFFSET)]


@lru_cache(maxsize=1 << 16)
def _name_of_rank(rank: int) -> str:
    if rank < len(_PLAIN_LAST_NAMES):
        return _PLAIN_LAST_NAMES[rank]
    rest, ending = divmod(rank, len(ENDINGS))
    stem = ""
    while rest:
        rest, syllable = divmod(rest, len(SYLLABLES))
        stem += SYLLABLES[syllable]
    return (stem + ENDINGS[ending]).capitalize()


def _surname(share: float) -> str:
    return _name_of_rank(_rank(share, SURNAMES, _SURNAME_OFFSET))


def _rank(share: float, ranks: int, offset: int) -> int:
    """The rank at which `share` of the people have one of the ranks before: the law's inverse."""
    return min(int((offset + 1) * exp(share * log((ranks + offset) / (offset + 1))) - offset - 1), ranks - 1)

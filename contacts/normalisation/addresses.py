"""Postal addresses in one spelling, by USPS Publication 28.

A street line is read as [number] [directional] name [suffix] [directional] [unit ...]; a word is abbreviated for the
place it stands in, never for what it could be elsewhere: the Front of "12 Front St" is a name, that of "12 Elm St
Front" a unit. Words that are not abbreviated keep the casing they came in.
"""

from __future__ import annotations

import re

from contacts.normalisation.pub28 import (
    DIRECTIONALS,
    ROUTES,
    SERVED_COUNTRIES,
    STATES,
    SUFFIXES,
    THOROUGHFARES,
    UNITS,
)
from contacts.normalisation.text import squeeze

_INITIALS = re.compile(r"(?:[A-Za-z]\.)+[A-Za-z]\.?")
_HOUSE_NUMBER = re.compile(r"\d(?!\d*(?:st|nd|rd|th)$)[\w/-]*", re.IGNORECASE)
_FRACTION = re.compile(r"\d+/\d+")
_UNIT_NUMBER = re.compile(r"#?(?:[A-Za-z]|[A-Za-z0-9/-]*\d[A-Za-z0-9/-]*)")
_SPELLED_NUMBERS = frozenset({"one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"})
_ZIP_PLUS_4 = re.compile(r"(\d{5})-?(\d{4})", re.ASCII)


def standardise_street(raw: str, country: str = "US") -> str:
    """The delivery line of an address; outside the postal service's countries only white space is touched."""
    words = squeeze(raw).split()
    if country not in SERVED_COUNTRIES:
        return " ".join(words)
    words = [word for part in " ".join(words).split(",") for word in map(_without_periods, part.split()) if word]
    box = _post_office_box(words)
    if box:
        return " ".join(box)
    units: list[str] = []
    while unit_length := _trailing_unit_length(words):
        units[:0] = [_abbreviate(UNITS, word) for word in words[-unit_length:]]
        words = words[:-unit_length]
    return " ".join(_standardise_thoroughfare(words) + units)


def standardise_city(raw: str) -> str:
    return squeeze(raw)


def standardise_state(raw: str, country: str = "US") -> str:
    """Upper case; the two-letter code of a US state that is spelled out or dotted."""
    state = squeeze(raw)
    if country not in SERVED_COUNTRIES:
        return state.upper()
    code = state.replace(".", "") if _INITIALS.fullmatch(state) else state
    return STATES.get(code.lower(), code.upper())


def standardise_zip(raw: str) -> str:
    """ZIP, ZIP+4 with its hyphen, or another country's postal code, without white space."""
    code = "".join(squeeze(raw).split())
    plus_4 = _ZIP_PLUS_4.fullmatch(code)
    return f"{plus_4[1]}-{plus_4[2]}" if plus_4 else code


def _without_periods(word: str) -> str:
    return word.replace(".", "") if _INITIALS.fullmatch(word) else word.rstrip(".")


def _abbreviate(table: dict[str, str], word: str) -> str:
    return table.get(word.lower(), word)


def _is_directional(word: str) -> bool:
    return word.lower() in DIRECTIONALS


def _post_office_box(words: list[str]) -> list[str] | None:
    """The line with "Post Office Box", "P O Box" or "PO Box" as "PO Box"; None where it begins with none of them."""
    lowered = [word.lower() for word in words[:3]]
    for spelling in (["post", "office", "box"], ["p", "o", "box"], ["po", "box"]):
        if lowered[: len(spelling)] == spelling:
            return ["PO", *words[len(spelling) - 1 :]]
    return None


def _number_length(words: list[str]) -> int:
    """How many leading words are the house number: none, "12", "12 1/2" or a spelled-out "One"."""
    if not words or not (_HOUSE_NUMBER.fullmatch(words[0]) or words[0].lower() in _SPELLED_NUMBERS):
        return 0
    return 2 if len(words) > 1 and _FRACTION.fullmatch(words[1]) else 1


def _has_name(words: list[str]) -> bool:
    rest = words[_number_length(words) :]
    return any(not _is_directional(word) for word in rest)


def _trailing_unit_length(words: list[str]) -> int:
    """How many of the last words are a secondary unit ("#4", "Rear", "Apt 4B"): never so many that no name is left."""
    if len(words) > 1 and words[-1].startswith("#") and words[-2].lower() not in UNITS:
        return 1
    if len(words) > 2 and _is_numbered_unit(words[-2], words[-1]) and _has_name(words[:-2]):
        return 2
    last = words[-1].lower() if words else ""
    if last in UNITS and last not in SUFFIXES and _has_name(words[:-1]):
        return 1
    return 0


def _is_numbered_unit(designator: str, number: str) -> bool:
    word = designator.lower()
    if word in SUFFIXES and _is_directional(number):
        return False  # "Oak Trailer N" is a street, "Oak St Apt N" a flat
    return (word in UNITS or word == "no") and _UNIT_NUMBER.fullmatch(number) is not None


def _standardise_thoroughfare(words: list[str]) -> list[str]:
    start = _number_length(words)
    number, rest = words[:start], words[start:]
    before, rest = _split_leading_directional(rest)
    rest, after = _split_trailing_directional(rest)
    suffixed = _abbreviate_suffix(rest, numbered=bool(number) and number[-1].isdigit() and not before)
    return number + before + _abbreviate_routes(suffixed) + after


def _split_leading_directional(words: list[str]) -> tuple[list[str], list[str]]:
    for length in (2, 1):
        directional = _directional(words[:length], length)
        if directional and _leaves_a_name(words[length:]):
            return [directional], words[length:]
    return [], words


def _split_trailing_directional(words: list[str]) -> tuple[list[str], list[str]]:
    for length in (2, 1):
        directional = _directional(words[-length:], length)
        if directional and len(words) > length:
            return words[:-length], [directional]
    return words, []


def _directional(words: list[str], length: int) -> str:
    """One directional, or two that make one ("South East" is SE; "North South" makes none); empty otherwise."""
    if len(words) != length:
        return ""
    joined = "".join(DIRECTIONALS.get(word.lower(), "?") for word in words)
    return joined if joined.lower() in DIRECTIONALS else ""


def _leaves_a_name(words: list[str]) -> bool:
    """Whether the words after a directional can be a street by themselves: "Oak Ave" can, the Ave of "N Ave" cannot."""
    name, _ = _split_trailing_directional(words)
    return len(name) > 1 or (len(name) == 1 and SUFFIXES.get(name[0].lower()) not in THOROUGHFARES)


def _abbreviate_suffix(words: list[str], *, numbered: bool) -> list[str]:
    """The last word as a suffix, unless it is the whole name; `numbered`: a number stands before it ("5 Avenue")."""
    abbreviation = SUFFIXES.get(words[-1].lower()) if words else None
    if abbreviation and (len(words) > 1 or (numbered and abbreviation in THOROUGHFARES)):
        return [*words[:-1], abbreviation]
    return words


def _abbreviate_routes(words: list[str]) -> list[str]:
    return [
        _abbreviate(ROUTES, word) if following[:1].isdigit() else word
        for word, following in zip(words, [*words[1:], ""], strict=False)
    ]

"""Dates as client applications of a contact centre write them: patterns in the letters of Java's SimpleDateFormat.

The letters and their meaning: https://docs.oracle.com/javase/8/docs/api/java/text/SimpleDateFormat.html. Those that
say on which day something was are read (y M d D E), those of the time and its zone are checked and then left out
(H k h K a m s S Z X z): a birthday does not move with its time zone. Eras and weeks (G Y w W F u) are refused.
Names of months and days are English.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise

DEFAULT_PATTERN = "yyyy-MM-dd'T'HH:mm:ssZ"
MOST_LETTERS = 100

_PARTS = re.compile(r"'(?:[^']|'')*'|([A-Za-z])\1*|[^A-Za-z']")
_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name}
_NAMES = "[A-Za-z]{3,9}"
_OFFSET = r"[+-](?:[01]\d|2[0-3]):?[0-5]\d"
# What each letter reads where it is not a number of the pattern's own width.
_TEXTS = {
    "E": _NAMES,
    "a": "[AaPp][Mm]",
    "Z": _OFFSET,
    "z": rf"(?:GMT|UTC|UT|[A-Z]{{3,4}}|{_OFFSET}|GMT{_OFFSET})",
    "X": rf"(?:Z|{_OFFSET}|[+-](?:[01]\d|2[0-3]))",
}
# Lowest and highest value, and the most digits, of each number.
_NUMBERS: Mapping[str, tuple[int, int, int]] = {
    "y": (0, 9999, 4),
    "M": (1, 12, 2),
    "d": (1, 31, 2),
    "D": (1, 366, 3),
    "H": (0, 23, 2),
    "k": (1, 24, 2),
    "K": (0, 11, 2),
    "h": (1, 12, 2),
    "m": (0, 59, 2),
    "s": (0, 59, 2),
    "S": (0, 999_999_999, 9),
}


@dataclass(frozen=True, slots=True)
class _Part:
    """One field of a pattern (`letter`, `width` times), or `literal` text."""

    letter: str = ""
    width: int = 0
    literal: str = ""

    @property
    def is_number(self) -> bool:
        return self.letter in _NUMBERS and not (self.letter == "M" and self.width > 2)


@lru_cache(maxsize=256)
def day_reader(pattern: str) -> Callable[[str], date]:
    """How to read the day out of a text written in this pattern; what it returns raises ValueError.

    Raises ValueError for a pattern that cannot be read, with a sentence that says why.
    """
    parts = _parts(pattern)
    letters = [part.letter for part in parts if part.letter]
    for letter in letters:
        if letter not in _NUMBERS and letter not in _TEXTS:
            raise ValueError(f"the letter '{letter}' is not supported")
    if not ("y" in letters and ("D" in letters or {"M", "d"} <= set(letters))):
        raise ValueError("it names no day: year, month and day are needed")
    expression = re.compile(
        "".join(_expression(part, following) for part, following in pairwise([*parts, _Part()])), re.ASCII
    )
    fields = [part for part in parts if part.letter]

    def read(text: str) -> date:
        found = expression.fullmatch(text.strip())
        if found is None:
            raise ValueError(f"not written as {pattern}: {text!r}")
        return _day(fields, found.groups())

    return read


def _parts(pattern: str) -> list[_Part]:
    if len(pattern) > MOST_LETTERS:
        raise ValueError(f"it is too long (at most {MOST_LETTERS} characters)")
    parts, end = [], 0
    for found in _PARTS.finditer(pattern):
        if found.start() != end:
            break
        end = found.end()
        text = found.group()
        if found.group(1):
            parts.append(_Part(letter=text[0], width=len(text)))
        else:
            parts.append(_Part(literal=text[1:-1].replace("''", "'") or "'" if text[0] == "'" else text))
    if end != len(pattern):
        raise ValueError("a quotation mark is missing")
    return parts


def _expression(part: _Part, following: _Part) -> str:
    """A number that another one follows directly has exactly the pattern's digits: yyyyMMdd."""
    if part.literal:
        return re.escape(part.literal)
    if not part.is_number:
        return f"({_TEXTS.get(part.letter, _NAMES)})"
    if part.letter == "y":
        return r"(\d{2})" if part.width == 2 else r"(\d{4})"
    most = _NUMBERS[part.letter][2]
    return rf"(\d{{{part.width}}})" if following.is_number else rf"(\d{{1,{max(most, part.width)}}})"


def _day(fields: list[_Part], texts: tuple[str, ...]) -> date:
    numbers: dict[str, int] = {}
    for part, text in zip(fields, texts, strict=True):
        if part.letter == "M" and not part.is_number:
            numbers["M"] = _MONTHS.get(text.lower(), 0)
        elif part.is_number:
            numbers[part.letter] = _within(part, int(text))
    if "D" in numbers and "d" not in numbers:
        day = date(numbers["y"], 1, 1) + timedelta(days=numbers["D"] - 1)
        if day.year != numbers["y"]:
            raise ValueError("the year has no such day")
        return day
    return date(numbers["y"], numbers["M"], numbers["d"])


def _within(part: _Part, number: int) -> int:
    if part.letter == "y":
        return _four_digits(number) if part.width == 2 else number
    lowest, highest, _ = _NUMBERS[part.letter]
    if not lowest <= number <= highest:
        raise ValueError(f"{number} is beyond {lowest} to {highest}")
    return number


def _four_digits(year: int) -> int:
    """Two digits mean the year from 80 years ago to 20 years ahead, as Java has it."""
    latest = date.today().year + 20  # noqa: DTZ011 - a year's difference of a few hours
    return latest - (latest - year) % 100

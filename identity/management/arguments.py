"""What the options of commands may be: refused where they are read, in one line, and not where they are used."""

from __future__ import annotations

import re
from argparse import ArgumentTypeError
from collections.abc import Callable

MOST_HOURS = 24 * 366 * 100

_MEMORY = re.compile(r"\d{1,6}(\.\d{1,3})?[kmgt](i?b)?", re.ASCII | re.IGNORECASE)


def whole_number(*, least: int) -> Callable[[str], int]:
    """For `type=`. Raises ArgumentTypeError."""

    def read(word: str) -> int:
        if not (word.isascii() and word.isdigit() and int(word) >= least):
            raise ArgumentTypeError(f"must be a whole number from {least}, not {word!r}")
        return int(word)

    return read


def hours(word: str) -> float:
    """Raises ArgumentTypeError."""
    try:
        number = float(word)
    except ValueError:
        number = -1
    if not 0 <= number <= MOST_HOURS:
        raise ArgumentTypeError(f"must be a number from 0 to {MOST_HOURS}, not {word!r}")
    return number


def memory(word: str) -> str:
    """As DuckDB and Spark both read it. Raises ArgumentTypeError."""
    if not _MEMORY.fullmatch(word):
        raise ArgumentTypeError(f"must be a number and its unit, as 4g or 800m, not {word!r}")
    return word

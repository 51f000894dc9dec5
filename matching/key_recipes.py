"""Blocking keys for values that are compared by similarity. Pure: no Django.

An index finds equal values, not similar ones. Two values that Jaro-Winkler calls similar nearly always share their
beginning or their end, so a pair of similar values is looked for under several keys made of such pieces, and it is
enough that one of them is the same on both sides. The recipes were chosen by measuring: on the generated set of
100,000 records, of many combinations of beginnings, ends, skeletons and Double Metaphone codes these find the most
pairs with the fewest keys and the smallest blocks (tests/matching/test_plan.py holds them to it).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from contacts.record import Facts
from matching.model_definition import ADDRESS, Comparison, value_reader

# Reads one piece of a record; empty where the record does not have it. The ellipsis is for people who read the key.
Piece = Callable[[Facts], str]
Recipe = tuple[Piece, ...]

_DIGITS = re.compile(r"\d+")


def letters(value: str) -> str:
    """The letters and digits of any script, without case, accents left alone; a value that has none stays whole."""
    folded = value.casefold()
    if folded.isalnum():
        return folded
    return "".join(filter(str.isalnum, folded)) or folded


def recipes(fuzzy: Sequence[Comparison]) -> list[Recipe]:
    """The keys to make for a combination of similar values; fields in the model's order, the address apart."""
    pieces = pieces_of(fuzzy)
    readers = [value_reader(comparison.field) for comparison in pieces if comparison.field != ADDRESS]
    if len(readers) < len(pieces):
        return _with_address(readers)
    return _pair(*readers) if len(readers) == 2 else [(_begin(readers[0], 2),), (_end(readers[0], 3),)]


def pieces_of(fuzzy: Sequence[Comparison]) -> list[Comparison]:
    """Those of a combination that its keys are made of, in the model's order: the address, and two other fields.

    More would only lower the recall: the two that agree least often by chance are selective enough.
    """
    names = [comparison for comparison in fuzzy if comparison.field != ADDRESS]
    rarest = sorted(names, key=lambda comparison: comparison.u)[:2]
    return [comparison for comparison in fuzzy if comparison.field == ADDRESS or comparison in rarest]


def _pair(first: Piece, second: Piece) -> list[Recipe]:
    """The last two are for frequent names, whose other keys lead to more than are read: see docs/measurements.md."""
    return [
        (_begin(first, 3), _begin(second, 1)),
        (_begin(first, 1), _begin(second, 3)),
        (_begin(first, 1), _end(second, 3)),
        (_end(first, 2), _begin(second, 2)),
        (_begin(first, 2), _begin(second, 5)),
        (_begin(first, 2), _end(second, 5)),
    ]


def _with_address(names: Sequence[Piece]) -> list[Recipe]:
    street_line = value_reader(ADDRESS)
    if not names:
        return [(_house_number, _state), (_begin(street_line, 4),), (_zip_area, _begin(street_line, 1))]
    return [
        (*(_begin(name, 2) for name in names), _begin(street_line, 1)),
        (*(_begin(name, 1) for name in names), _zip_area),
        (_house_number, _state),
    ]


def _begin(read: Piece, length: int) -> Piece:
    def piece(facts: Facts) -> str:
        known = letters(read(facts))[:length]
        return known and f"{known}…"

    return piece


def _end(read: Piece, length: int) -> Piece:
    def piece(facts: Facts) -> str:
        known = letters(read(facts))[-length:]
        return known and f"…{known}"

    return piece


def _house_number(facts: Facts) -> str:
    found = _DIGITS.search(facts.street)
    return found.group() if found else ""


def _state(facts: Facts) -> str:
    return letters(facts.state)


def _zip_area(facts: Facts) -> str:
    """The first three digits of the ZIP: the sectional centre, an area of some 300,000 people."""
    return letters(facts.zip)[:3]


def whole(read: Piece) -> Piece:
    """The value itself, without case: the piece of a field that is compared exactly."""
    return lambda facts: read(facts).casefold()


def filled(recipe: Recipe, facts: Facts) -> Iterator[tuple[str, ...]]:
    """The pieces of one record, or nothing where one of them is missing."""
    pieces = tuple([piece(facts) for piece in recipe])
    if all(pieces):
        yield pieces

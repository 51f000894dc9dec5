"""Parsed JSON of unknown shape: what of it can be stored, and what its scalars say as text."""

from __future__ import annotations

import json
import math
import re
from codecs import BOM_UTF8
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NoReturn

# Deeper nesting than any contact needs; far below what exhausts the stack of a parser or of the database.
MAX_DEPTH = 32

# Integers beyond this many bits are longer than any field; Python refuses to write the very long ones in decimal.
_MAX_INTEGER_BITS = 1024

# Powers of ten beyond which a number is written as a mistake, and would be hundreds of digits in plain decimal.
_MAX_MAGNITUDE = 30

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?", re.ASCII)

BAD_CHARACTER = "body contains a character that cannot be stored"
BAD_NUMBER = "body contains a number that cannot be stored"
TOO_DEEP = f"body is nested too deeply (at most {MAX_DEPTH} levels)"


@dataclass(frozen=True, slots=True)
class Repeated:
    """Stands in the place of an object that has a name twice: which of its values was meant, nobody can tell."""

    name: str

    def __str__(self) -> str:
        legible = self.name[:100].encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")
        return f"body names '{legible}' twice in one object"


def strict_json(raw: bytes) -> Any:
    """JSON as RFC 8259 has it: UTF-8, no NaN or Infinity. Raises ValueError, and RecursionError for absurd nesting.

    An object with a name twice is read as Repeated, which `storage_faults` refuses.
    """
    return _DECODER.decode(raw.removeprefix(BOM_UTF8).decode())


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any] | Repeated:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    for name, _ in pairs:
        if found.pop(name, pairs) is pairs:
            return Repeated(name)
    raise AssertionError("unreachable")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, object_pairs_hook=_object)


def storage_faults(body: object) -> list[str]:
    """Why PostgreSQL's jsonb cannot hold `body`: NUL, lone surrogates, infinite numbers, depth, a name that an object
    has twice. Empty if it can.
    """
    faults: set[str] = set()
    level: list[object] = [body]
    for _ in range(MAX_DEPTH + 1):
        following: list[object] = []
        texts: list[str] = []
        for value in level:
            if isinstance(value, str):
                texts.append(value)
            elif isinstance(value, dict):
                following += value.keys()
                following += value.values()
            elif isinstance(value, list):
                following += value
            elif value is not None and not _is_storable(value):
                faults.add(str(value) if isinstance(value, Repeated) else BAD_NUMBER)
        if texts and not _is_encodable("".join(texts)):
            faults.add(BAD_CHARACTER)
        if not following:
            return sorted(faults)
        level = following
    return sorted(faults | {TOO_DEEP})


def _is_storable(value: object) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, int):
        return value.bit_length() <= _MAX_INTEGER_BITS
    return not isinstance(value, Repeated)


def _is_encodable(text: str) -> bool:
    if "\0" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def number_text(value: int | float) -> str:
    """A finite number as JavaScript writes it: 5.0 is "5", a millionth of a tenth "1e-7"."""
    if isinstance(value, int):
        return str(value)
    if value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    return repr(value).replace("e-0", "e-")


def plain_decimal(value: object) -> str:
    """A number, or a text that writes one, in plain decimal without trailing zeros. Raises ValueError."""
    text = number_text(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not _NUMBER.fullmatch(text.strip()):
        raise ValueError(f"not a number: {value!r}")
    number = Decimal(text.strip())
    if number and abs(number.adjusted()) > _MAX_MAGNITUDE:
        raise ValueError(f"beyond 10^{_MAX_MAGNITUDE}: {value!r}")
    return f"{number.normalize():f}" if number else "0"

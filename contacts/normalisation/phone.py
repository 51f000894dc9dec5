"""Telephone numbers in E.164, by the numbering plans of Google's libphonenumber."""

from __future__ import annotations

import re
from functools import lru_cache

import phonenumbers

# "(home)" after a number; left in, its letters would be read as the digits of their keys.
_LABEL = re.compile(r"\([^()\d]*\)\s*$")


# Characters of any number that people write, and how many of those read last a process remembers: whoever comes
# back soon is not read anew, which takes as long as asking the database. Longer texts must not fill the memory.
_WRITTEN = 50
_REMEMBERED = 8192


def to_e164(raw: str, region: str = "US") -> str:
    """`+` and up to 15 digits, or an empty string where `raw` is no valid number.

    `region` (ISO 3166-1 alpha-2) says how a number without a country code is dialled.
    """
    return _remembered(raw, region) if len(raw) <= _WRITTEN else _read(raw, region)


def _read(raw: str, region: str) -> str:
    try:
        number = phonenumbers.parse(_LABEL.sub("", raw), region)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


_remembered = lru_cache(maxsize=_REMEMBERED)(_read)

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

# Numbers of the United States as nearly everybody there writes them, for which the library takes fifty microseconds.
_USUAL = re.compile(r"(\+1)?[ .-]?\(?([2-9][0-9]{2})\)?[ .-]?([0-9]{3})[ .-]?([0-9]{4})")
_KINDS = ("fixed_line", "mobile", "toll_free", "premium_rate", "personal_number")


def to_e164(raw: str, region: str = "US") -> str:
    """`+` and up to 15 digits, or an empty string where `raw` is no valid number.

    `region` (ISO 3166-1 alpha-2) says how a number without a country code is dialled.
    """
    return _remembered(raw, region) if len(raw) <= _WRITTEN else _read(raw, region)


def _read(raw: str, region: str) -> str:
    usual = _USUAL.fullmatch(raw)
    if usual and (usual[1] or region == "US"):
        national = "".join(usual.groups()[1:])
        if _american().fullmatch(national):
            return f"+1{national}"
    return _by_library(raw, region)


@lru_cache(maxsize=1)
def _american() -> re.Pattern[str]:
    """What is valid in the United States among ten digits that begin as numbers do, by the library's own patterns."""
    described = phonenumbers.PhoneMetadata.metadata_for_region("US")
    kinds = (getattr(described, kind) for kind in _KINDS)
    return re.compile("|".join(dict.fromkeys(kind.national_number_pattern for kind in kinds)))


def _by_library(raw: str, region: str) -> str:
    try:
        number = phonenumbers.parse(_LABEL.sub("", raw), region)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


_remembered = lru_cache(maxsize=_REMEMBERED)(_read)

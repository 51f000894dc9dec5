"""Double Metaphone (Lawrence Philips, C/C++ Users Journal, June 2000): how a name sounds, in up to four letters."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from metaphone import doublemetaphone

# The length of a code in Philips' definition; the library goes on to the end of the word.
_CODE_LENGTH = 4

_NOT_LATIN = re.compile(r"[^A-Z ]")

# Three of Philips' rules that the library misses, told to it in its own spelling: the B of "dumb" and "plumber" is
# silent, a French "-gier" is soft in both codes, and the name José by itself begins with the Spanish J.
_MISSED_RULES = (
    (re.compile(r"UMB(?=$|ER)"), "UM"),
    (re.compile(r"(?<=.)GIER$"), "JIER"),
    (re.compile(r"^JOSE$"), "HOSE"),
)


@lru_cache(maxsize=65_536)
def metaphone_codes(word: str) -> tuple[str, str]:
    """The primary and the alternate code; the same twice where there is one pronunciation, empty for other scripts."""
    letters = _latin_letters(word)
    for rule, spelling in _MISSED_RULES:
        letters = rule.sub(spelling, letters)
    primary, alternate = doublemetaphone(letters)
    return primary[:_CODE_LENGTH], (alternate or primary)[:_CODE_LENGTH]


def _latin_letters(word: str) -> str:
    # A cedilla makes the C an S; every other accent leaves its letter.
    composed = unicodedata.normalize("NFC", word).upper().replace("Ç", "S")
    return _NOT_LATIN.sub("", unicodedata.normalize("NFD", composed)).strip()

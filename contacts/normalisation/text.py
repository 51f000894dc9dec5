"""Strings as sources send them, tidied without touching what they say."""

from __future__ import annotations

import unicodedata

# ECMAScript's white space and line ends: what the browsers and the reference program trim. Python's own str.strip()
# differs at both edges: it takes U+001C to U+001F and U+0085, and leaves the byte order mark U+FEFF.
_WHITE = "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"  # noqa: E501 - one alphabet


def trim(raw: str) -> str:
    return raw.strip(_WHITE)


def tidy(raw: str) -> str:
    """Trimmed and in Unicode's composed form (NFC), so that one spelling of é equals the other."""
    trimmed = raw.strip(_WHITE)
    return trimmed if trimmed.isascii() else unicodedata.normalize("NFC", trimmed)


def squeeze(raw: str) -> str:
    """Tidy, with every run of white space inside made one space."""
    return " ".join(tidy(raw).split())

"""E-mail addresses: one spelling, and a check of their shape (never of their existence)."""

from __future__ import annotations

import re
import unicodedata

from contacts.normalisation.text import tidy

# RFC 5321, section 4.5.3.1.3: a path of 256 octets, two of which are the angle brackets.
MAX_LENGTH = 254

# One @, something on both sides of it, and a dot inside the domain; white space nowhere.
_SHAPE = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


def normalise_email(raw: str) -> str:
    return unicodedata.normalize("NFC", tidy(raw).lower())


def is_valid_email(email: str) -> bool:
    """Whether a normalised address can be one at all: its shape, its length, and no control characters."""
    if len(email) > MAX_LENGTH or not _SHAPE.fullmatch(email):
        return False
    return email.isprintable() or not any(unicodedata.category(sign) in ("Cc", "Cs") for sign in email)

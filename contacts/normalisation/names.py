"""First names in their formal form, so that Chuck meets Charles."""

from __future__ import annotations

from contacts.normalisation.nicknames import FORMAL_NAMES
from contacts.normalisation.text import tidy, trim

# Shorter than this, a prefix says too little to search by.
MIN_PREFIX_LENGTH = 2


def formal_of(nickname: str) -> str | None:
    """The lower-case formal name a nickname stands for; None where it is no nickname in the dictionary."""
    return FORMAL_NAMES.get(trim(nickname).lower())


def formal_name(name: str) -> str:
    """The formal name, capitalised, for a nickname; any other name exactly as given."""
    formal = formal_of(name)
    return formal.capitalize() if formal else name


def formal_key(name: str) -> str:
    """The formal name in lower case: equal for every nickname, spelling and casing of one name."""
    key = tidy(name).lower()
    return FORMAL_NAMES.get(key, key)


def typeahead_prefixes(query: str) -> list[str]:
    """What a search for names that begin with `query` looks for: itself and, for a nickname, the formal name."""
    prefix = tidy(query).lower()
    if len(prefix) < MIN_PREFIX_LENGTH:
        return []
    formal = FORMAL_NAMES.get(prefix, prefix)
    return [prefix] if formal == prefix else [prefix, formal]

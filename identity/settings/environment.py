"""Reading the process environment: the one way an installation is configured."""

import os

from django.core.exceptions import ImproperlyConfigured

TRUE_WORDS = {"1", "true", "yes", "on"}
FALSE_WORDS = {"", "0", "false", "no", "off"}


def flag(name: str, *, default: bool = False) -> bool:
    """Raises ImproperlyConfigured on a word that is neither yes nor no: a typo must not switch something off."""
    word = os.environ.get(name, str(default)).strip().lower()
    if word not in TRUE_WORDS | FALSE_WORDS:
        raise ImproperlyConfigured(f"{name} must be one of on/off, yes/no, true/false, 1/0, not {word!r}")
    return word in TRUE_WORDS


def number(name: str, *, default: int, least: int = 0) -> int:
    word = os.environ.get(name) or str(default)
    if not (word.isascii() and word.isdigit() and int(word) >= least):
        raise ImproperlyConfigured(f"{name} must be a whole number from {least}, not {word!r}")
    return int(word)


def one_of(name: str, *words: str, default: str) -> str:
    word = os.environ.get(name, "").strip().upper() or default
    if word not in words:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(words)}, not {word!r}")
    return word


def listed(name: str, *, default: str = "") -> list[str]:
    """A comma-separated value; spaces around the commas do not count."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def required(name: str) -> str:
    value = os.environ.get(name, "").strip()
    if not value:
        raise ImproperlyConfigured(f"{name} must be set in the environment")
    return value

"""Values that people and programs type when they have none: they identify nobody. Pure: no Django."""

from __future__ import annotations

from contacts.normalisation.text import trim

_MAILBOXES = frozenset(
    {"test", "tests", "testing", "none", "noemail", "no-email", "nomail", "na", "n.a", "null", "unknown", "anonymous"}
    | {"noreply", "no-reply", "donotreply", "do-not-reply", "fake", "dummy", "notprovided", "not-provided"}
)
_DOMAINS = frozenset(
    {"test.com", "test.test", "none.com", "none.none", "noemail.com", "na.com", "null.com", "unknown.com"}
    | {"example.com", "email.com", "mail.com", "fake.com", "dummy.com", "nomail.com", "domain.com"}
)
# A keyboard's digits.
_UP, _DOWN = "01234567890123456789", "98765432109876543210"
_SHORTEST_RUN = 7


def is_placeholder_email(email: str) -> bool:
    """Whether a normalised e-mail is filler, such as test@test.com: both its sides have to look it."""
    mailbox, _, domain = trim(email).partition("@")
    return mailbox in _MAILBOXES and domain in _DOMAINS


def is_placeholder_phone(phone: str) -> bool:
    """Whether a phone (E.164 or digits) is filler: one digit over and over, or the keyboard's digits in a row."""
    digits = phone.lstrip("+")
    national = digits.removeprefix("1") if phone.startswith("+1") else digits
    return _is_run(digits) or (national != digits and _is_run(national))


def _is_run(digits: str) -> bool:
    if len(digits) < _SHORTEST_RUN:
        return False
    return digits in _UP or digits in _DOWN or digits == digits[0] * len(digits)

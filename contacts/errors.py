"""What a verb may refuse, by kind; the edge maps each kind to one status code."""

from __future__ import annotations


class DomainError(Exception):
    """A refusal with a sentence for the caller. Nothing was written."""


class NotFound(DomainError):
    """The thing named is not there, or is another tenant's."""


class Invalid(DomainError):
    """The request cannot be carried out as it stands."""


class Conflict(DomainError):
    """Somebody or something else holds what was asked for."""


class Stale(Conflict):
    """The state that the decision was taken on has changed since."""

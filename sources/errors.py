"""What a verb of any floor may refuse, by kind; the edge maps each kind to one status code."""

from __future__ import annotations

from collections.abc import Sequence


class DomainError(Exception):
    """A refusal with a sentence for the caller. Nothing was written."""


class NotFound(DomainError):
    """The thing named is not there, or is another tenant's."""


class Invalid(DomainError):
    """The request cannot be carried out as it stands."""


class InvalidBody(Invalid):
    """A body breaks the rules; `errors` names every breach, in the order of the fields."""

    def __init__(self, errors: Sequence[str]) -> None:
        super().__init__("; ".join(errors))
        self.errors = list(errors)


class Forbidden(DomainError):
    """The caller is known, and may not do this."""


class Conflict(DomainError):
    """Somebody or something else holds what was asked for."""


class Stale(Conflict):
    """The state that the decision was taken on has changed since."""

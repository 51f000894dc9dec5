"""Who sits at the console: a signed-in user's tenant, and whose records the seat may see and decide on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import QuerySet
from django.utils.functional import cached_property

from review.decisions import latest
from review.models import Decision
from review.queue import WaitingPairs, in_figures, waiting
from sources.memberships import membership_of
from sources.models import DEFAULT_TENANT, Membership, SourceSystem, Tenant


@dataclass(frozen=True)
class Seat:
    """A user in a tenant. An admin sees all of the tenant, a steward what the reviewers' lists of sources allow."""

    user: Any
    tenant: Tenant
    is_admin: bool

    @property
    def name(self) -> str:
        """How decisions of this seat are signed in history, as through the API."""
        return str(self.user.get_username())

    @property
    def title(self) -> str:
        return "Administrator" if self.is_admin else "Steward"

    @cached_property
    def sources(self) -> list[SourceSystem]:
        """The live sources whose records this seat may decide on, by name."""
        rows = SourceSystem.objects.of(self.tenant).live()
        if not self.is_admin:
            rows = rows.filter(reviewers__email=self.user.email.lower()).distinct() if self.user.email else rows.none()
        return list(rows.order_by("name"))

    @cached_property
    def source_ids(self) -> list[int]:
        return [source.pk for source in self.sources]

    def pairs(self) -> WaitingPairs:
        """Everything that waits and that this seat may decide on."""
        pairs = waiting(self.tenant)
        return pairs if self.is_admin else pairs.from_sources(self.source_ids)

    def decisions(self) -> QuerySet[Decision]:
        """What this seat decided, the last first, of the records that it may still see."""
        rows = latest(self.tenant, by=self.name)
        return rows if self.is_admin else rows.filter(contact__source__in=self.source_ids)

    @cached_property
    def counted(self) -> int:
        """How many records wait for this seat, as `WaitingPairs.counted` gives it."""
        return self.pairs().not_put_off_by(self.name).counted()

    @property
    def waiting(self) -> str:
        """The same as the top bar and the queue tell it."""
        return in_figures(self.counted)


def seat_of(user: AbstractBaseUser | Any) -> Seat | None:
    """None for a stranger. An operator (a superuser of no tenant) sits in the default tenant."""
    if not user.is_authenticated:
        return None
    membership = membership_of(user)
    if membership is not None:
        return Seat(user, membership.tenant, is_admin=membership.role == Membership.Role.ADMIN)
    if getattr(user, "is_superuser", False):
        return Seat(user, Tenant.objects.get(name=DEFAULT_TENANT), is_admin=True)
    return None

"""People: which tenant a signed-in user works for, and what the role there allows."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib.auth.base_user import AbstractBaseUser

from sources.models import Membership, Scope, Tenant

ROLE_SCOPES: Mapping[str, frozenset[str]] = {
    Membership.Role.STEWARD: frozenset({Scope.READ, Scope.REVIEW}),
    Membership.Role.ADMIN: frozenset(Scope.values),
}


def membership_of(user: AbstractBaseUser) -> Membership | None:
    """With its tenant, in one query; None for a user who belongs to no tenant."""
    return Membership.objects.select_related("tenant").filter(user_id=user.pk).first()


def enrol(user: AbstractBaseUser, *, tenant: Tenant, role: str) -> Membership:
    """Give the user this role in this tenant, in place of any other: a user works for one tenant."""
    membership, _ = Membership.objects.update_or_create(user_id=user.pk, defaults={"tenant": tenant, "role": role})
    return membership

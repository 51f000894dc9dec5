"""People: which tenant a signed-in user works for, and what the role there allows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from sources import deeds
from sources.deeds import Subject
from sources.models import Deed, Membership, Scope, Tenant

ROLE_SCOPES: Mapping[str, frozenset[str]] = {
    Membership.Role.STEWARD: frozenset({Scope.READ, Scope.REVIEW}),
    Membership.Role.ADMIN: frozenset(Scope.values),
}


def membership_of(user: AbstractBaseUser) -> Membership | None:
    """With its tenant, in one query; None for a user who belongs to no tenant."""
    return Membership.objects.select_related("tenant").filter(user_id=user.pk).first()


@transaction.atomic
def enrol(user: AbstractBaseUser, *, tenant: Tenant, role: str, by: str = "system") -> Membership:
    """Give the user this role in this tenant, in place of any other: a user works for one tenant."""
    held = _held(user)
    if held is not None and held.tenant_id != tenant.pk:
        _tell(Deed.Action.REMOVED, held, user, by=by, before={"role": held.role})
    membership, _ = Membership.objects.update_or_create(user_id=user.pk, defaults={"tenant": tenant, "role": role})
    if held is None or held.tenant_id != tenant.pk:
        _tell(Deed.Action.MADE, membership, user, by=by, after={"role": role})
    elif held.role != role:
        _tell(Deed.Action.CHANGED, membership, user, by=by, before={"role": held.role}, after={"role": role})
    return membership


@transaction.atomic
def dismiss(user: AbstractBaseUser, *, by: str) -> None:
    """The user works for no tenant any more."""
    held = _held(user)
    if held is not None:
        _tell(Deed.Action.REMOVED, held, user, by=by, before={"role": held.role})
        held.delete()


def powers(user: Any) -> dict[str, bool]:
    """What an account may do beyond its membership: sign in, look at the admin, operate the whole installation."""
    return {name: getattr(user, name) for name in ("is_active", "is_staff", "is_superuser")}


def tell_account(user: Any, *, before: deeds.Facts | None, by: str) -> None:
    """In the journal; part of the transaction that saves the account. `before`: its powers, None of a new one."""
    if before is None:
        deeds.record(Deed.Action.MADE, _account(user), tenant=_tenant(user), by=by, after=powers(user))
    else:
        deeds.record_change(_account(user), tenant=_tenant(user), by=by, before=before, after=powers(user))


def tell_removed_account(user: Any, *, by: str) -> None:
    """In the journal; part of the transaction that deletes the account."""
    deeds.record(Deed.Action.REMOVED, _account(user), tenant=None, by=by, before=powers(user))


def _account(user: Any) -> Subject:
    return Subject(Deed.Kind.ACCOUNT, user.pk, user.get_username())


def _tenant(user: Any) -> Tenant | None:
    held = membership_of(user)
    return held.tenant if held else None


def _held(user: AbstractBaseUser) -> Membership | None:
    rows = Membership.objects.select_related("tenant").select_for_update(of=("self",))
    return rows.filter(user_id=user.pk).first()


def _tell(
    action: Deed.Action,
    membership: Membership,
    user: AbstractBaseUser,
    *,
    by: str,
    before: deeds.Facts | None = None,
    after: deeds.Facts | None = None,
) -> None:
    """By the account's name and id: a membership is of one account."""
    subject = Subject(Deed.Kind.MEMBERSHIP, user.pk, user.get_username())
    deeds.record(action, subject, tenant=membership.tenant, by=by, before=before, after=after)

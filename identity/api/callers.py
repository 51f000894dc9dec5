"""Who is calling, and what they may do: the same facts for a program, a signed-in user and the anonymous caller."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser

from sources.memberships import ROLE_SCOPES, membership_of
from sources.models import ApiKey, Scope, SourceSystem, Tenant
from sources.tenants import TenantNotFound, find_tenant, is_named

DEFAULT_TENANT_REFERENCE = "default"


@dataclass(frozen=True, slots=True)
class Caller:
    """`tenant` None: an operator, who names the tenant with each request. `source`: the only one it may submit for.

    `key`: the first characters of a program's API key. `username`: the account of a signed-in user, empty for programs.
    `anonymous`: neither key nor session.
    """

    scopes: frozenset[str]
    tenant: Tenant | None = None
    source: SourceSystem | None = None
    key: str = ""
    username: str = ""
    anonymous: bool = False

    @property
    def is_operator(self) -> bool:
        return self.tenant is None

    def may(self, scope: str) -> bool:
        return scope in self.scopes or Scope.ADMIN in self.scopes

    def tenant_named(self, reference: str) -> Tenant:
        """The tenant of a request that names `reference` (empty: none). Raises TenantNotFound."""
        if self.tenant is None:
            return find_tenant(reference or DEFAULT_TENANT_REFERENCE)
        if reference and not is_named(self.tenant, reference):
            raise TenantNotFound
        return self.tenant


def of_key(key: ApiKey) -> Caller:
    return Caller(scopes=frozenset(key.scopes), tenant=key.tenant, source=key.source, key=key.prefix)


def of_user(user: AbstractBaseUser) -> Caller | None:
    """None for a user who works for no tenant and is no operator."""
    membership, name = membership_of(user), user.get_username()
    if membership is not None:
        return Caller(scopes=ROLE_SCOPES[membership.role], tenant=membership.tenant, username=name)
    return Caller(scopes=frozenset(Scope.values), username=name) if getattr(user, "is_superuser", False) else None


def anybody(scopes: Collection[str] = Scope.values) -> Caller:
    """The caller without credentials that a development installation serves as an operator."""
    return Caller(scopes=frozenset(scopes), anonymous=True)

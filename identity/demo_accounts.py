"""The two accounts of a `make run` installation: whoever administers it, and whoever reviews its matches."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import get_user_model

from identity.secrets_on_disk import kept_secret
from sources.memberships import enrol, membership_of
from sources.models import DEFAULT_TENANT, Membership, Tenant

ADMIN = "admin"
STEWARD = "steward"
# The demo's sources name this address among their reviewers.
STEWARD_EMAIL = f"{STEWARD}@example.org"


@dataclass(frozen=True)
class Login:
    """`password` is None once somebody has changed it: then it is no longer ours to know."""

    username: str
    password: str | None
    role: str


def ensure_demo_logins() -> list[Login]:
    """Creates what is missing. The passwords are generated once and kept in the data directory."""
    return [
        _ensured(ADMIN, role=Membership.Role.ADMIN, title="administrator"),
        _ensured(STEWARD, role=Membership.Role.STEWARD, title="data steward"),
    ]


def _ensured(username: str, *, role: Membership.Role, title: str) -> Login:
    password = kept_secret(settings.DATA_DIR, f"{username}_password", length=12)
    accounts = get_user_model().objects
    administers = role == Membership.Role.ADMIN
    account = accounts.filter(username=username).first() or accounts.create_user(
        username,
        email=f"{username}@example.org",
        password=password,
        is_staff=administers,
        is_superuser=administers,
    )
    tenant = Tenant.objects.get(name=DEFAULT_TENANT)
    if membership_of(account) is None:
        enrol(account, tenant=tenant, role=role)
    return Login(username, password if account.check_password(password) else None, title)

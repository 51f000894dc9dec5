"""The two accounts of a `make run` installation: whoever administers it, and whoever reviews its matches."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import get_user_model

from identity.secrets_on_disk import kept_secret

ADMIN = "admin"
STEWARD = "steward"


@dataclass(frozen=True)
class Login:
    """`password` is None once somebody has changed it: then it is no longer ours to know."""

    username: str
    password: str | None
    role: str


def ensure_demo_logins() -> list[Login]:
    """Creates what is missing. The passwords are generated once and kept in the data directory."""
    return [
        _ensured(ADMIN, role="administrator", is_staff=True, is_superuser=True),
        _ensured(STEWARD, role="data steward", is_staff=False, is_superuser=False),
    ]


def _ensured(username: str, *, role: str, is_staff: bool, is_superuser: bool) -> Login:
    password = kept_secret(settings.DATA_DIR, f"{username}_password", length=12)
    accounts = get_user_model().objects
    account = accounts.filter(username=username).first() or accounts.create_user(
        username, password=password, is_staff=is_staff, is_superuser=is_superuser
    )
    return Login(username, password if account.check_password(password) else None, role)

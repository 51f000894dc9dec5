"""An installation others can reach. It refuses to start rather than start half protected."""

from django.core.exceptions import ImproperlyConfigured

from identity.settings.base import *  # noqa: F403
from identity.settings.base import BASE_DIR
from identity.settings.database import databases
from identity.settings.environment import flag, listed, number, required

for switch in ("ANONYMOUS_API", "DEBUG"):
    if flag(switch):
        raise ImproperlyConfigured(f"{switch} is for identity.settings.development only; production refuses to start")

SECRET_KEY = required("SECRET_KEY")
required("ALLOWED_HOSTS")
ALLOWED_HOSTS = listed("ALLOWED_HOSTS")
DATABASES = databases(required("DATABASE_URL"))

# TLS ends at the proxy in front; TLS=off is for a private network without one.
TLS = flag("TLS", default=True)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TLS else None
SECURE_SSL_REDIRECT = TLS
SECURE_REDIRECT_EXEMPT = [r"^health/?$", r"^ready/?$"]  # probes speak plain HTTP to the process itself
SESSION_COOKIE_SECURE = TLS
CSRF_COOKIE_SECURE = TLS
SECURE_HSTS_SECONDS = number("HSTS_SECONDS", default=31_536_000) if TLS else 0
# Whether every neighbouring subdomain speaks TLS is for the owner of the domain to say, not for this service.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
CSRF_TRUSTED_ORIGINS = listed("CSRF_TRUSTED_ORIGINS")

# Where collectstatic puts the static files, and where they are served from.
STATIC_ROOT = BASE_DIR / "staticfiles"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

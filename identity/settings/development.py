"""What `make run` uses: this machine only, no keys needed. Never for a server others can reach."""

import os

from identity.postgres import EmbeddedPostgres
from identity.secrets_on_disk import kept_secret
from identity.settings.base import *  # noqa: F403
from identity.settings.base import DATA_DIR
from identity.settings.database import databases
from identity.settings.environment import flag

DEBUG = flag("DEBUG")
SECRET_KEY = kept_secret(DATA_DIR, "secret_key")
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]

EMBEDDED_POSTGRES = None if os.environ.get("DATABASE_URL") else EmbeddedPostgres(DATA_DIR / "postgres")
DATABASES = databases(EMBEDDED_POSTGRES.url if EMBEDDED_POSTGRES else os.environ["DATABASE_URL"])

# Callers without a key may use the API, from the loopback addresses only.
ANONYMOUS_API = True

DEMO = True

# Static files straight from their sources: no collecting before a start.
WHITENOISE_USE_FINDERS = True

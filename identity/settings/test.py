"""Settings of the test suite; tests/conftest.py puts a throwaway server in place when DATABASE_URL is not set."""

import os

from identity.settings.base import *  # noqa: F403
from identity.settings.database import database_settings

SECRET_KEY = "for tests only"  # noqa: S105
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
DATABASES = {"default": database_settings(os.environ.get("DATABASE_URL") or "host=set-by-conftest dbname=identity")}

# Real hashing is slow on purpose.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
WHITENOISE_USE_FINDERS = True

"""Settings every installation shares; development.py and production.py add what differs."""

import os
from pathlib import Path

from identity.postgres import EmbeddedPostgres
from identity.settings.api import REST_FRAMEWORK as REST_FRAMEWORK
from identity.settings.api import SPECTACULAR_SETTINGS as SPECTACULAR_SETTINGS
from identity.settings.environment import number
from identity.settings.logs import LOGGING as LOGGING

BASE_DIR = Path(__file__).resolve().parent.parent.parent

# Everything a run of `make run` keeps between starts: the database, the generated secret key, the demo's passwords.
DATA_DIR = Path(os.environ.get("IDENTITY_DATA_DIR") or BASE_DIR / ".data").expanduser().absolute()

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "procrastinate.contrib.django",
    "sources",
    "contacts",
    "matching",
    "imports",
    "review",
    "identity",
]

MIDDLEWARE = [
    "identity.programs.Programs",
    "django.middleware.security.SecurityMiddleware",
    "identity.content_security.content_security",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "identity.probes.Common",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "review.console.zones.ReadersZone",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "review.console.context.frame",
            ],
        },
    },
]

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LOGIN_URL = "console:login"
LOGIN_REDIRECT_URL = "console:queue"

ROOT_URLCONF = "identity.urls"
WSGI_APPLICATION = "identity.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
APPEND_SLASH = False

# Above the API's own limit of 1 MiB for a body, so that it is the API that answers 413, in its own words.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# Bytes of a file of records, unpacked; records that are resolved in one transaction; and the processes that read a
# file, 0: as many as there are processors.
IMPORT_MAX_BYTES = number("IMPORT_MAX_BYTES", default=20 * 1024**3)
IMPORT_CHUNK_RECORDS = number("IMPORT_CHUNK_RECORDS", default=2_000, least=1)
IMPORT_PROCESSES = number("IMPORT_PROCESSES", default=0)

# Several jobs at once, so that a long import holds up nothing else. Jobs that ended well leave no trace.
PROCRASTINATE_WORKER_DEFAULTS = {"concurrency": 4, "delete_jobs": "successful"}

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]

DEBUG = False
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"

DATABASE_ROUTERS = ["contacts.replica.Router"]

# Whether `manage.py serve` fills an empty registry with made-up people. Only development.py switches it on.
DEMO = False

# The server this installation starts itself; None where DATABASE_URL names one.
EMBEDDED_POSTGRES: EmbeddedPostgres | None = None

# Whether the API answers callers without a key or a session. Only development.py may switch it on.
ANONYMOUS_API = False

"""Logging: to standard error, one line an event; ids, never people."""

import logging
import re
from typing import Any

from identity.settings.environment import one_of

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{1,9}", re.ASCII)

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class WithoutValues(logging.Formatter):
    """Drops from tracebacks the DETAIL and CONTEXT lines of PostgreSQL's errors: they quote names, e-mails, phones."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the standard library's name
        lines = super().formatException(ei).splitlines()
        return "\n".join(line for line in lines if not line.startswith(("DETAIL:", "CONTEXT:", "LINE ")))


class WithoutPaths(logging.Filter):
    """Of a request's path, only what the address itself is called and ids: a caller may take an e-mail for an id."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if request is not None and isinstance(record.args, tuple) and record.args:
            record.args = (*record.args[:-1], _told(request))
        return True


def _told(request: Any) -> str:
    """The last argument of what Django logs of a request is its path."""
    match = getattr(request, "resolver_match", None)
    named = {"", *(match.route.split("/") if match else ())}
    return "/".join(part if part in named or _ID.fullmatch(part) else "…" for part in request.path.split("/"))


LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": WithoutValues,
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        },
    },
    "filters": {"paths": {"()": WithoutPaths}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": one_of("LOG_LEVEL", *LEVELS, default="WARNING")},
    # Django's own handlers would print a second time, and mail.
    "loggers": {
        "django": {"handlers": [], "level": "NOTSET", "propagate": True},
        "django.request": {"filters": ["paths"]},
        "django.security.csrf": {"filters": ["paths"]},
    },
}

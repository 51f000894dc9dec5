"""Logging: to standard error, one line an event; ids, never people."""

import logging
from typing import Any

from identity.settings.environment import one_of

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class WithoutValues(logging.Formatter):
    """Drops from tracebacks the DETAIL and CONTEXT lines of PostgreSQL's errors: they quote names, e-mails, phones."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the standard library's name
        lines = super().formatException(ei).splitlines()
        return "\n".join(line for line in lines if not line.startswith(("DETAIL:", "CONTEXT:", "LINE ")))


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
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": one_of("LOG_LEVEL", *LEVELS, default="WARNING")},
    # Django's own handlers would print a second time, and mail.
    "loggers": {"django": {"handlers": [], "level": "NOTSET", "propagate": True}},
}

"""From a connection URL, or from the embedded server, to Django's DATABASES entry."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from identity.settings.environment import flag, number

DATABASE_NAMES = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}


def database_settings(url: str) -> dict[str, Any]:
    """Accepts what libpq accepts: postgresql://user:password@host:port/name?sslmode=require, or `host=… dbname=…`."""
    parameters = _parsed(url)
    named = {DATABASE_NAMES[key]: str(value) for key, value in parameters.items() if key in DATABASE_NAMES}
    options = {key: value for key, value in parameters.items() if key not in DATABASE_NAMES}
    options["options"] = f"{options.get('options', '')} {_session_limits()}".strip()
    return {
        "ENGINE": "identity.database",  # its pool replaces broken connections: a database restart goes unnoticed
        **named,
        "ATOMIC_REQUESTS": False,  # the verbs open their own transactions
        "OPTIONS": {**options, "pool": _pool(), "prepare_threshold": _prepare_threshold()},
    }


def _parsed(url: str) -> dict[str, Any]:
    try:
        parameters = conninfo_to_dict(url)
    except ProgrammingError as error:
        raise ImproperlyConfigured("DATABASE_URL is not a PostgreSQL connection URL") from error
    if not parameters.get("dbname"):
        raise ImproperlyConfigured("DATABASE_URL names no database: postgresql://user:password@host:5432/name")
    return parameters


def _pool() -> dict[str, int]:
    """Per process. `timeout`: seconds a request waits for a free connection before it fails."""
    return {"min_size": 1, "max_size": number("DATABASE_POOL_SIZE", default=10), "timeout": 15}


def _prepare_threshold() -> int | None:
    """After how many uses of a statement the server keeps its plan; None where a pooler in between forbids it."""
    return 0 if flag("DATABASE_PREPARED_STATEMENTS", default=True) else None


def _session_limits() -> str:
    """Milliseconds, 0 = none. wsgi.py sets them for requests; commands (migrations, imports) may take their time."""
    statement = number("DATABASE_STATEMENT_TIMEOUT_MS", default=0)
    lock = number("DATABASE_LOCK_TIMEOUT_MS", default=0)
    idle = number("DATABASE_IDLE_TRANSACTION_TIMEOUT_MS", default=0)
    return (
        f"-c statement_timeout={statement} -c lock_timeout={lock} -c idle_in_transaction_session_timeout={idle}"
        " -c application_name=identity-registry"
    )

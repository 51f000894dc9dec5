"""From a connection URL, or from the embedded server, to Django's DATABASES entry."""

import os
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from identity.settings.environment import flag, number

DATABASE_NAMES = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}


# A pooler that gives a connection to somebody else after every transaction, as PgBouncer does in transaction mode.
TRANSACTION = "transaction"


def databases(url: str) -> dict[str, Any]:
    """DATABASES: the database itself and, where the environment names them, the others.

    `replica` (DATABASE_REPLICA_URL) is read where a moment behind will do: see contacts.replica. `direct`
    (DATABASE_DIRECT_URL) is the way past a pooler, for locks that last longer than a transaction.
    """
    named = {"default": url, "replica": os.environ.get("DATABASE_REPLICA_URL")}
    found = {alias: database_settings(each) for alias, each in named.items() if each}
    if direct := os.environ.get("DATABASE_DIRECT_URL"):
        found["direct"] = _unpooled(direct)
    elif _pooled():
        raise ImproperlyConfigured("DATABASE_POOLER needs DATABASE_DIRECT_URL: some locks outlast a transaction")
    return found


def _unpooled(url: str) -> dict[str, Any]:
    """One connection while it is needed; nothing of the pooler's limits holds for it."""
    entry = _entry(url)
    return entry | {"OPTIONS": {**entry["OPTIONS"], "options": _started_with(entry["OPTIONS"])}}


def _pooled() -> bool:
    word = os.environ.get("DATABASE_POOLER", "").strip().lower()
    if word not in ("", TRANSACTION):
        raise ImproperlyConfigured(f"DATABASE_POOLER must be {TRANSACTION} or empty, not {word!r}")
    return word == TRANSACTION


def database_settings(url: str) -> dict[str, Any]:
    """Accepts what libpq accepts: postgresql://user:password@host:port/name?sslmode=require, or `host=… dbname=…`."""
    entry = _entry(url)
    options = {**entry["OPTIONS"], "pool": _pool(), "prepare_threshold": _prepare_threshold()}
    # A pooler refuses what a session is started with: the next one to get the connection may want it otherwise.
    if not _pooled():
        options["options"] = _started_with(options)
    # A cursor of the server's lasts as long as a transaction: Django's own iterators open theirs without one.
    return entry | {"OPTIONS": options, "DISABLE_SERVER_SIDE_CURSORS": _pooled()}


def _entry(url: str) -> dict[str, Any]:
    parameters = _parsed(url)
    named = {DATABASE_NAMES[key]: str(value) for key, value in parameters.items() if key in DATABASE_NAMES}
    return {
        "ENGINE": "identity.database",  # its pool replaces broken connections: a database restart goes unnoticed
        **named,
        "ATOMIC_REQUESTS": False,  # the verbs open their own transactions
        "OPTIONS": {key: value for key, value in parameters.items() if key not in DATABASE_NAMES},
    }


def _started_with(options: dict[str, Any]) -> str:
    return f"{options.get('options', '')} {_session_limits()}".strip()


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
    return {"min_size": 1, "max_size": number("DATABASE_POOL_SIZE", default=10, least=1), "timeout": 15}


def _prepare_threshold() -> int | None:
    """After how many uses of a statement the server keeps its plan; None: it never does."""
    kept = flag("DATABASE_PREPARED_STATEMENTS", default=not _pooled())
    # A session keeps them (sources.wording): behind a pooler, somebody else's.
    if kept and _pooled():
        raise ImproperlyConfigured("DATABASE_PREPARED_STATEMENTS cannot be on with DATABASE_POOLER")
    return 0 if kept else None


def _session_limits() -> str:
    """Milliseconds, 0 = none. wsgi.py sets them for requests; commands (migrations, imports) may take their time."""
    statement = number("DATABASE_STATEMENT_TIMEOUT_MS", default=0)
    lock = number("DATABASE_LOCK_TIMEOUT_MS", default=0)
    idle = number("DATABASE_IDLE_TRANSACTION_TIMEOUT_MS", default=0)
    return (
        f"-c statement_timeout={statement} -c lock_timeout={lock} -c idle_in_transaction_session_timeout={idle}"
        # What is prepared has one plan for whatever parameters (sources.round_trips). PostgreSQL takes every array for
        # ten values long, and would plan for a shorter one each time.
        " -c plan_cache_mode=force_generic_plan"
        # Statements are short: compiling one takes longer than carrying it out.
        " -c jit=off -c application_name=identity-registry"
        # Whatever the server's defaults are: what follows a lock sees what was committed before it, and psycopg reads
        # no other form of dates.
        r" -c default_transaction_isolation=read\ committed -c datestyle=ISO"
    )

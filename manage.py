#!/usr/bin/env python
"""Django's command line for the identity registry."""

import os
import sys

# These start the database themselves, or need none.
WITHOUT_DATABASE = {
    "serve",
    "check",
    "collectstatic",
    "diffsettings",
    "help",
    "spectacular",
    "version",
    "--help",
    "--version",
}


def main() -> None:
    """What whoever typed the command can mend is told in a line; all else, and with --traceback this, as it came."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "identity.settings.development")
    from django.core.exceptions import ImproperlyConfigured
    from django.db import NotSupportedError, OperationalError
    from psycopg_pool import PoolTimeout

    from identity.postgres import PostgresUnavailable

    try:
        _carry_out()
    except (ImproperlyConfigured, PostgresUnavailable, PoolTimeout, NotSupportedError, OperationalError) as error:
        unreachable = isinstance(error, PoolTimeout) or isinstance(error.__cause__, PoolTimeout)
        if "--traceback" in sys.argv or (isinstance(error, OperationalError) and not unreachable):
            raise
        sys.exit(f"The database cannot be reached: {error}" if unreachable else str(error))


def _carry_out() -> None:
    from django.core.management import execute_from_command_line

    if len(sys.argv) < 2 or sys.argv[1] in WITHOUT_DATABASE:
        execute_from_command_line(sys.argv)
        return
    from django.conf import settings

    if settings.EMBEDDED_POSTGRES is None:
        execute_from_command_line(sys.argv)
        return
    with settings.EMBEDDED_POSTGRES.running():
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()

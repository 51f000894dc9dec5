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
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "identity.settings.development")
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

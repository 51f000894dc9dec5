"""What `make run` starts: database, tables, demo, web server, worker; and what Ctrl-C stops again, in reverse order."""

import logging
import os
import signal
import sys
from contextlib import nullcontext
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import ProgrammingError, connection

from identity.database.base import OLDEST_POSTGRES
from identity.demo import loading
from identity.demo_accounts import ensure_demo_logins
from identity.postgres import PostgresUnavailable
from identity.serving import HOST, CannotServe, check_port, port_held, web_server
from identity.worker import worker
from sources.models import DEFAULT_TENANT, Tenant

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Starts everything on this machine, with a demo in an empty registry. PORT and DATABASE_URL are honoured."
    requires_system_checks: list[str] = []  # they are run once the database is there, by migrate

    def handle(self, *args: Any, **options: Any) -> None:
        signal.signal(signal.SIGTERM, _leave)
        signal.signal(signal.SIGINT, _leave)  # also where a shell started this with it ignored, in the background
        try:
            port = _port()
            check_port(port)
            embedded = settings.EMBEDDED_POSTGRES
            with port_held(port), embedded.watched() if embedded else nullcontext():
                self._serve(port)
        except (CannotServe, PostgresUnavailable) as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            self.stdout.write("\nStopped.")

    def _serve(self, port: int) -> None:
        try:
            self._prepare()
            announcement = _announcement(port)
        finally:
            connection.close()
            connection.close_pool()  # type: ignore[attr-defined]  # the workers open pools of their own
        with web_server(port) as process, worker():
            self.stdout.write(announcement)
            self.stdout.flush()
            try:
                code = process.wait()
            finally:
                _ignore_impatience()
        raise CannotServe(f"The web server ended by itself (exit code {code}).")

    def _prepare(self) -> None:
        _check_database(settings.EMBEDDED_POSTGRES.url if settings.EMBEDDED_POSTGRES else os.environ["DATABASE_URL"])
        self.stdout.write("Bringing the tables up to date …")
        try:
            call_command("migrate", interactive=False, verbosity=0)
        except ProgrammingError as error:
            raise CannotServe(
                f"The tables cannot be brought up to date: {str(error).splitlines()[0]}. "
                "The registry needs a database of its own; does this one hold the tables of something else?"
            ) from error
        if settings.DEMO:
            self._load_demo()

    def _load_demo(self) -> None:
        """Whatever is wrong with the demo, the registry starts."""
        try:
            if loading.is_wanted(Tenant.objects.get(name=DEFAULT_TENANT)):
                self.stdout.write("Loading the demo (once; a load that was broken off is continued) …")
                call_command("load_demo", stdout=self.stdout, stderr=self.stderr)
        except Exception as error:
            logger.warning("The demo could not be loaded to its end", exc_info=error)
            self.stderr.write(f"WARNING  The demo is not complete: {error!r}. The registry starts with what there is.")


def _leave(*_: object) -> None:
    """Ctrl-C and SIGTERM take the same way out."""
    raise KeyboardInterrupt


def _ignore_impatience() -> None:
    """A second Ctrl-C while things are being stopped must not leave one of them behind."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def _check_database(url: str) -> None:
    """By a connection of its own: the pool would try for a quarter of a minute before it says anything."""
    try:
        with psycopg.connect(url, connect_timeout=10) as probe:
            version = probe.info.server_version
    except psycopg.OperationalError as error:
        raise CannotServe(f"The database does not answer: {error}") from error
    if version < OLDEST_POSTGRES * 10_000:
        raise CannotServe(f"PostgreSQL {OLDEST_POSTGRES} or newer is needed; DATABASE_URL names an older server.")


def _port() -> int:
    word = os.environ.get("PORT") or "8000"
    if not (word.isascii() and word.isdigit()):
        raise CannotServe(f"PORT must be a number, not {word!r}.")
    return int(word)


def _announcement(port: int) -> str:
    base = f"http://{HOST}:{port}"
    changed = f"(changed; `{sys.argv[0]} changepassword USERNAME` sets a new one)"
    logins = [f"  {login.username:<10} {login.password or changed:<24} {login.role}" for login in ensure_demo_logins()]
    warning = [
        "",
        "  WARNING  Anyone on this machine may use the API without a key (loopback only).",
        "           This is for trying out. docs/operations.md says how to run it for others.",
    ]
    return "\n".join(
        [
            "",
            f"  Registry   {base}/",
            f"  Admin      {base}/admin/",
            f"  API docs   {base}/api-docs",
            "",
            *logins,
            "",
            f"  Try        curl -s '{base}/customers?limit=3'",
            *(warning if settings.ANONYMOUS_API else []),
            "",
            "  Ctrl-C stops everything.",
        ]
    )

"""PgBouncer in front of the database of a test, which gives a connection to somebody else after every transaction."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from unittest.mock import patch

from django.db import connection, connections
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from identity.database.base import DatabaseWrapper
from identity.settings.database import databases

PROGRAM = shutil.which("pgbouncer")
PORT = 6432  # of a socket in a directory of its own
SECONDS = 10
# Fewer than there are clients, so that they keep changing places.
CONNECTIONS = 2
_POOLS = DatabaseWrapper._connection_pools  # type: ignore[attr-defined]  # which the stubs do not know


@contextmanager
def pooled(url: str) -> Iterator[str]:
    """Have everything inside the block reach the database of this address through a pooler; the address of that.

    The environment has DATABASE_POOLER and DATABASE_DIRECT_URL as docs/at-scale.md tells.
    """
    directory = Path(tempfile.mkdtemp(prefix="identity-registry-pooler-"))
    try:
        with _running(directory, url):
            through = make_conninfo(url, host=str(directory), port=PORT)
            entries = databases(through)
            connections.configure_settings(entries)
            connections.close_all()
            with patch.dict(connections.settings, entries), patch.dict(_POOLS, clear=True):
                _forget_connections()
                yield through
                connections.close_all()
                connection.close_pool()  # type: ignore[attr-defined]
    finally:
        _forget_connections()
        shutil.rmtree(directory)


def _forget_connections() -> None:
    """This thread opens new ones, by what the settings say now."""
    for alias in [each.alias for each in connections.all(initialized_only=True)]:
        del connections[alias]


@contextmanager
def _running(directory: Path, url: str) -> Iterator[None]:
    account = _account()
    (directory / "pgbouncer.ini").write_text(_configuration(directory, url))
    if account:
        shutil.chown(directory, account.pw_uid, account.pw_gid)
        _let_in(account.pw_name)
    process = subprocess.Popen(
        [str(PROGRAM), "--quiet", str(directory / "pgbouncer.ini")],
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
    )
    try:
        _wait_for(directory / f".s.PGSQL.{PORT}", process)
        yield
    finally:
        process.terminate()
        process.wait()


def _account() -> pwd.struct_passwd | None:
    """PgBouncer refuses to run as root."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _let_in(name: str) -> None:
    """An embedded server knows its owner only, by the account that connects."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('ident_file'), current_setting('listen_addresses')")
        file, addresses = cursor.fetchone()
        line = f'owner "{name}" identity\n'
        if not addresses and line not in Path(file).read_text():
            with Path(file).open("a") as rules:
                rules.write(line)
            cursor.execute("SELECT pg_reload_conf()")


def _configuration(directory: Path, url: str) -> str:
    parts: dict[str, Any] = conninfo_to_dict(url)
    known = " ".join(f"{name}={value}" for name, value in parts.items() if value is not None)
    return f"""
[databases]
{parts["dbname"]} = {known}
[pgbouncer]
unix_socket_dir = {directory}
listen_port = {PORT}
auth_type = any
pool_mode = transaction
default_pool_size = {CONNECTIONS}
logfile = {directory / "log"}
"""


def _wait_for(socket: Path, process: subprocess.Popen[bytes]) -> None:
    until = monotonic() + SECONDS
    while not socket.exists():
        assert process.poll() is None, "PgBouncer ended by itself"
        assert monotonic() < until, "PgBouncer does not listen"
        sleep(0.02)

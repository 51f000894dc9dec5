"""A registry of its own, served as `make run` does it, and ways to kill parts of it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psutil
import psycopg

from benchmarks.registry import ROOT
from identity.postgres import EmbeddedPostgres

SETTINGS = "benchmarks.kills.settings"
START_SECONDS = 120.0
PAUSE = 0.02

_RECORDS = "SELECT coalesce(sum(records), 0) FROM imports_import WHERE tenant_id = %s AND started_at IS NOT NULL"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Served:
    """What is killed from outside and does not start again by itself is started again by `keep_up`."""

    def __init__(self, folder: Path, *, chunk: int) -> None:
        self.postgres = EmbeddedPostgres(folder)
        self.port = free_port()
        self._uses = ExitStack()
        self._log = (folder / "served.log").open("ab")
        self._process: subprocess.Popen[bytes] | None = None
        self.environment = {
            **os.environ,
            "DATABASE_URL": self.postgres.url,
            "DJANGO_SETTINGS_MODULE": SETTINGS,
            "IDENTITY_DATA_DIR": str(folder),
            "IMPORT_CHUNK_RECORDS": str(chunk),
            "IMPORT_PROCESSES": "2",
            "PORT": str(self.port),
            "PYTHONPATH": str(ROOT),
        }

    @contextmanager
    def running(self) -> Iterator[None]:
        with self._uses:
            self._uses.enter_context(self.postgres.running())
            try:
                yield
            finally:
                self._stop()

    def keep_up(self) -> None:
        """Start what is not there: the database first, which the server needs."""
        if self.postgres.server_process() is None:
            self._uses.enter_context(self.postgres.running())
        if self._process is None or self._process.poll() is not None:
            words = [sys.executable, str(ROOT / "manage.py"), "serve"]
            self._process = subprocess.Popen(words, env=self.environment, stdout=self._log, stderr=self._log)

    def records(self, tenant: int) -> int | None:
        """How many of its import are dealt with; None while the database does not answer."""
        found = self._asked(_RECORDS, tenant)
        return int(str(found[0])) if found else None

    def states(self, tenant: int) -> list[object]:
        """Of its imports; empty while the database does not answer."""
        return self._asked("SELECT state FROM imports_import WHERE tenant_id = %s", tenant)

    def _asked(self, statement: str, tenant: int) -> list[object]:
        try:
            with psycopg.connect(self.postgres.url, connect_timeout=5) as connection:
                return [row[0] for row in connection.execute(statement.encode(), [tenant])]
        except psycopg.Error:
            return []

    def _stop(self) -> None:
        if self._process is None:
            return
        left = _below(self._process.pid)
        self._process.terminate()
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self._process.kill()
        for process in left:
            with suppress(psutil.Error):
                process.kill()

    def kill_web_server(self) -> int:
        """The web server with its workers: `serve` then stops the worker and ends."""
        return _kill(each for each in self._below() if _runs(each, "granian"))

    def kill_everything_served(self) -> int:
        """`manage.py serve` itself, and all that it started."""
        return _kill(self._whole())

    def kill_worker(self) -> int:
        """The worker alone; the processes that normalise for it find their pipes closed."""
        return _kill(each for each in self._below() if _runs(each, "run_worker"))

    def kill_importer(self) -> int:
        """The worker and every process below it."""
        workers = [each for each in self._below() if _runs(each, "run_worker")]
        return _kill([*workers, *(below for each in workers for below in _below(each.pid))])

    def kill_postgres(self) -> int:
        """The postmaster and all backends."""
        server = self.postgres.server_process()
        return _kill([server, *_below(server.pid)]) if server else 0

    def _below(self) -> list[psutil.Process]:
        return _below(self._process.pid) if self._process and self._process.poll() is None else []

    def _whole(self) -> list[psutil.Process]:
        below = self._below()
        return [psutil.Process(self._process.pid), *below] if self._process and below else []


KILLS: dict[str, Callable[[Served], int]] = {
    "web server": Served.kill_web_server,
    "web server with all it started": Served.kill_everything_served,
    "worker": Served.kill_worker,
    "importer with its processes": Served.kill_importer,
    "PostgreSQL": Served.kill_postgres,
}


def _below(pid: int) -> list[psutil.Process]:
    try:
        return list(psutil.Process(pid).children(recursive=True))
    except psutil.Error:
        return []


def _runs(process: psutil.Process, word: str) -> bool:
    try:
        return any(word in said for said in process.cmdline())
    except psutil.Error:
        return False


def _kill(processes: Iterator[psutil.Process] | list[psutil.Process]) -> int:
    """By SIGKILL, the first before the second. Returns how many there were."""
    killed = []
    for process in processes:
        with suppress(psutil.Error):
            process.kill()
            killed.append(process)
    psutil.wait_procs(killed, timeout=10)
    return len(killed)


def wait_until_listening(served: Served) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        served.keep_up()
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", served.port), timeout=1).close()
            return
        time.sleep(PAUSE)
    raise SystemExit("The registry does not answer.")

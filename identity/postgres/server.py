"""Start, share and stop one PostgreSQL server that belongs to one directory."""

import fcntl
import logging
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
from psycopg.pq import PGconn, Ping

from identity.postgres import location
from identity.postgres.configuration import DATABASE, ROLE, configure

# Recovery after a crash replays the log first, and stopping writes all that is in memory alone: gigabytes at the most.
START_SECONDS = STOP_SECONDS = 600
POLL_SECONDS = 0.2
# Between two looks whether the server still runs.
WATCH_SECONDS = 5.0
# Its programs call each other through a shell, and put paths in double quotes.
NOT_IN_PATHS = frozenset('"$`\\\n')

logger = logging.getLogger(__name__)


class PostgresUnavailable(RuntimeError):
    """The embedded server cannot be started; the message says why, in words for whoever ran the command."""


class EmbeddedPostgres:
    """A cluster below `directory`. Several processes may use it at once; the last one to leave stops it.

    `home` is where the files really are (see location.py); `durable=False` is for clusters thrown away after use.
    """

    def __init__(self, directory: Path, *, durable: bool = True) -> None:
        self.home = location.home_of(directory)
        self.cluster = self.home / location.CLUSTER
        self.sockets = location.socket_directory(self.home)
        self.durable = durable

    @property
    def url(self) -> str:
        """In libpq's `key=value` form: a path may hold letters that a URL would have to escape."""
        quoted = str(self.sockets).replace("\\", "\\\\").replace("'", "\\'")
        return f"host='{quoted}' user={ROLE} dbname={DATABASE}"

    @contextmanager
    def running(self) -> Iterator[None]:
        """The server answers inside the block. A user that is killed counts as gone: the kernel drops its lock."""
        self._make_folders()
        with (self.home / "users.lock").open("w") as users:
            try:
                with self._alone():
                    fcntl.flock(users, fcntl.LOCK_SH)
                    self._start()
                yield
            finally:
                with self._alone():
                    self._stop_unless_used(users.fileno())

    @contextmanager
    def watched(self) -> Iterator[None]:
        """As `running`; and a server that ends by itself meanwhile is started again, as soon as it can be."""
        with self.running():
            over = threading.Event()
            watch = threading.Thread(target=self._watch, args=[over], name="postgres", daemon=True)
            watch.start()
            try:
                yield
            finally:
                over.set()
                watch.join()

    def server_process(self) -> psutil.Process | None:
        """The server of this very cluster: a pid file alone may name a process that has nothing to do with it."""
        try:
            pid = int((self.cluster / "postmaster.pid").read_text().split("\n", 1)[0])
            process = psutil.Process(pid)
            return process if self._works_here(process) else None
        except (FileNotFoundError, ValueError, psutil.Error):
            return None

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One process at a time starts or stops the server."""
        with (self.home / "change.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _watch(self, over: threading.Event) -> None:
        while not over.wait(WATCH_SECONDS):
            if self.server_process():
                continue
            try:
                with self._alone():
                    self._start()
                logger.warning("PostgreSQL had ended by itself and runs again")
            except (PostgresUnavailable, OSError, psycopg.Error) as error:
                logger.error("PostgreSQL has ended by itself and cannot be started yet: %s", error)

    def _start(self) -> None:
        if self.server_process():
            self._wait_until_recovered()
            return
        self._clear_after_crash()
        if not (self.cluster / "PG_VERSION").exists():
            self._create()
        self._check_version()
        configure(self.cluster, sockets=self.sockets, durable=self.durable)
        log = self.cluster / "start.log"
        self._run("pg_ctl", "start", "-w", "-t", str(START_SECONDS), "-D", str(self.cluster), "-l", str(log))
        self._make_database()

    def _wait_until_recovered(self) -> None:
        """A server that runs already may be replaying its log, and refuses everybody meanwhile."""
        deadline = time.monotonic() + START_SECONDS
        while PGconn.ping(self.url.encode()) == Ping.REJECT and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)

    def _stop_unless_used(self, users: int) -> None:
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        if self.server_process():
            self._run("pg_ctl", "stop", "-m", "fast", "-w", "-t", str(STOP_SECONDS), "-D", str(self.cluster))

    def _create(self) -> None:
        """In a folder of its own, renamed when complete: a half-made cluster is never taken for a whole one."""
        draft = self.home / "cluster.new"
        shutil.rmtree(draft, ignore_errors=True)
        self._own(draft)
        # The built-in locale sorts and folds case alike on every machine, whatever its system locales are.
        locale = ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        speed = [] if self.durable else ["--no-sync"]
        self._run("initdb", "-D", str(draft), f"--username={ROLE}", "--auth=reject", *locale, *speed)
        draft.rename(self.cluster)

    def _make_database(self) -> None:
        with psycopg.connect(self.url, dbname="postgres", autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(f"CREATE DATABASE {DATABASE}")

    def _check_version(self) -> None:
        made_by = (self.cluster / "PG_VERSION").read_text().strip()
        output = self._run("postgres", "--version")
        if f" {made_by}." not in output:
            raise PostgresUnavailable(
                f"{self.cluster} was made by PostgreSQL {made_by}, installed is {output.strip()}: "
                "dump it with the old version and load it with the new one (docs/operations.md)"
            )

    def _clear_after_crash(self) -> None:
        """Ends what a killed server left running, and the pid file that would keep the next one from starting."""
        left = [process for process in psutil.process_iter() if self._works_here(process)]
        for process in left:
            process.send_signal(signal.SIGQUIT)
        for process in psutil.wait_procs(left, timeout=10)[1]:
            process.kill()
        if (self.cluster / "postmaster.pid").exists():
            logger.warning("PostgreSQL was not stopped in good order: it replays its log first, which may take minutes")
            (self.cluster / "postmaster.pid").unlink()

    def _works_here(self, process: psutil.Process) -> bool:
        """Every process of a PostgreSQL server has its cluster as working directory."""
        try:
            return process.name().startswith("postgres") and Path(process.cwd()) == self.cluster.resolve()
        except psutil.Error:
            return False

    def _make_folders(self) -> None:
        if NOT_IN_PATHS.intersection(str(self.home)):
            raise PostgresUnavailable(
                f"PostgreSQL's programs cannot work in {self.home}: no folder on the way may have one of "
                '" $ ` \\ in its name; choose another place by IDENTITY_DATA_DIR'
            )
        try:
            location.make_passable(self.home, 0o711)
            if self.home.stat().st_uid != os.geteuid():
                raise PermissionError
            self._own(self.sockets)
        except PermissionError as error:
            raise PostgresUnavailable(f"{self.home} belongs to another account than the present one") from error
        if location.server_account() and not location.open_to_all(self.home):
            raise PostgresUnavailable(
                f"{self.home} is closed to the account that PostgreSQL runs under when root starts it: "
                "let others pass through it and the folders above it (chmod o+x)"
            )

    def _own(self, folder: Path) -> None:
        """Makes the folder the server account's, closed to all others."""
        folder.mkdir(mode=0o700, exist_ok=True)
        account = location.server_account()
        if account:
            os.chown(folder, account.uid, account.gid)
        elif folder.stat().st_uid != os.geteuid():
            raise PermissionError

    def _run(self, program: str, *arguments: str) -> str:
        """Output goes to a file: the server inherits it, and a pipe would stay open as long as the server runs."""
        account = location.server_account()
        with (self.home / "last-command.log").open("w+") as output:
            done = subprocess.run(
                [str(location.binaries() / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",  # the present folder may be closed to the server's account
                start_new_session=True,  # Ctrl-C is for us; the server is stopped after its users
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
                check=False,
            )
            output.seek(0)
            said = output.read()
        if done.returncode != 0:
            raise PostgresUnavailable(f"{program} failed:\n{said}{self._server_log()}")
        return said

    def _server_log(self) -> str:
        """The end of what the server said: at first in one file, later in that of the day."""
        logs = [*self.cluster.glob("start.log"), *sorted(self.cluster.glob("log/*.log"), key=_changed)[-1:]]
        return "".join(log.read_text(errors="replace")[-2000:] for log in logs)


def _changed(file: Path) -> float:
    return file.stat().st_mtime

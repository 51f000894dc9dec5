"""`manage.py serve`, the command behind `make run`, as a process of its own on a data directory of its own."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import psutil
import psycopg
import pytest
from django.conf import settings
from django.contrib.auth.models import User

from identity.demo_accounts import ensure_demo_logins
from identity.postgres import EmbeddedPostgres
from identity.serving import CannotServe, check_port, port_held, server_environment

START_SECONDS = 120

# Loading the demo has tests of its own, and takes longer than all of these.
SERVE_WITHOUT_DEMO = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "identity.settings.development"
from django.conf import settings
settings.DEMO = False
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", "serve"])
"""

SERVE_WITH_A_BROKEN_DEMO = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "identity.settings.development"
import django
django.setup()
import identity.demo.loading
def is_wanted(tenant):
    raise RuntimeError("a story that does not fit")
identity.demo.loading.is_wanted = is_wanted
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", "serve"])
"""


@pytest.fixture
def data_directory() -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="identity-registry-serve-"))
    directory.chmod(0o711)
    yield directory
    shutil.rmtree(directory)


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def command(data_directory: Path, port: int, script: str = SERVE_WITHOUT_DEMO) -> "subprocess.Popen[str]":
    inherited = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return subprocess.Popen(
        [sys.executable, "-c", script],
        env=inherited | {"IDENTITY_DATA_DIR": str(data_directory), "PORT": str(port), "PYTHONUNBUFFERED": "1"},
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@contextmanager
def serving(
    data_directory: Path, port: int, script: str = SERVE_WITHOUT_DEMO
) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """The running command and what it printed up to its last line of welcome."""
    with command(data_directory, port, script) as process:
        try:
            yield process, read_until(process, "Ctrl-C stops everything")
        finally:
            process.terminate()


def read_until(process: "subprocess.Popen[str]", words: str) -> str:
    assert process.stdout is not None
    printed = ""
    while words not in printed:
        line = process.stdout.readline()
        assert line, f"ended early: {printed}"
        printed += line
    return printed


def wait_until_gone(processes: list[psutil.Process]) -> list[psutil.Process]:
    return psutil.wait_procs(processes, timeout=20)[1]


def everything_started(process: "subprocess.Popen[str]", data_directory: Path) -> list[psutil.Process]:
    database = EmbeddedPostgres(data_directory / "postgres").server_process()
    assert database is not None
    return [*psutil.Process(process.pid).children(recursive=True), database, *database.children(recursive=True)]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_answers_prints_the_logins_and_leaves_nothing_running(data_directory: Path, port: int, how: int) -> None:
    with serving(data_directory, port) as (process, printed):
        assert f"http://127.0.0.1:{port}/admin/" in printed
        assert "without a key" in printed
        for username in ("admin", "steward"):
            assert (data_directory / f"{username}_password").read_text() in printed
        with urlopen(f"http://127.0.0.1:{port}/admin/login/") as answer:
            assert answer.status == 200
        started = everything_started(process, data_directory)
        assert len(started) > 5
        process.send_signal(how)
        assert process.wait(30) == 0
    assert wait_until_gone(started) == []


def test_rows_and_passwords_are_there_at_the_second_start_and_it_is_quick(data_directory: Path, port: int) -> None:
    url = EmbeddedPostgres(data_directory / "postgres").url
    with serving(data_directory, port) as (process, first):
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        process.send_signal(signal.SIGINT)
        process.wait(30)
    begun = time.monotonic()
    with serving(data_directory, port) as (_, second):
        assert time.monotonic() - begun < 20  # about 3 seconds on a machine with nothing else to do
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
    assert first[first.index("  Registry") :] == second[second.index("  Registry") :]


def test_killed_outright_it_frees_the_port_and_the_next_start_takes_over(data_directory: Path, port: int) -> None:
    with serving(data_directory, port) as (process, _):
        workers = psutil.Process(process.pid).children(recursive=True)
        process.kill()
    assert wait_until_gone(workers) == []
    with serving(data_directory, port) as (process, _):
        started = everything_started(process, data_directory)
    assert wait_until_gone(started) == []


def test_no_worker_of_a_web_server_that_was_killed_keeps_the_port(data_directory: Path, port: int) -> None:
    with serving(data_directory, port) as (process, _):
        started = everything_started(process, data_directory)
        [server] = [each for each in psutil.Process(process.pid).children() if "granian" in each.cmdline()]
        server.kill()
        assert "ended by itself" in read_until(process, "ended by itself")
    assert wait_until_gone(started) == []


def test_a_demo_that_fails_is_told_and_keeps_nobody_from_starting(data_directory: Path, port: int) -> None:
    with serving(data_directory, port, SERVE_WITH_A_BROKEN_DEMO) as (_, printed):
        assert "demo is not complete" in printed
        assert "a story that does not fit" in printed
        with urlopen(f"http://127.0.0.1:{port}/admin/login/") as answer:
            assert answer.status == 200


def test_a_database_with_the_tables_of_something_else_is_refused_in_words(data_directory: Path, port: int) -> None:
    postgres = EmbeddedPostgres(data_directory / "postgres")
    with postgres.running():
        with psycopg.connect(postgres.url) as connection:
            connection.execute("CREATE TABLE sources_tenant (something text)")
        with command(data_directory, port) as process:
            printed, _ = process.communicate(timeout=START_SECONDS)
    assert process.returncode == 1
    assert 'relation "sources_tenant" already exists' in printed
    assert "a database of its own" in printed
    assert "Traceback" not in printed


def test_a_port_in_use_is_one_clear_line_and_nothing_is_started(data_directory: Path, port: int) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        with command(data_directory, port) as process:
            printed, _ = process.communicate(timeout=START_SECONDS)
    assert process.returncode == 1
    assert printed.startswith(f"CommandError: Port {port} is in use")
    assert printed.count("\n") == 1
    assert not (data_directory / "postgres").exists()


def test_of_two_that_start_at_once_on_one_port_the_second_is_refused(data_directory: Path, port: int) -> None:
    with port_held(port):
        with command(data_directory, port) as process:
            printed, _ = process.communicate(timeout=START_SECONDS)
        assert process.returncode == 1
        assert printed.startswith(f"CommandError: Port {port} is taken")
        assert printed.count("\n") == 1
        assert not (data_directory / "postgres").exists()
    with port_held(port):
        """Free again."""


def test_a_port_that_cannot_be_is_refused() -> None:
    with pytest.raises(CannotServe, match="99999"):
        check_port(99999)


@pytest.mark.django_db
def test_the_logins_work_and_stay_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "DATA_DIR", tmp_path)
    assert [login.username for login in ensure_demo_logins()] == ["admin", "steward"]
    assert ensure_demo_logins() == ensure_demo_logins()
    assert all(login.password for login in ensure_demo_logins())


@pytest.mark.django_db
def test_a_password_somebody_changed_is_neither_overwritten_nor_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, django_user_model: type[User]
) -> None:
    monkeypatch.setattr(settings, "DATA_DIR", tmp_path)
    ensure_demo_logins()
    admin = django_user_model.objects.get(username="admin")
    admin.set_password("their own")
    admin.save()
    assert ensure_demo_logins()[0].password is None
    admin.refresh_from_db()
    assert admin.check_password("their own")


def test_the_web_server_has_the_connections_that_were_asked_for() -> None:
    assert server_environment({}, counted="/c")["DATABASE_POOL_SIZE"] == "8"
    asked = {"DATABASE_POOL_SIZE": "20", "LANG": "C"}
    assert server_environment(asked, counted="/c") == {**asked, "PROMETHEUS_MULTIPROC_DIR": "/c"}

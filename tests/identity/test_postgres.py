"""The embedded server: started, shared, killed and found again, in a directory of its own."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from identity.postgres import EmbeddedPostgres, PostgresUnavailable, location, server

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to hand the server to another account")


@pytest.fixture
def directory() -> Iterator[Path]:
    """With a space and a quote in its name, and open to the account the server gets when root starts it."""
    top = Path(tempfile.mkdtemp(prefix="o'registry tests-"))
    top.chmod(0o711)
    yield top / "postgres"
    shutil.rmtree(top)


@pytest.fixture
def postgres(directory: Path) -> EmbeddedPostgres:
    return EmbeddedPostgres(directory, durable=False)


def ask(postgres: EmbeddedPostgres, statement: str) -> object:
    with psycopg.connect(postgres.url) as connection:
        row = connection.execute(statement.encode()).fetchone()
    assert row is not None
    return row[0]


def test_it_keeps_its_rows_from_one_start_to_the_next(postgres: EmbeddedPostgres) -> None:
    with postgres.running(), psycopg.connect(postgres.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    assert postgres.server_process() is None
    with postgres.running():
        assert ask(postgres, "SELECT answer FROM kept") == 42


def test_it_listens_on_no_network_port(postgres: EmbeddedPostgres) -> None:
    with postgres.running():
        assert ask(postgres, "SHOW listen_addresses") == ""
        server = postgres.server_process()
        assert server is not None
        assert not [c for c in server.net_connections(kind="inet") if c.status == psutil.CONN_LISTEN]


def test_it_loses_nothing_it_has_confirmed_when_it_holds_real_data(directory: Path) -> None:
    postgres = EmbeddedPostgres(directory)
    with postgres.running():
        assert ask(postgres, "SELECT current_setting('fsync') || current_setting('synchronous_commit')") == "onon"


def test_it_is_shared_and_stopped_by_the_last_to_leave(postgres: EmbeddedPostgres, directory: Path) -> None:
    with postgres.running():
        first = postgres.server_process()
        with EmbeddedPostgres(directory, durable=False).running():
            assert postgres.server_process() == first
        assert ask(postgres, "SELECT 1") == 1
    assert postgres.server_process() is None


def test_it_starts_again_after_the_server_was_killed(postgres: EmbeddedPostgres) -> None:
    with postgres.running():
        server = postgres.server_process()
        assert server is not None
        server.kill()
        server.wait()
        assert (postgres.cluster / "postmaster.pid").exists()
        with postgres.running():
            assert ask(postgres, "SELECT 1") == 1


def test_it_is_not_fooled_by_a_pid_file_that_names_another_process(postgres: EmbeddedPostgres) -> None:
    with postgres.running():
        pass
    (postgres.cluster / "postmaster.pid").write_text(f"{os.getpid()}\n{postgres.cluster}\n")
    assert postgres.server_process() is None
    with postgres.running():
        assert ask(postgres, "SELECT 1") == 1


USE_AND_WAIT = """
import sys, time
from pathlib import Path
from identity.postgres import EmbeddedPostgres
with EmbeddedPostgres(Path(sys.argv[1]), durable=False).running():
    print("ready", flush=True)
    time.sleep(600)
"""


def test_a_killed_user_leaves_a_server_that_the_next_one_takes_over_and_stops(
    postgres: EmbeddedPostgres, directory: Path
) -> None:
    user = subprocess.Popen([sys.executable, "-c", USE_AND_WAIT, str(directory)], stdout=subprocess.PIPE)
    with user:
        assert user.stdout is not None
        assert user.stdout.readline() == b"ready\n"
        user.send_signal(signal.SIGKILL)
    left = postgres.server_process()
    assert left is not None
    with postgres.running():
        assert postgres.server_process() == left
    assert postgres.server_process() is None


def test_it_leaves_the_permissions_of_the_folders_above_alone(postgres: EmbeddedPostgres, directory: Path) -> None:
    above = [folder for folder in directory.parents if folder != Path("/")]
    before = [stat.S_IMODE(folder.stat().st_mode) for folder in above]
    with postgres.running():
        assert [stat.S_IMODE(folder.stat().st_mode) for folder in above] == before


def test_its_files_are_closed_to_everybody_else(postgres: EmbeddedPostgres) -> None:
    with postgres.running():
        for folder in (postgres.cluster, postgres.sockets):
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_path_too_long_for_a_socket_gets_a_short_one(directory: Path) -> None:
    postgres = EmbeddedPostgres(directory / ("long" * 30), durable=False)
    with postgres.running():
        assert ask(postgres, "SELECT 1") == 1
    shutil.rmtree(postgres.sockets)


def test_another_version_s_cluster_is_refused_in_words(postgres: EmbeddedPostgres) -> None:
    with postgres.running():
        pass
    (postgres.cluster / "PG_VERSION").write_text("14\n")
    with pytest.raises(PostgresUnavailable, match="made by PostgreSQL 14"), postgres.running():
        pass


@as_root
def test_root_s_server_runs_as_nobody_and_lets_only_root_in(postgres: EmbeddedPostgres) -> None:
    with postgres.running():
        server = postgres.server_process()
        assert server is not None
        assert server.username() == "nobody"
        assert (postgres.cluster / "pg_hba.conf").read_text() == "local all identity peer map=owner\n"
        assert (postgres.cluster / "pg_ident.conf").read_text() == 'owner "root" identity\n'


@as_root
def test_behind_a_closed_folder_root_s_files_move_and_the_folder_stays_closed(directory: Path) -> None:
    directory.parent.chmod(0o700)
    postgres = EmbeddedPostgres(directory, durable=False)
    assert postgres.home.parent == location.ROOT_HOME
    try:
        with postgres.running():
            assert ask(postgres, "SELECT 1") == 1
    finally:
        shutil.rmtree(postgres.home)
    assert stat.S_IMODE(directory.parent.stat().st_mode) == 0o700


@as_root
def test_under_a_closed_umask_root_s_server_starts_all_the_same(directory: Path) -> None:
    before = os.umask(0o077)
    try:
        postgres = EmbeddedPostgres(directory / "deeper", durable=False)
        with postgres.running():
            assert ask(postgres, "SELECT 1") == 1
    finally:
        os.umask(before)
    assert stat.S_IMODE(postgres.cluster.stat().st_mode) == 0o700


@as_root
def test_programs_installed_under_a_closed_umask_are_copied_for_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site-packages" / location.PACKAGE
    for folder in (package / "pginstall" / "bin", package.with_name(f"{location.PACKAGE}.libs")):
        folder.mkdir(parents=True, mode=0o700)
    program = package / "pginstall" / "bin" / "postgres"
    program.touch(mode=0o700)
    monkeypatch.setattr(location, "ROOT_HOME", tmp_path / "home")
    before = os.umask(0o077)
    try:
        copied = location._copied(package)
    finally:
        os.umask(before)
    program = copied / "pginstall" / "bin" / "postgres"
    way = [program, *(folder for folder in program.parents if folder.is_relative_to(tmp_path / "home"))]
    assert {stat.S_IMODE(path.stat().st_mode) for path in way} == {0o755}


@as_root
def test_a_database_that_was_closed_in_is_not_taken_for_none(directory: Path) -> None:
    with EmbeddedPostgres(directory, durable=False).running():
        pass
    directory.parent.chmod(0o700)
    postgres = EmbeddedPostgres(directory, durable=False)
    with pytest.raises(PostgresUnavailable, match="closed to the account"), postgres.running():
        pass
    directory.parent.chmod(0o711)
    with postgres.running():
        assert ask(postgres, "SELECT 1") == 1


def test_a_server_that_ends_by_itself_is_started_again_and_the_reason_of_a_failure_told(
    postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(server, "WATCH_SECONDS", 0.1)
    with postgres.watched():
        settings = postgres.cluster / "PG_VERSION"
        settings.write_text("14\n")
        killed(postgres)
        wait_for(lambda: "made by PostgreSQL 14" in caplog.text)
        settings.write_text("18\n")
        wait_for(lambda: "runs again" in caplog.text)
        assert ask(postgres, "SELECT 1") == 1
    assert "replays its log" in caplog.text
    assert postgres.server_process() is None


def test_why_it_cannot_be_started_is_told_in_its_own_words(postgres: EmbeddedPostgres) -> None:
    with postgres.running():
        pass
    (postgres.cluster / "pg_wal").rename(postgres.cluster / "elsewhere")
    with pytest.raises(PostgresUnavailable, match=r'FATAL: .*"pg_wal"'), postgres.running():
        pass


def test_a_name_that_its_programs_cannot_take_is_refused_in_words(directory: Path) -> None:
    postgres = EmbeddedPostgres(directory / 'the "$old" one', durable=False)
    with pytest.raises(PostgresUnavailable, match="IDENTITY_DATA_DIR"), postgres.running():
        pass
    assert not directory.exists()


def killed(postgres: EmbeddedPostgres) -> None:
    process = postgres.server_process()
    assert process is not None
    everybody = [process, *process.children()]
    process.kill()
    psutil.wait_procs(everybody, timeout=20)


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)

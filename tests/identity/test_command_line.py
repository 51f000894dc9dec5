"""`manage.py`: what whoever typed a command can mend is told in one line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import OperationalError
from psycopg_pool import PoolTimeout

import manage
from identity.management.arguments import memory


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "identity.settings.development", **environment},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL is not a PostgreSQL connection URL\n"),
        ({"DATABASE_POOL_SIZE": "many"}, "DATABASE_POOL_SIZE must be a whole number from 1, not 'many'\n"),
    ],
)
def test_a_wrong_setting_is_told_in_a_line(tmp_path: Path, environment: dict[str, str], told: str) -> None:
    done = run("check", IDENTITY_DATA_DIR=str(tmp_path), **environment)
    assert (done.returncode, done.stderr) == (1, told)


def test_a_place_that_cannot_be_written_is_told_in_a_line(tmp_path: Path) -> None:
    taken = tmp_path / "file"
    taken.write_text("")
    done = run("check", IDENTITY_DATA_DIR=str(taken))
    assert done.returncode == 1
    assert done.stderr.startswith("IDENTITY_DATA_DIR must be a folder to write in: ")
    assert done.stderr.count("\n") == 1


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Any:
    def typed(error: Exception, *words: str) -> None:
        def fail() -> None:
            raise error

        monkeypatch.setattr(manage, "_carry_out", fail)
        monkeypatch.setattr(sys, "argv", ["manage.py", *words])
        manage.main()

    return typed


def unreachable() -> OperationalError:
    error = OperationalError("couldn't get a connection after 15.00 sec")
    error.__cause__ = PoolTimeout("couldn't get a connection after 15.00 sec")
    return error


def test_a_database_that_cannot_be_reached_is_told_in_a_line(failing: Any) -> None:
    for error in (unreachable(), PoolTimeout("couldn't get a connection after 15.00 sec")):
        with pytest.raises(SystemExit, match="The database cannot be reached: couldn't get a connection"):
            failing(error, "migrate")


def test_what_nobody_foresaw_comes_as_it_is(failing: Any) -> None:
    with pytest.raises(OperationalError):
        failing(OperationalError("canceling statement due to lock timeout"), "migrate")
    with pytest.raises(OperationalError):
        failing(unreachable(), "migrate", "--traceback")


@pytest.mark.parametrize(
    "words",
    [
        ("match_registry", "--parts", "0"),
        ("match_registry", "--limit", "-1"),
        ("match_registry", "--memory", "lots"),
        ("measure_candidates", "--sample", "0"),
        ("forget_answers", "--hours", "nan"),
        ("forget_answers", "--hours", "1e14"),
        ("load_demo", "--people", "-5"),
        ("run_worker", "--jobs", "0"),
    ],
)
def test_an_option_that_cannot_work_is_refused_before_anything_is_done(words: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match=f"argument {words[1]}: must be a"):
        call_command(*words)


@pytest.mark.parametrize("said", ["4g", "800M", "1.5GB", "600MiB"])
def test_memory_is_said_as_the_engines_read_it(said: str) -> None:
    assert memory(said) == said

"""Production refuses to start half protected; the environment is read strictly; logs hold no values."""

import logging
import os
import subprocess
import sys

import psycopg
import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

from identity.settings.database import database_settings
from identity.settings.environment import flag, listed, number, one_of
from identity.settings.logs import WithoutValues
from tests.identity.api.callers import with_key

COMPLETE = {
    "SECRET_KEY": "0123456789-abcdefghijklmnopqrstuvwxyz-0123456789-ABCDEFGHIJ",
    "ALLOWED_HOSTS": "registry.example.org",
    "DATABASE_URL": "postgresql://identity:secret@database.example.org/identity",
}


def check_production(*options: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    inherited = {name: value for name, value in os.environ.items() if name not in COMPLETE}
    return subprocess.run(
        [sys.executable, "manage.py", "check", *options],
        env=inherited | {"DJANGO_SETTINGS_MODULE": "identity.settings.production"} | environment,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_starts_when_everything_is_there_and_django_finds_nothing_to_warn_of() -> None:
    done = check_production("--deploy", "--fail-level", "WARNING", "--tag", "security", **COMPLETE)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("missing", sorted(COMPLETE))
def test_production_refuses_to_start_without(missing: str) -> None:
    done = check_production(**{name: value for name, value in COMPLETE.items() if name != missing})
    assert done.returncode != 0
    assert f"{missing} must be set" in done.stderr


@pytest.mark.parametrize("switch", ["ANONYMOUS_API", "DEBUG"])
def test_production_refuses_to_start_with(switch: str) -> None:
    done = check_production(**COMPLETE, **{switch: "on"})
    assert done.returncode != 0
    assert f"{switch} is for identity.settings.development only" in done.stderr


@pytest.mark.django_db
def test_the_models_have_their_migrations() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_a_url_s_parts_and_its_options_arrive() -> None:
    entry = database_settings("postgresql://me:p%40ss@db.example.org:5433/people?sslmode=require")
    assert (entry["USER"], entry["PASSWORD"], entry["HOST"], entry["PORT"], entry["NAME"]) == (
        "me",
        "p@ss",
        "db.example.org",
        "5433",
        "people",
    )
    assert entry["OPTIONS"]["sslmode"] == "require"
    assert entry["ATOMIC_REQUESTS"] is False


@pytest.mark.parametrize("url", ["nonsense", "postgresql://db.example.org/", "mysql://db.example.org/people"])
def test_a_url_that_cannot_work_is_refused(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL"):
        database_settings(url)


def test_the_environment_is_read_strictly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWITCH", "onn")
    monkeypatch.setenv("COUNT", "many")
    monkeypatch.setenv("HOSTS", " a.example.org, ,b.example.org ")
    with pytest.raises(ImproperlyConfigured, match="SWITCH"):
        flag("SWITCH")
    with pytest.raises(ImproperlyConfigured, match="COUNT"):
        number("COUNT", default=1)
    assert listed("HOSTS") == ["a.example.org", "b.example.org"]
    monkeypatch.setenv("COUNT", "²")
    with pytest.raises(ImproperlyConfigured, match="COUNT"):
        number("COUNT", default=1)
    monkeypatch.setenv("COUNT", "0")
    assert number("COUNT", default=1) == 0
    with pytest.raises(ImproperlyConfigured, match="COUNT must be a whole number from 1, not '0'"):
        number("COUNT", default=1, least=1)
    monkeypatch.setenv("LEVEL", "loud")
    with pytest.raises(ImproperlyConfigured, match="LEVEL must be one of LOW, HIGH, not 'LOUD'"):
        one_of("LEVEL", "LOW", "HIGH", default="LOW")
    monkeypatch.setenv("LEVEL", "high")
    assert one_of("LEVEL", "LOW", "HIGH", default="LOW") == "HIGH"


@pytest.mark.parametrize("setting", [{"DATABASE_POOL_SIZE": "0"}, {"IMPORT_CHUNK_RECORDS": "0"}, {"LOG_LEVEL": "loud"}])
def test_production_refuses_to_start_where_it_could_not_work(setting: dict[str, str]) -> None:
    done = check_production(**COMPLETE, **setting)
    assert done.returncode != 0
    assert f"{next(iter(setting))} must be" in done.stderr


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/customers/ada@example.org", "Not Found: /customers/…"),
        ("/customers/01a1fcb2-0000-7000-8000-000000000000/aliases/17/candidates", None),
        ("/customers/01a1fcb2-0000-7000-8000-000000000000/aliases/2145550143/candidates/7/explanation", None),
        ("/nowhere/ada@example.org", "Not Found: /…/…"),
    ],
)
def test_a_logged_path_has_ids_only(caplog: pytest.LogCaptureFixture, path: str, told: str | None) -> None:
    with_key().get(path)
    [line] = [record.getMessage() for record in caplog.records if record.name == "django.request"]
    assert line == (told or f"Not Found: {path}".replace("2145550143", "…"))


def test_a_logged_traceback_quotes_no_values() -> None:
    error = psycopg.errors.UniqueViolation("duplicate key\nDETAIL:  Key (email)=(ada@example.org) already exists.")
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, "failed", (), (type(error), error, None))
    line = WithoutValues().format(record)
    assert "duplicate key" in line
    assert "ada@example.org" not in line

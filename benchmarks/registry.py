"""The registry that a benchmark runs against: one that is given, or one made for it and thrown away."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from benchmarks.filling.copying import fill
from identity.postgres import EmbeddedPostgres

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = "identity.settings.development"


@dataclass(frozen=True, slots=True)
class Registry:
    """A migrated and filled database of so many customers."""

    url: str
    size: int
    folder: str

    @property
    def environment(self) -> dict[str, str]:
        own = {"DATABASE_URL": self.url, "DJANGO_SETTINGS_MODULE": SETTINGS, "IDENTITY_DATA_DIR": self.folder}
        return {**os.environ, **own, "PYTHONPATH": str(ROOT)}

    def manage(self, *command: str) -> str:
        """What a command of the product prints."""
        words = [sys.executable, str(ROOT / "manage.py"), *command]
        done = subprocess.run(words, env=self.environment, check=True, stdout=subprocess.PIPE, text=True)
        return done.stdout

    def key(self) -> str:
        """A new API key that may read and write."""
        return self.manage("create_api_key", "benchmark", "--scopes", "read", "write").strip()


@contextmanager
def given(url: str) -> Iterator[Registry]:
    """A registry that `benchmarks.filling` filled."""
    with psycopg.connect(url) as connection:
        size = size_of(connection)
    with tempfile.TemporaryDirectory(prefix="identity-registry-benchmark-") as folder:
        yield Registry(url, size, folder)


def size_of(connection: psycopg.Connection) -> int:
    """How many customers `benchmarks.filling` put in: number n has the contacts 2n + 1 and, in ERP, 2n + 2."""
    row = connection.execute("SELECT max(id) FROM contacts_contact WHERE added_by = 'benchmark'").fetchone()
    if row is None or row[0] is None:
        raise SystemExit("This registry was not filled by `python -m benchmarks.filling`.")
    return int((row[0] - 1) // 2)


@contextmanager
def made(size: int) -> Iterator[Registry]:
    """An embedded server of its own with its durable settings, migrated and filled; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="identity-registry-benchmark-") as folder:
        Path(folder).chmod(0o711)
        postgres = EmbeddedPostgres(Path(folder))
        with postgres.running():
            registry = Registry(postgres.url, size, folder)
            registry.manage("migrate", "--verbosity", "0")
            if size:
                fill(postgres.url, size)
            yield registry


@contextmanager
def either(url: str | None, size: int) -> Iterator[Registry]:
    with given(url) if url else made(size) as registry:
        yield registry

"""The database killed under an import: the importer waits for it, and the end is the same, row for row."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from time import monotonic, sleep

import psycopg
import pytest

from identity.postgres import EmbeddedPostgres
from tests.imports.files import body, ndjson
from tests.imports.importer import command

PEOPLE = 60
KILLS = 2
CHUNK = 10
SECONDS = 90
TENANTS = ("disturbed", "undisturbed")
PREPARE = f"from benchmarks.kills.tenants import opened; [opened(name, ['CRM']) for name in {TENANTS}]"
COMPARE = (
    "from benchmarks.kills.comparing import differences; from sources.models import Tenant; "
    f"assert not differences(*(Tenant.objects.get(name=name) for name in {TENANTS}))"
)


@pytest.fixture
def postgres() -> Iterator[EmbeddedPostgres]:
    """A server of this test's own, to be killed."""
    directory = Path(tempfile.mkdtemp(prefix="identity-registry-killed-"))
    directory.chmod(0o711)
    server = EmbeddedPostgres(directory)
    yield server
    shutil.rmtree(server.home, ignore_errors=True)
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "people.ndjson"
    records = [
        body(str(n), last_name=f"Name{n // 2:03}", email=f"{n // 2}@example.org", phone=f"+121486{n // 2 + 53000}")
        for n in range(PEOPLE)
    ]
    path.write_bytes(ndjson([*records, body("x", email="nonsense")]))
    return path


def done(postgres: EmbeddedPostgres) -> int:
    with psycopg.connect(postgres.url) as connection:
        [(records,)] = connection.execute("SELECT coalesce(sum(records), 0) FROM imports_import").fetchall()
    return int(records)


def run(postgres: EmbeddedPostgres, *words: str) -> None:
    assert command(*words, url=postgres.url, chunk=CHUNK).wait(timeout=SECONDS) == 0


def killed(postgres: EmbeddedPostgres) -> None:
    server = postgres.server_process()
    assert server is not None
    for process in [server, *server.children()]:
        process.kill()
    server.wait(10)


def test_an_import_outlives_the_database_that_it_writes_to(postgres: EmbeddedPostgres, file: Path) -> None:
    with ExitStack() as running:
        running.enter_context(postgres.running())
        run(postgres, "migrate", "--verbosity", "0")
        run(postgres, "shell", "-c", PREPARE)
        importer = command("import_customers", str(file), "--tenant", "disturbed", url=postgres.url, chunk=CHUNK)
        running.callback(importer.kill)
        for _ in range(KILLS):
            before, deadline = done(postgres), monotonic() + SECONDS
            while done(postgres) <= before:
                assert importer.poll() is None
                assert monotonic() < deadline
                sleep(0.01)
            killed(postgres)
            running.enter_context(postgres.running())
        assert importer.wait(timeout=SECONDS) == 0
        assert done(postgres) == PEOPLE + 1
        run(postgres, "import_customers", str(file), "--tenant", "undisturbed")
        run(postgres, "shell", "-c", COMPARE)

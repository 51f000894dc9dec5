"""The database killed under an import: the importer waits for it, and the end is the same."""

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

PEOPLE = 120
KILLS = 2
CHUNK = 10
SECONDS = 90
_COUNTS = """
SELECT state, position = size, records, created, linked, rejected, (SELECT count(*) FROM contacts_contact),
    (SELECT count(*) FROM contacts_customer), (SELECT count(*) FROM imports_rejectedrow),
    (SELECT count(*) FROM contacts_event WHERE kind = 'created')
FROM imports_import
"""


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


def asked(postgres: EmbeddedPostgres, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        return connection.execute(statement).fetchall()


def done(postgres: EmbeddedPostgres) -> int:
    [(records,)] = asked(postgres, "SELECT coalesce(sum(records), 0) FROM imports_import")
    return int(str(records))


def run(postgres: EmbeddedPostgres, *words: str) -> None:
    assert command(*words, url=postgres.url, chunk=CHUNK).wait(timeout=SECONDS) == 0


def prepare(postgres: EmbeddedPostgres) -> None:
    run(postgres, "migrate", "--verbosity", "0")
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO sources_sourcesystem (tenant_id, name, required_fields, built_in, created_by, created_at)"
            " SELECT id, 'CRM', '{}', false, 'test', now() FROM sources_tenant"
        )


def killed(postgres: EmbeddedPostgres) -> None:
    server = postgres.server_process()
    assert server is not None
    for process in [server, *server.children()]:
        process.kill()
    server.wait(10)


def test_an_import_outlives_the_database_that_it_writes_to(postgres: EmbeddedPostgres, file: Path) -> None:
    with ExitStack() as running:
        running.enter_context(postgres.running())
        prepare(postgres)
        importer = command("import_customers", str(file), url=postgres.url, chunk=CHUNK)
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
        half = PEOPLE // 2
        whole = ("done", True, PEOPLE + 1, half, half, 1, PEOPLE, half, 1, half)
        assert asked(postgres, _COUNTS) == [whole]

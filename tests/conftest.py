"""One throwaway PostgreSQL server for the whole session, when DATABASE_URL names none."""

import os
import shutil
import signal
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import hypothesis
import pytest
from django.conf import settings

from identity.postgres import EmbeddedPostgres
from identity.settings.database import database_settings
from tests.jobs import forget_jobs

server = ExitStack()

# An example that took long says that the machine was busy, and nothing of the code.
hypothesis.settings.register_profile(
    "busy machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("busy machine")


def pytest_configure(config: pytest.Config) -> None:
    """Runs in the first process of the session; the workers of pytest-xdist inherit the address it puts up."""
    # Playwright drives the browser from an event loop that stays in the process; Django takes what comes after for
    # async code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    if os.environ.get("DATABASE_URL") or hasattr(config, "workerinput"):
        return
    # A terminated run ends like a finished one, so that no server outlives it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    directory = Path(tempfile.mkdtemp(prefix="identity-registry-tests-"))
    directory.chmod(0o711)  # as root, the server's own account has to get in
    postgres = EmbeddedPostgres(directory, durable=False)
    server.callback(shutil.rmtree, postgres.home, ignore_errors=True)
    server.enter_context(postgres.running())
    os.environ["DATABASE_URL"] = postgres.url
    settings.DATABASES["default"].update(database_settings(postgres.url))


def pytest_unconfigure() -> None:
    server.close()


@pytest.fixture(autouse=True)
def _no_jobs_of_others(request: pytest.FixtureRequest) -> None:
    """The tables of the queue are the library's own: Django does not empty them after a test that commits."""
    marked = request.node.get_closest_marker("django_db")
    if "transactional_db" in request.fixturenames or (marked and marked.kwargs.get("transaction")):
        request.getfixturevalue("transactional_db")
        forget_jobs()

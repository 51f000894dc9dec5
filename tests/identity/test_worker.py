"""The worker beside the web server: started again when it dies, and gone when the web server is."""

from __future__ import annotations

import sys
from pathlib import Path
from time import monotonic, sleep

import psutil
import pytest

from identity import worker

SLEEPER = "import os, sys, time; open(sys.argv[1], 'a').write(f'{os.getpid()}\\n'); time.sleep(600)"
SECONDS = 30


def started(file: Path, number: int) -> int:
    """The process id of the worker that was started as this one, from 1."""
    deadline = monotonic() + SECONDS
    while not file.exists() or file.read_text().count("\n") < number:
        assert monotonic() < deadline
        sleep(0.02)
    return int(file.read_text().splitlines()[number - 1])


def test_a_worker_that_is_killed_is_started_again_and_none_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "started"
    monkeypatch.setattr(worker, "_command", lambda: [sys.executable, "-c", SLEEPER, str(file)])
    monkeypatch.setattr(worker, "PAUSE", 0.1)
    with worker.worker():
        first = started(file, 1)
        psutil.Process(first).kill()
        second = started(file, 2)
        assert second != first
    assert not psutil.pid_exists(second)
    assert file.read_text().count("\n") == 2

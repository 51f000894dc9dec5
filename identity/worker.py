"""The process that carries out background jobs, beside the web server: started, started again when it dies, stopped."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from identity.serving import end_with_parent

STOP_SECONDS = 10
# Seconds before another start, so that a worker that cannot start does not keep a processor busy.
PAUSE = 2.0

logger = logging.getLogger(__name__)


@contextmanager
def worker() -> Iterator[None]:
    """Jobs are carried out inside the block. At its end those under way are broken off; they are begun again later."""
    watch = _Watch()
    thread = threading.Thread(target=watch.run, name="worker", daemon=True)
    thread.start()
    try:
        yield
    finally:
        watch.stop()
        thread.join()


def _command() -> list[str]:
    return [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), "run_worker"]


class _Watch:
    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        while self._start():
            assert self._process is not None  # noqa: S101 - just started
            code = self._process.wait()
            if not self._stopping.wait(PAUSE):
                logger.warning("the worker ended by itself (exit code %s) and is started again", code)

    def _start(self) -> bool:
        """False once it is to stop."""
        with self._lock:
            if self._stopping.is_set():
                return False
            self._process = subprocess.Popen(
                _command(),
                process_group=0,  # Ctrl-C reaches this process alone, which then stops the worker in good order
                preexec_fn=end_with_parent if sys.platform == "linux" else None,
            )
            return True

    def stop(self) -> None:
        with self._lock:
            self._stopping.set()
            process = self._process
        if process is None or process.poll() is not None:
            return
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)

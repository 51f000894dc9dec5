"""Builds the indexes of new lookups in a thread of the web process, beside its requests.

Whatever a killed process left unfinished is taken up by the next request that notices.
"""

from __future__ import annotations

import logging
from threading import Event, Lock, Thread

from django.db import connection, transaction

from matching.lookup_building import run_pending

logger = logging.getLogger(__name__)

_asked = Event()
_working = Lock()


def start_soon() -> None:
    """Once what is under way is committed. Asking again while the work goes on is harmless."""
    transaction.on_commit(_start)


def _start() -> None:
    _asked.set()
    if not _working.locked():
        Thread(target=_work, name="lookups", daemon=True).start()


def _work() -> None:
    """Until nobody has asked since it began; one thread at a time."""
    while _asked.is_set() and _working.acquire(blocking=False):
        try:
            _asked.clear()
            run_pending()
        except Exception:
            logger.exception("building lookups was broken off; the next request about them goes on")
            return
        finally:
            connection.close()
            _working.release()

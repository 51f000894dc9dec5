"""Work that a request begins and need not wait for: in a thread of the process, on a connection of its own.

What it does must be such that whoever finds it broken off can take it up again.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from django.db import connection

# Seconds that whoever asks waits: small registries are done by then, and the answer says so.
PATIENCE = 3.0

_log = logging.getLogger(__name__)


def begin(work: Callable[[], object], *, name: str, patience: float = PATIENCE) -> None:
    """Call it once what is asked for is committed."""
    thread = threading.Thread(target=_carry_out, args=(work, name), name=name, daemon=True)
    thread.start()
    thread.join(patience)


def _carry_out(work: Callable[[], object], name: str) -> None:
    try:
        work()
    except Exception:
        _log.exception("%s was broken off", name)
    finally:
        connection.close()

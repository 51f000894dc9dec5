"""When garbage is looked for: not while a chunk of records is decided."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def put_off() -> Iterator[None]:
    """Without looking for garbage in cycles: a chunk makes next to none, and looking takes a quarter of its time.

    What the block made should be gone when it ends: the first look takes in all that was made meanwhile.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()

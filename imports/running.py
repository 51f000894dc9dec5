"""Carrying an import out, from wherever it stands to the end of its file, whoever runs it."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic, sleep

from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone
from psycopg_pool import PoolTimeout

from imports.models import Import
from imports.reading import chunks
from imports.resolving import Overtaken, finish, resolve
from matching.bulk import garbage
from sources.models import SourceSystem

logger = logging.getLogger(__name__)

# Seconds: how long a database that does not answer is waited for, and between two attempts.
PATIENCE = 300.0
PAUSE = 1.0

# Chunks, after which garbage is looked for: between them hardly any comes about, and what a chunk made is gone by then.
TIDY = 50

NO_DATABASE = (OperationalError, InterfaceError, PoolTimeout)

Told = Callable[[Import], None]


class DatabaseLost(Exception):
    """It did not answer for longer than PATIENCE. The import can be resumed."""


def carry_out(import_id: int, *, told: Told = lambda imported: None) -> Import:
    """Go on until it is done, or somebody stops it; `told` hears of each step. Not for use inside a transaction.

    A process that is killed loses the chunk it was at, which the next one begins again. Raises DatabaseLost, and what
    nobody foresaw, once the import is marked as failed.
    """
    clock = _Clock()
    while True:
        try:
            return _carried_out(import_id, clock, told)
        except NO_DATABASE as error:
            if clock.silence > PATIENCE:
                raise DatabaseLost from error
            logger.warning("import %s waits for the database", import_id)
            connection.close()
            sleep(PAUSE)


class _Clock:
    """Seconds from one step to the next, and since the last one."""

    def __init__(self) -> None:
        self._step = self._begun = monotonic()

    def begin(self) -> None:
        """Time spent waiting for the database is no work."""
        self._begun = monotonic()

    def lap(self) -> float:
        now = monotonic()
        worked, self._step, self._begun = now - self._begun, now, now
        return worked

    @property
    def silence(self) -> float:
        return monotonic() - self._step


def _carried_out(import_id: int, clock: _Clock, told: Told) -> Import:
    clock.begin()
    with _failure_noted(import_id):
        imported = _begun(import_id)
        if imported.state == Import.State.RUNNING:
            _go_through(imported, clock, told)
    return _read(import_id)


def _begun(import_id: int) -> Import:
    """Running from now on, if it was waiting for that or was left running."""
    now = timezone.now()
    waiting = Import.objects.filter(pk=import_id, state=Import.State.QUEUED)
    waiting.filter(started_at=None).update(started_at=now)
    waiting.update(state=Import.State.RUNNING, touched_at=now)
    return _read(import_id)


def _read(import_id: int) -> Import:
    return Import.objects.select_related("tenant", "source", "only_source").get(pk=import_id)


def _go_through(imported: Import, clock: _Clock, told: Told) -> None:
    systems = SourceSystem.objects.of(imported.tenant).live().filter(built_in=False)
    sources = {system.name: system for system in systems}
    try:
        with chunks(imported) as following, garbage.put_off():
            for number, chunk in enumerate(following, start=1):
                resolve(chunk, imported, sources=sources, seconds=clock.lap())
                told(_read(imported.pk))
                if number % TIDY == 0:
                    gc.collect()
        finish(imported)
    except Overtaken:
        logger.info("import %s was stopped, or is carried out by another process", imported.pk)


@contextmanager
def _failure_noted(import_id: int) -> Iterator[None]:
    """What goes wrong is told by its kind only: its words may hold somebody's name."""
    try:
        yield
    except NO_DATABASE:
        raise
    except Exception as error:
        rows = Import.objects.filter(pk=import_id, state=Import.State.RUNNING)
        rows.update(state=Import.State.FAILED, error=f"{type(error).__name__}; the log of the worker tells more")
        raise

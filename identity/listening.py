"""Hearing of new jobs, also after the database was away for a while."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable

from procrastinate import PsycopgConnector
from procrastinate.connector import Notify
from procrastinate.exceptions import ConnectorException

# Seconds before the next attempt to listen again.
PAUSE = 1.0

logger = logging.getLogger(__name__)


class PatientConnector(PsycopgConnector):
    """Listens again until the database is there.

    The library's own tries once. Where that fails, as while PostgreSQL restarts, the worker fetches no more jobs and
    ends when the last that it is at is done: behind an import everybody else's would wait for hours.
    """

    async def listen_notify(self, on_notification: Notify, channels: Iterable[str]) -> None:
        told = list(channels)
        while True:
            try:
                await super().listen_notify(on_notification, told)
            except ConnectorException as error:
                logger.warning("cannot listen for jobs, and try again: %s", error)
                await asyncio.sleep(PAUSE)

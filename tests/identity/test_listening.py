"""A worker hears of new jobs, also after the connection it listens by was cut and could not be made again at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pytest
from django.db import DEFAULT_DB_ALIAS
from procrastinate.contrib.django import connector_params

from identity import listening
from identity.listening import PatientConnector

CHANNEL = "jobs_of_a_test"
SECONDS = 60

pytestmark = pytest.mark.django_db(transaction=True)


class Cut(PatientConnector):
    """The second, third and fourth connection cannot be made; `pids` are those of the others."""

    attempts = 0
    pids: list[int]

    @asynccontextmanager
    async def _get_standalone_connection(self) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
        self.attempts += 1
        if self.attempts in (2, 3, 4):
            raise psycopg.OperationalError("the database system is starting up")
        async with super()._get_standalone_connection() as connection:
            self.pids.append(connection.info.backend_pid)
            yield connection


async def heard_before_and_after_a_cut(connector: Cut) -> list[str]:
    heard = asyncio.Queue[str]()

    async def hear(*, channel: str, payload: str) -> None:
        heard.put_nowait(payload)

    async def told(word: str) -> str:
        """Said again and again, as nobody knows when it is listened."""
        while heard.empty():
            await database.execute("SELECT pg_notify(%s, %s)", [CHANNEL, word])
            await asyncio.sleep(0.05)
        return heard.get_nowait()

    parameters = connector_params(DEFAULT_DB_ALIAS)
    async with await psycopg.AsyncConnection.connect(**parameters, autocommit=True) as database:
        listener = asyncio.create_task(connector.listen_notify(hear, [CHANNEL]))
        try:
            async with asyncio.timeout(SECONDS):
                first = await told("before")
                await database.execute("SELECT pg_terminate_backend(%s)", [connector.pids[0]])
                await asyncio.sleep(0.2)
                while not heard.empty():
                    heard.get_nowait()
                return [first, await told("after")]
        finally:
            listener.cancel()


def test_it_listens_again_when_the_database_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "PAUSE", 0.05)

    async def story() -> tuple[list[str], int]:
        connector = Cut(kwargs=connector_params(DEFAULT_DB_ALIAS))
        connector.pids = []
        await connector.open_async()
        try:
            return await heard_before_and_after_a_cut(connector), connector.attempts
        finally:
            await connector.close_async()

    # In a thread of its own, as a browser's event loop stays in the one of the tests (see tests.conftest).
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(lambda: asyncio.run(story())).result() == (["before", "after"], 5)

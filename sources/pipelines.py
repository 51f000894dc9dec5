"""Commands that travel to the database together, and their answers that come back together.

libpq's pipeline mode: whatever is sent waits in a buffer until a point of synchronisation is set behind it. After a
command that fails the database skips the others up to there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from psycopg import Connection, OperationalError
from psycopg.abc import PQGen
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn, PGresult
from psycopg.waiting import READY_R, WAIT_R, WAIT_RW

from sources.wording import Command


def piped(session: Connection[Any], commands: Iterable[Command]) -> list[PGresult]:
    """Send them and wait: what each answered, failures included. Raises OperationalError where the connection broke.

    A connection is closed over which answers are still to come: nobody could use it.
    """
    with session.lock:
        pipe = session.pgconn
        pipe.enter_pipeline_mode()
        try:
            for send in commands:
                send(pipe)
            pipe.pipeline_sync()
            return session.wait(_answers(pipe))
        finally:
            _leave(pipe)


def _leave(pipe: PGconn) -> None:
    try:
        pipe.exit_pipeline_mode()
    except OperationalError:
        pipe.finish()


def _answers(pipe: PGconn) -> PQGen[list[PGresult]]:
    """What psycopg has waited for, and then one answer to each command.

    It reads while it still sends: a database that cannot get rid of its answers takes nothing more in.
    """
    while pipe.flush():
        if (yield WAIT_RW) & READY_R:
            pipe.consume_input()
    answers: list[PGresult] = []
    ended = False
    try:
        while True:
            while pipe.is_busy():
                yield from _arriving(pipe)
            answer = pipe.get_result()
            if answer is not None:
                if answer.status == ExecStatus.PIPELINE_SYNC:
                    return answers
                answers.append(answer)
            elif ended:
                raise OperationalError("the connection was lost")
            ended = answer is None  # once behind each command's answer; twice, nothing more will come
    except OperationalError:
        # Where the server said why it ends the connection, that is the answer.
        if any(answer.status == ExecStatus.FATAL_ERROR for answer in answers):
            return answers
        raise


def _arriving(pipe: PGconn) -> PQGen[None]:
    while not (yield WAIT_R):
        pass  # psycopg looks now and then whether the connection is there
    pipe.consume_input()

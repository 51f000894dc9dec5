"""What callers send while things are killed: each request with an Idempotency-Key, again and again until answered."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

SOURCES = ("WEB", "SHOP")
TIMEOUT = 20.0
PAUSE = 0.1
# Seconds that one request is sent again.
PATIENCE = 300.0
LETTERS = "bcdfghjklm"


@dataclass(slots=True)
class Sent:
    """What came back: how each was answered, in order; how often one was sent again, and answered as done before."""

    answers: list[tuple[int, str]] = field(default_factory=list)
    sent_again: int = 0
    replayed: int = 0


@dataclass(frozen=True, slots=True)
class Caller:
    port: int
    key: str

    def post(self, path: str, body: bytes, kind: str, once: str, sent: Sent) -> tuple[int, Any]:
        """The status and the answer to the first of the attempts that is answered by the registry itself."""
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": kind, "Idempotency-Key": once}
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
            try:
                connection.request("POST", path, body, headers)
                answer = connection.getresponse()
                said = answer.read()
                if answer.status < 500:
                    sent.replayed += answer.getheader("Idempotency-Replayed") is not None
                    return answer.status, json.loads(said)
            except (OSError, http.client.HTTPException):
                pass  # nobody there, or killed before it had answered
            finally:
                connection.close()
            sent.sent_again += 1
            time.sleep(PAUSE)
        raise SystemExit(f"{path} was not answered within {PATIENCE:.0f} seconds.")


def body(number: int) -> dict[str, Any]:
    """Two records each are of one person, said by two sources; none is like anybody of the file."""
    who, source = divmod(number, len(SOURCES))
    word = "".join(LETTERS[int(digit)] for digit in f"{who:06}")
    return {
        "first_name": f"Xq{word}",
        "last_name": f"Zx{word[::-1]}",
        "email": f"{word}@callers.example",
        "phone": f"+44207946{who:04}",
        "source_system": SOURCES[source],
        "source_key": f"P{number}",
    }


def send_beside(
    caller: Caller, count: int, *, may_begin: Callable[[int], bool], sent: Sent, broken: threading.Event
) -> None:
    """Send so many records one after the other, each once its turn has come."""
    for number in range(count):
        while not may_begin(number):
            if broken.wait(PAUSE):
                return
        said = json.dumps(body(number)).encode()
        status, answer = caller.post("/customers", said, "application/json", f"single-{number}", sent)
        sent.answers.append((status, str(answer.get("outcome") or answer.get("status") or sorted(answer))))

"""An import whose processes are killed again and again, beside one that nobody disturbs: the ends must be the same.

    python -m benchmarks.kills [--kills 20] [--records 5000] [--seed 7] [--keep]

`manage.py serve` runs on an embedded PostgreSQL of its own with its durable settings. A file with bad rows among its
records is uploaded through POST /imports, and single records go through POST /customers beside it, each request with
an Idempotency-Key, sent again until it is answered. First for a tenant in peace, then for another while at random
moments the web server, the worker, the worker with its processes or PostgreSQL are killed by SIGKILL. At last the two
tenants' registries are compared row for row (benchmarks/kills/comparing.py). Ends with 1 where they differ.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random

import django

from benchmarks import people_file, results
from benchmarks.kills.sending import SOURCES, Caller, Sent, send_beside
from benchmarks.kills.served import KILLS, PAUSE, Served, wait_until_listening

CHUNKS_A_KILL = 25
# Of a hundred records of the file; so many go beside it, one by one.
SINGLE = 6
BAD_EVERY = 31
MOST_SECONDS = 600
# Seconds after a moment has come, at most: kills shall not always meet the same step of a chunk.
JITTER = 0.05


@dataclass(frozen=True, slots=True)
class Tenants:
    """By name, the id and an API key of each."""

    ids: dict[str, int]
    keys: dict[str, str]


def main() -> int:
    asked = _arguments()
    chunk = max(asked.records // (CHUNKS_A_KILL * max(asked.kills, 1)), 1)
    with tempfile.TemporaryDirectory(prefix="identity-registry-kills-") as folder:
        Path(folder).chmod(0o711)
        file = _file(Path(folder), asked.records)
        served = Served(Path(folder), chunk=chunk)
        with served.running():
            tenants = _prepared(served)
            peace = Run(served, tenants, "undisturbed", file).carry_out([], Random(0))
            rng = Random(asked.seed)
            moments = sorted(rng.uniform(0, asked.records * 0.95) for _ in range(asked.kills))
            disturbed = Run(served, tenants, "disturbed", file)
            sent = disturbed.carry_out(moments, rng)
            different = _compared()
    if sent.answers != peace.answers:
        different["answers to single records"] = sum(a != b for a, b in zip(sent.answers, peace.answers, strict=True))
    row = {
        "kills": len(disturbed.killed),
        "records": asked.records,
        "single": len(sent.answers),
        "sent_again": sent.sent_again,
        "replayed": sent.replayed,
        "seconds": round(disturbed.seconds),
        "killed": dict(Counter(disturbed.killed)),
        "different": different,
        "seed": asked.seed,
    }
    print(row)
    print("The end is that of the undisturbed run, row for row." if not different else f"DIFFERENT: {different}")
    if asked.keep:
        results.keep("kills", [row], same=_same)
    return 1 if different else 0


def _same(old: results.Row, new: results.Row) -> bool:
    return all(old[name] == new[name] for name in ("kills", "records", "seed"))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--records", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=7, help="of the moments and of what is killed")
    parser.add_argument("--keep", action="store_true", help="Keep the figures for the report.")
    return parser.parse_args()


def _file(folder: Path, records: int) -> bytes:
    path = folder / "people.ndjson"
    people_file.write(path, records)
    lines = path.read_bytes().splitlines(keepends=True)
    lines[17::BAD_EVERY] = [b"no record\n" for _ in lines[17::BAD_EVERY]]
    return b"".join(lines)


def _prepared(served: Served) -> Tenants:
    """Two tenants, each with sources and a key, made in this process."""
    os.environ |= {name: served.environment[name] for name in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")}
    os.environ["IDENTITY_DATA_DIR"] = served.environment["IDENTITY_DATA_DIR"]
    django.setup()
    from django.core.management import call_command

    from benchmarks.kills.tenants import opened

    call_command("migrate", verbosity=0)
    made = {name: opened(name, (*people_file.SOURCES, *SOURCES)) for name in ("undisturbed", "disturbed")}
    _leave_database()
    return Tenants({name: each[0] for name, each in made.items()}, {name: each[1] for name, each in made.items()})


def _compared() -> dict[str, int]:
    from benchmarks.kills.comparing import differences
    from sources.models import Tenant

    found = differences(Tenant.objects.get(name="disturbed"), Tenant.objects.get(name="undisturbed"))
    _leave_database()
    return found


def _leave_database() -> None:
    """Connections of this process would be broken by the first kill, and keep the server from stopping."""
    from django.db import connection

    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]


class Run:
    """One import with single records beside it."""

    def __init__(self, served: Served, tenants: Tenants, name: str, file: bytes) -> None:
        self.served, self.tenant, self.file = served, tenants.ids[name], file
        self.caller = Caller(served.port, tenants.keys[name])
        self.lines = file.count(b"\n")
        self.records, self.seconds = 0, 0.0
        self.killed: list[str] = []
        self._broken = threading.Event()

    def carry_out(self, moments: list[float], rng: Random) -> Sent:
        """Kill something as soon as so many records are dealt with as each of `moments` says."""
        wait_until_listening(self.served)
        begun, sent = time.monotonic(), Sent()
        threads = [threading.Thread(target=work, args=(sent,), daemon=True) for work in (self._upload, self._beside)]
        for thread in threads:
            thread.start()
        try:
            for moment in moments:
                self._watch_until(moment)
                time.sleep(rng.random() * JITTER)
                self._kill(rng.sample(list(KILLS), len(KILLS)), begun)
            self._watch_until(self.lines)
            while any(thread.is_alive() for thread in threads) or not self._done():
                self._look(begun)
        finally:
            self._broken.set()
        self.seconds = time.monotonic() - begun
        return sent

    def _upload(self, sent: Sent) -> None:
        status, answer = self.caller.post(
            "/imports?name=people.ndjson", self.file, "application/x-ndjson", "upload", Sent()
        )
        if status != 202:
            raise SystemExit(f"The upload was answered {status}: {answer}")

    def _beside(self, sent: Sent) -> None:
        count = self.lines * SINGLE // 100
        send_beside(
            self.caller,
            count,
            may_begin=lambda number: self.records >= number * self.lines / count,
            sent=sent,
            broken=self._broken,
        )

    def _watch_until(self, records: float) -> None:
        begun = time.monotonic()
        while self.records < records:
            self._look(begun)

    def _look(self, begun: float) -> None:
        if time.monotonic() - begun > MOST_SECONDS:
            raise SystemExit(f"It stays at {self.records} records.")
        self.served.keep_up()
        if "failed" in self.served.states(self.tenant):
            raise SystemExit(f"The import failed after {self.records} records.")
        self.records = max(self.served.records(self.tenant) or 0, self.records)
        time.sleep(PAUSE)

    def _done(self) -> bool:
        return self.served.states(self.tenant) == ["done"]

    def _kill(self, wanted: list[str], begun: float) -> None:
        """The first of these that is there. Nothing once the import is done: that would be no kill in its middle."""
        killed = ((what, number) for what in wanted if not self._done() and (number := KILLS[what](self.served)))
        what, number = next(killed, ("", 0))
        if not what:
            return
        self.killed.append(what)
        at = time.monotonic() - begun
        print(f"{at:6.1f} s, {self.records:6,} records: killed {what} ({number} processes)", flush=True)


if __name__ == "__main__":
    sys.exit(main())

"""Matching the whole registry: what `manage.py match_registry` costs, stage by stage.

    python -m benchmarks.whole_registry --size 100000 [--url postgresql://…] [--directory DIR] [--memory 1g] [--keep]

A registry is made and filled, or one is given that `benchmarks.filling` filled; nothing is written to it. The command
is a process of its own, on DuckDB. Told is the processor time of it and of the processes it starts, which other work on
the machine does not change much, without PostgreSQL's; the most memory that they held at once (resident, so that what
they share counts more than once); and what lay in the directory at most. DIR is kept; a run that was broken off goes on
in it, and its figures are then those of the rest.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from benchmarks import results
from benchmarks.registry import ROOT, Registry, either

SECONDS_BETWEEN_LOOKS = 0.5
# What is there once a stage has begun; the last one first.
STAGES = {"proposing": "matches*", "comparing": "matching.json", "preparing": ""}
TOLD = {
    "statements": "statements",
    "pairs compared": "pairs",
    "pairs found": "found",
    "beyond doubt": "links",
    "keys read in part": "crowded",
}


@dataclass(slots=True)
class Watched:
    """Of one run: processor seconds by stage, the most memory and the most files, in MiB."""

    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    memory: float = 0.0
    files: float = 0.0
    _used: dict[int, float] = field(default_factory=dict)

    def look(self, pid: int, directory: Path) -> None:
        memory, before = 0, sum(self._used.values(), 0.0)
        for process in _family(pid):
            try:
                times = process.cpu_times()
                self._used[process.pid] = times.user + times.system
                memory += process.memory_info().rss
            except psutil.Error:  # it has ended meanwhile; what it had used before is counted
                continue
        self.seconds[_stage(directory)] += sum(self._used.values(), 0.0) - before
        self.memory = max(self.memory, memory / 2**20)
        self.files = max(self.files, _held(directory))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--size", type=int, default=100_000, help="Customers of a registry that is made for it.")
    parser.add_argument("--url", help="One that `benchmarks.filling` filled.")
    parser.add_argument("--directory", type=Path, help="Where the command works; default: a temporary one.")
    parser.add_argument("--memory", default="1g", help="The engine's.")
    parser.add_argument("--keep", action="store_true", help="Keep the figures for the report.")
    asked = parser.parse_args()
    with either(asked.url, asked.size) as registry, tempfile.TemporaryDirectory(prefix="match-registry-") as own:
        row = _measured(registry, asked.directory or Path(own) / "matching", asked.memory)
    for name, value in row.items():
        print(f"{name:<12}{value:>16,}" if not isinstance(value, str) else f"{name:<12}{value:>16}")
    if asked.keep:
        results.keep("whole_registry", [row], same=lambda old, new: old["size"] == new["size"])
    return 0


def _measured(registry: Registry, directory: Path, memory: str) -> results.Row:
    words = [sys.executable, str(ROOT / "manage.py"), "match_registry", "--to-parquet", str(directory)]
    begun, watched = time.monotonic(), Watched()
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen([*words, "--memory", memory], env=registry.environment, stdout=out)
        while process.poll() is None:
            watched.look(process.pid, directory)
            time.sleep(SECONDS_BETWEEN_LOOKS)
        if process.returncode:
            raise SystemExit("The matching failed.")
        out.seek(0)
        said = out.read()
    figures = {name: _figure(said, words) for words, name in TOLD.items()}
    stages = {stage: round(watched.seconds[stage], 1) for stage in reversed(STAGES)}
    room = {"mebibytes": round(watched.memory), "files": round(watched.files)}
    elapsed = round(time.monotonic() - begun)
    return {"size": registry.size, "memory": memory, **figures, **stages, **room, "elapsed": elapsed}


def _figure(said: str, words: str) -> int:
    found = re.search(rf"^{words} +([\d,]+)", said, re.MULTILINE)
    return int(found[1].replace(",", "")) if found else 0


def _stage(directory: Path) -> str:
    return next(stage for stage, sign in STAGES.items() if not sign or any(directory.glob(sign)))


def _family(pid: int) -> list[psutil.Process]:
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.Error:
        return []


def _held(directory: Path) -> float:
    """MiB of the files below it."""
    total = 0
    for file in directory.rglob("*"):
        try:
            total += file.stat().st_size
        except FileNotFoundError:  # it was renamed or removed meanwhile
            continue
    return total / 2**20


if __name__ == "__main__":
    sys.exit(main())

"""What was measured, kept beside the machine it was measured on; `python -m benchmarks.report` makes the page of it."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "measured"

Row = dict[str, Any]


def keep(benchmark: str, rows: list[Row], *, same: Callable[[Row, Row], bool], **how: Any) -> None:
    """Add rows to what is kept of a benchmark, in place of those that measured the same; `how`: the run's options."""
    when = {"on": datetime.now(UTC).date().isoformat(), "machine": machine(), **how}
    new = [{**row, **when} for row in rows]
    old = [row for row in kept(benchmark) if not any(same(row, fresh) for fresh in new)]
    FOLDER.mkdir(exist_ok=True)
    lines = [json.dumps(row) for row in [*old, *new]]
    (FOLDER / f"{benchmark}.jsonl").write_text("".join(f"{line}\n" for line in lines))


def keep_table(benchmark: str, table: str, *, size: int) -> None:
    """A table in Markdown, in place of the one for a registry of the same size (customers)."""
    keep(benchmark, [{"size": size, "table": table}], same=lambda old, new: old["size"] == new["size"])


def kept(benchmark: str) -> list[Row]:
    path = FOLDER / f"{benchmark}.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores ({platform.machine()}), {memory:.0f} GiB, Python {platform.python_version()}"

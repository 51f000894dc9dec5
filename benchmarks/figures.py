"""Latencies of one thing measured again and again, beside those of a floor measured in the same rounds."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

HEAD = ["what", "p50 ms", "p95 ms", "p99 ms", "p50 of the floor's", "p99 of the floor's", "statements"]


@dataclass(slots=True)
class Series:
    name: str
    seconds: list[float] = field(default_factory=list)
    statements: int | None = None

    def take(self, ask: Callable[[], Any], counted: Callable[[Callable[[], Any]], int] | None = None) -> None:
        """Measure once; before the first time it is asked unmeasured, and its statements are counted by `counted`."""
        if not self.seconds:
            self.statements = counted(ask) if counted else 1
            ask()
        begun = time.perf_counter()
        ask()
        self.seconds.append(time.perf_counter() - begun)

    def milliseconds(self, share: float) -> float:
        """The smallest latency that `share` of all do not exceed (nearest rank)."""
        ranked = sorted(self.seconds)
        return 1000 * ranked[max(0, -int(-share * len(ranked) // 1) - 1)]


def table(series: Sequence[Series]) -> str:
    """In Markdown. The first series is the floor."""
    floor = series[0]
    lines = [HEAD, ["---"] * len(HEAD), *(_cells(each, floor) for each in series)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def _cells(each: Series, floor: Series) -> list[str]:
    latencies = [f"{each.milliseconds(share):.2f}" for share in (0.5, 0.95, 0.99)]
    ratios = [f"{each.milliseconds(share) / floor.milliseconds(share):.1f}" for share in (0.5, 0.99)]
    return [each.name, *latencies, *ratios, str(each.statements)]


def statements(ask: Callable[[], Any]) -> int:
    """How many statements Django sends for it."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        ask()
    return len(captured)

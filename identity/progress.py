"""Telling whoever waits how far a long command has come."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Protocol

SECONDS_BETWEEN_LINES = 3.0
SECONDS_BETWEEN_UPDATES = 0.2


class Out(Protocol):
    """A stream to write to, a management command's among them."""

    def write(self, text: str, /) -> object: ...
    def flush(self) -> None: ...
    def isatty(self) -> bool: ...


@dataclass(slots=True)
class Progress:
    """One line kept up to date on a terminal; anywhere else a line every few seconds."""

    out: Out
    what: str
    _begun: float = field(default_factory=time.monotonic)
    _told: float = field(default_factory=time.monotonic)
    _first: int | None = None

    def __call__(self, done: int, total: int) -> None:
        """`done` of `total`; the rate counts from the first call, which may not be at the beginning."""
        self._first = done - 1 if self._first is None else self._first
        now = time.monotonic()
        pause = SECONDS_BETWEEN_UPDATES if self._on_terminal else SECONDS_BETWEEN_LINES
        if now - self._told < pause and done < total:
            return
        self._told = now
        rate = (done - self._first) / max(now - self._begun, 1e-9)
        left = f", {_lasting((total - done) / rate)} left" if rate and done < total else ""
        told = f"{done / total:.0%}, {rate:{',.0f' if rate >= 10 else '.2g'}} a second{left}"
        self._say(f"  {done:,} of {total:,} {self.what} ({told})", last=done == total)

    def _say(self, line: str, *, last: bool) -> None:
        if self._on_terminal:
            self.out.write(f"\r{line:<70}" + ("\n" if last else ""))
        else:
            self.out.write(f"{line}\n")
        self.out.flush()

    @property
    def _on_terminal(self) -> bool:
        return self.out.isatty()


def _lasting(seconds: float) -> str:
    """How long, as people say it: in whole seconds, minutes or hours."""
    return next(
        (f"{seconds / size:.0f} {unit}" for size, unit in ((3600, "h"), (60, "min")) if seconds >= 2 * size),
        f"{seconds:.0f} s",
    )


@dataclass(slots=True)
class Counted:
    """As Progress, where nobody knows beforehand how many there will be."""

    out: Out
    what: str
    count: int = 0
    _begun: float = field(default_factory=time.monotonic)
    _told: float = field(default_factory=time.monotonic)

    def __call__(self, more: int) -> None:
        self.count += more
        now = time.monotonic()
        if now - self._told >= SECONDS_BETWEEN_LINES:
            self._told = now
            self.finish()

    def finish(self) -> None:
        rate = self.count / max(time.monotonic() - self._begun, 1e-9)
        self.out.write(f"  {self.count:,} {self.what} ({rate:,.0f} a second)\n")
        self.out.flush()

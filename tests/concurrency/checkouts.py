"""Checkouts that somebody else comes in between."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from matching import checkout
from matching.deciding import Question, foreseen
from matching.outcomes import Decision


def meanwhile(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    """Have something happen once, after the reading without locks and before the trip."""

    def read(question: Question) -> Decision:
        seen = foreseen(question)
        monkeypatch.setattr(checkout, "foreseen", foreseen)
        happens()
        return seen

    monkeypatch.setattr(checkout, "foreseen", read)

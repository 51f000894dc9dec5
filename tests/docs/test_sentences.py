"""The pages that map a document's sentences to tests name tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs").glob("*-sentences.md"))
DEFINED = set(
    re.findall(r"^def (test_\w+)", "\n".join(path.read_text() for path in ROOT.glob("tests/**/test_*.py")), re.M)
)


def test_there_are_such_pages() -> None:
    assert PAGES


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_test_named_on_the_page_exists(page: Path) -> None:
    named = set(re.findall(r"`(?:[\w/.]+::)?(test_\w+)`", page.read_text()))
    assert named
    assert named <= DEFINED, named - DEFINED

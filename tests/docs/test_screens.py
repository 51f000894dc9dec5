"""The page of pictures is the one that `make screenshots` writes, of every page of the console."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "scripts")


def test_it_shows_every_screen_in_each_size_and_theme() -> None:
    from screen_list import SECTIONS
    from screen_page import written_page

    assert (ROOT / "docs" / "screens.md").read_text() == written_page(SECTIONS)
    expected = {
        f"{screen.name}-{size}-{theme}.png"
        for section in SECTIONS
        for screen in section.screens
        for size in ("wide", "narrow")
        for theme in ("light", "dark")
    }
    assert {picture.name for picture in (ROOT / "docs" / "screens").iterdir()} == expected


def test_it_shows_every_page_that_the_side_leads_to() -> None:
    from screen_list import SECTIONS

    from review.console.navigation import ENTRIES

    shown = {screen.go for section in SECTIONS for screen in section.screens}
    addresses = {"/console/" if entry.topic == "queue" else f"/console/{entry.topic}" for entry in ENTRIES}
    assert addresses <= shown

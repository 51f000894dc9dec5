"""The page of the documents that shows every screen."""

from __future__ import annotations

from collections.abc import Sequence

from screen_list import Screen, Section

INTRODUCTION = """# Every screen

Pictures of the demo that `make run` loads: everybody in it is made up. Each screen stands here at 1440 and 400 pixels,
in the light and the dark theme; a picture leads to itself in full size. Tall pages are cut.
[The review console](console.md) tells what the pages do.

This page and its pictures are made by `make screenshots` while `make run` runs.
"""
# The wide pictures and the narrow ones come out about equally high.
WIDTHS = {"wide": "37%", "narrow": "11%"}


def written_page(sections: Sequence[Section]) -> str:
    return "\n".join([INTRODUCTION, *(_section(section) for section in sections)])


def _section(section: Section) -> str:
    return "\n".join([f"## {section.title}\n", *(_screen(screen) for screen in section.screens)])


def _screen(screen: Screen) -> str:
    pictures = [_picture(screen, size, theme) for size in WIDTHS for theme in ("light", "dark")]
    return "\n".join([f"### {screen.title}\n", f"{screen.tells}\n", *pictures, ""])


def _picture(screen: Screen, size: str, theme: str) -> str:
    path = f"screens/{screen.name}-{size}-{theme}.png"
    return f'[<img src="{path}" width="{WIDTHS[size]}" alt="{screen.title}, {size}, {theme}">]({path})'

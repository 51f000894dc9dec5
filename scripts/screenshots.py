"""Pictures of every screen of a running demo, and the page that shows them: `make screenshots`.

Each screen at 1440 and 400 pixels, in the light and the dark theme, into docs/screens, and docs/screens.md around them.
SCREEN="queue compare" takes these only. ADDRESS is where the demo runs (default http://127.0.0.1:8000); the passwords
are read from its data directory, IDENTITY_DATA_DIR or .data. Imports to look at are made at the first time; none lets
anybody in, and one stays paused. So is a second version of the model; the first is put back in force. Each run makes an
API key and revokes it.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from screen_list import SECTIONS, Screen
from screen_page import written_page
from screen_steps import ADDRESS, clear_up, make_imports

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = Path("/usr/bin/chromium")
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


class Size(NamedTuple):
    """A window, and the greatest height of a picture of it, in pixels."""

    width: int
    height: int
    tallest: int


SIZES = {"wide": Size(1440, 900, 1500), "narrow": Size(400, 800, 1700)}


@contextmanager
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        executable = str(CHROMIUM) if CHROMIUM.exists() else None
        chromium = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        try:
            yield chromium
        finally:
            chromium.close()


def password(user: str) -> str:
    folder = Path(os.environ.get("IDENTITY_DATA_DIR") or ROOT / ".data")
    return (folder / f"{user}_password").read_text().strip()


def sign_in(page: Page, user: str) -> None:
    page.goto(f"{ADDRESS}/console/login")
    page.get_by_label("Name").fill(user)
    page.get_by_label("Password").fill(password(user))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{ADDRESS}/console/")


def take(chromium: Browser, screens: list[Screen], folder: Path) -> None:
    for user in sorted({screen.user or "" for screen in screens}):
        context = chromium.new_context(reduced_motion="reduce")
        page = context.new_page()
        if user:
            sign_in(page, user)
        if user == "admin":
            make_imports(page)
        for screen in (each for each in screens if (each.user or "") == user):
            for name, size in SIZES.items():
                photograph(page, screen, folder, name, size)
        if user == "admin":
            clear_up(page)
        context.close()


def photograph(page: Page, screen: Screen, folder: Path, name: str, size: Size) -> None:
    """Reached anew for each size, as somebody would; the theme is the operating system's."""
    page.set_viewport_size({"width": size.width, "height": size.height})
    if callable(screen.go):
        screen.go(page)
    else:
        page.goto(ADDRESS + screen.go)
    # As tall a window as the page needs: what floats at the bottom of the window then lies below everything.
    height = min(page.evaluate("document.documentElement.scrollHeight"), size.tallest)
    page.set_viewport_size({"width": size.width, "height": max(height, size.height)})
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        whole = Image.open(io.BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
        # A palette, for small files; one that leaves out no rare colour, for colours mean something here.
        picture = whole.quantize(256, method=Image.Quantize.MAXCOVERAGE, kmeans=2, dither=Image.Dither.NONE)
        picture.save(folder / f"{screen.name}-{name}-{theme}.png", optimize=True)


def main() -> None:
    wanted = set(sys.argv[1:])
    documents = ROOT / "docs"
    (documents / "screens").mkdir(exist_ok=True)
    screens = [screen for section in SECTIONS for screen in section.screens if not wanted or screen.name in wanted]
    with browser() as chromium:
        take(chromium, screens, documents / "screens")
    (documents / "screens.md").write_text(written_page(SECTIONS))


if __name__ == "__main__":
    main()

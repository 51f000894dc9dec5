"""Pictures of every page of a running demo: `make screenshots`, into docs/screens.

Each page at 1440 and 400 pixels, in the light and the dark theme. ADDRESS is where the demo runs (default
http://127.0.0.1:8000), STEWARD_PASSWORD and ADMIN_PASSWORD what `make run` printed; without them they are read from
the data directory.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
ADDRESS = os.environ.get("ADDRESS", "http://127.0.0.1:8000")
SIZES = {"wide": (1440, 900), "narrow": (400, 800)}
THEMES = ("light", "dark")
PEOPLE = b"""source_system,id,first_name,last_name,email,phone,address,city,state,zip,note
CRM,X-1,Chuck,Abernathy,chuck@abernathy.example,(214) 867-5309,12 Oak Avenue,Dallas,tx,75201,by post
CRM,X-2,Odalys,Quist,odalys,,,,,,
CRM,X-3,Imre,Halasz,imre@halasz.example,214-867-5310,9 Pine Road,Chicago,il,60601,
"""
CHROMIUM = Path("/usr/bin/chromium")


@dataclass(frozen=True)
class Screen:
    """A picture's name and how to get there: an address, or steps from the queue on."""

    name: str
    go: str | Callable[[Page], None]
    user: str | None = "steward"
    full: bool = False


def close_case(page: Page) -> None:
    """One whose names are alike and whose e-mails differ."""
    first_case(page, "?reason=email&sort=newest")


def first_case(page: Page, query: str = "") -> None:
    page.goto(f"{ADDRESS}/console/{query}")
    page.locator("[data-row]").first.click()
    page.get_by_role("heading", name="What each verdict does").wait_for()
    page.mouse.move(0, 0)


def doubtful_case(page: Page) -> None:
    close_case(page)
    page.get_by_text("Cannot tell…").click()


def alike_cases(page: Page) -> None:
    """The largest group of cases that are alike, with its ticks."""
    page.goto(f"{ADDRESS}/console/")
    page.locator(".batches a").first.click()
    page.get_by_role("button", name="Ticked: not the same").wait_for()


def customer(page: Page) -> None:
    """One that another was merged into, of whom a link was called wrong or right: by its tree."""
    page.goto(f"{ADDRESS}/console/audit?kind=merged")
    page.locator("[data-row]").first.click()
    page.get_by_role("heading", name="How it came together").wait_for()


def split(page: Page) -> None:
    customer(page)
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Split ticked records off…").click()
    page.get_by_role("heading", name="Split this customer?").wait_for()


def search(page: Page) -> None:
    page.goto(f"{ADDRESS}/console/customers")
    page.locator("#search").press_sequentially("bill")
    page.locator(".suggestions a").first.wait_for()


def import_read(page: Page) -> None:
    """A file with a bad row, looked at and not let in; each picture uploads it once more."""
    page.goto(f"{ADDRESS}/console/imports/new")
    page.locator("input[type=file]").set_input_files({"name": "people.csv", "mimeType": "text/csv", "buffer": PEOPLE})
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("heading", name="How the file is read").wait_for()


PAGES: tuple[Screen, ...] = (
    Screen("login", "/console/login", user=None),
    Screen("queue", "/console/"),
    Screen("compare", close_case, full=True),
    Screen("cannot-tell", doubtful_case),
    Screen("alike", alike_cases),
    Screen("decisions", "/console/queue/decisions"),
    Screen("nothing-put-off", "/console/?view=put-off"),
    Screen("disputes", "/console/disputes"),
    Screen("customers", "/console/customers"),
    Screen("search", search),
    Screen("customer", customer, user="admin", full=True),
    Screen("split", split, user="admin"),
    Screen("quality", "/console/quality", user="admin", full=True),
    Screen("model", "/console/model", user="admin", full=True),
    Screen("strategies", "/console/strategies", user="admin", full=True),
    Screen("imports", "/console/imports", user="admin"),
    Screen("new-import", "/console/imports/new", user="admin"),
    Screen("import-read", import_read, user="admin"),
    Screen("sources", "/console/sources", user="admin"),
    Screen("new-source", "/console/sources/new", user="admin"),
    Screen("api-keys", "/console/keys-of-programs", user="admin"),
    Screen("audit", "/console/audit", user="admin"),
    Screen("admin", "/admin/", user="admin"),
    Screen("admin-customers", "/admin/contacts/customer/", user="admin"),
    Screen("not-yours", "/console/audit"),
    Screen("keys", "/console/keys"),
    Screen("not-found", "/console/nowhere"),
)


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
    given = os.environ.get(f"{user.upper()}_PASSWORD")
    folder = Path(os.environ.get("IDENTITY_DATA_DIR") or ROOT / ".data")
    return given or (folder / f"{user}_password").read_text().strip()


def sign_in(page: Page, user: str) -> None:
    page.goto(f"{ADDRESS}/console/login")
    page.get_by_label("Name").fill(user)
    page.get_by_label("Password").fill(password(user))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{ADDRESS}/console/")


def take(chromium: Browser, screens: tuple[Screen, ...], folder: Path) -> None:
    for user in {screen.user for screen in screens}:
        context = chromium.new_context()
        page = context.new_page()
        if user:
            sign_in(page, user)
        for theme in THEMES:
            context.add_cookies([{"name": "theme", "value": theme, "url": ADDRESS}])
            for screen in (each for each in screens if each.user == user):
                _photograph(page, screen, theme, folder)
        context.close()


def _photograph(page: Page, screen: Screen, theme: str, folder: Path) -> None:
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        if callable(screen.go):
            screen.go(page)
        else:
            page.goto(ADDRESS + screen.go)
        page.screenshot(path=folder / f"{screen.name}-{size}-{theme}.png", full_page=screen.full and size == "wide")


def main() -> None:
    wanted = set(sys.argv[1:])
    folder = Path(os.environ.get("SCREENS") or ROOT / "docs" / "screens")
    folder.mkdir(parents=True, exist_ok=True)
    with browser() as chromium:
        take(chromium, tuple(screen for screen in PAGES if not wanted or screen.name in wanted), folder)


if __name__ == "__main__":
    main()

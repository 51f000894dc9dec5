"""A real browser before a live server. The tests of this folder commit; the tables are emptied after each."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from matching.tenants import open_tenant
from sources.models import DEFAULT_TENANT, Tenant
from tests.browser.chromium import NoBrowser, executable
from tests.review.desk import PASSWORD

# Milliseconds: whatever a story waits for is there in a tenth of that, on a machine that has nothing else to do.
PATIENCE = 15_000

Open = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Where there is no browser and none can be had, CI fails; elsewhere the tests are left out, and say so."""
    with sync_playwright() as playwright:
        try:
            path = executable(playwright)
        except NoBrowser as error:
            if os.environ.get("CI") or os.environ.get("BROWSER_REQUIRED"):
                pytest.fail(str(error))
            pytest.skip(str(error))
        # Chromium's sandbox needs rights that root in a container lacks; it shows nothing here but these pages.
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"] if os.geteuid() == 0 else [])
        yield chromium
        chromium.close()


@pytest.fixture(autouse=True)
def tenant(transactional_db: None) -> Tenant:
    return Tenant.objects.filter(name=DEFAULT_TENANT).first() or open_tenant(DEFAULT_TENANT, by="system")


@pytest.fixture
def complaints() -> list[str]:
    """What the browser complains about on the way: errors of scripts, breaches of the content security policy."""
    return []


@pytest.fixture
def open_page(browser: Browser, live_server: Any, complaints: list[str]) -> Iterator[Open]:
    """A page of the console in a browser of its own; keyword arguments are Playwright's for a context."""
    contexts: list[BrowserContext] = []

    def opened(**options: Any) -> Page:
        context = browser.new_context(base_url=live_server.url, reduced_motion="reduce", **options)
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text) if _grave(message) else None)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


def _grave(message: Any) -> bool:
    """An answer of 4xx is logged as an error as well; the stories bring those about on purpose."""
    return message.type == "error" and "Failed to load resource" not in message.text


@pytest.fixture
def signed_in(open_page: Open) -> Callable[..., Page]:
    def opened(name: str, **options: Any) -> Page:
        page = open_page(**options)
        page.goto("/console/login")
        page.get_by_label("Name").fill(name)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("heading", name="Queue").wait_for()
        page.wait_for_load_state()
        return page

    return opened

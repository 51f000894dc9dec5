"""axe finds nothing serious on any page, in both themes, wide and narrow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from review import claims, verdicts
from tests.browser.conftest import Open
from tests.registry import default_tenant
from tests.review.desk import near_miss, steward, torn

WIDTHS = (1440, 400)
GRAVE = ("serious", "critical")


def violations(page: Page) -> list[str]:
    found: list[Any] = Axe().run(page).response["violations"]
    return [
        f"{page.url}: {each['id']}: {each['nodes'][0]['html'][:200]} {each['nodes'][0]['failureSummary']}"
        for each in found
        if each["impact"] in GRAVE
    ]


def pages() -> list[str]:
    """Addresses that together show every part: rows, tabs, chips, a case decided, one claimed by another, none."""
    open_case, decided, claimed = near_miss(0), near_miss(1), near_miss(2)
    several = torn(3)
    for number in range(4, 8):
        near_miss(number)
    verdicts.reject(
        customer_id=decided.customer.pk,
        alias_id=decided.contact.pk,
        candidate_id=decided.candidates[0].pk,
        tenant=default_tenant(),
        by="jane",
    )
    claims.take(claimed.contact.pk, tenant=default_tenant(), by="joan")
    cases = (open_case, decided, claimed, several)
    return [
        "/console/",
        "/console/?view=put-off",
        "/console/?reason=tied",
        f"/console/?alike={open_case.candidates[0].pk}",
        *(f"/console/queue/{each.contact.pk}" for each in cases),
        f"/console/queue/{open_case.contact.pk}?values=sent",
        "/console/queue/decisions",
        "/console/keys",
        "/console/nowhere",
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_of_the_review_has_a_serious_fault(signed_in: Callable[..., Page], theme: str) -> None:
    addresses = pages()
    steward("jane")
    page = signed_in("jane", color_scheme=theme)
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for address in addresses:
            page.goto(address)
            found += violations(page)
        page.goto(addresses[4])
        page.get_by_text("on the scale of odds").click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.get_by_text("Cannot tell…").click()
        found += violations(page)
    page.get_by_role("link", name="Queue").first.focus()
    page.keyboard.press("?")
    found += violations(page)
    assert found == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nor_has_the_door(open_page: Open, theme: str) -> None:
    page = open_page(color_scheme=theme)
    page.goto("/console/login")
    assert violations(page) == []
    page.get_by_label("Name").fill("nobody")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("alert").wait_for()
    assert violations(page) == []

"""Values as long as systems write them, faults told where they are, and times where the reader is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from contacts.models import Contact
from matching.models import Lookup
from review import claims, reconsidering
from sources.models import Reviewer
from tests.browser.test_accessibility import violations
from tests.jobs import work
from tests.registry import default_tenant, post, source
from tests.review.desk import PASSWORD, admin, near_miss, steward

SignedIn = Callable[..., Page]
PHONE = {"width": 400, "height": 800}
LONG_SOURCE = "NORTH-EASTERN-REGIONAL-HEALTH-AUTHORITY-PATIENT-ADMINISTRATION-SYSTEM"
LONG_ACCOUNT = "hand.of.a.very.long.account.name.of.the.north-eastern.region@example.org"
LONG_KEY = "K" * 150


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def long_case() -> None:
    """A record of a source, a key and an account that are as long as they come, put off and claimed."""
    name: dict[str, Any] = {
        "first_name": "Maximiliana-Theodora",
        "last_name": "Wolfeschlegelsteinhausenbergerdorff" * 2,
    }
    post(key="C", **name)
    done = post(to=LONG_SOURCE, key=LONG_KEY, email="other@example.com", **name)
    note = "The source has to be asked, and asked again. " * 6
    reconsidering.defer(done.candidates[0].pk, note=note, tenant=default_tenant(), by=LONG_ACCOUNT)
    claims.take(done.contact.pk, tenant=default_tenant(), by=LONG_ACCOUNT)


@pytest.mark.parametrize("viewport", [PHONE, {"width": 1440, "height": 900}])
def test_long_values_stay_on_the_page_and_can_be_read(signed_in: SignedIn, viewport: dict[str, int]) -> None:
    long_case()
    steward("jane", of=(LONG_SOURCE,))
    page = signed_in("jane", viewport=viewport)
    row = page.locator("[data-row]")
    expect(row).to_contain_text(f"put off by {LONG_ACCOUNT}")
    expect(row).to_contain_text("asked again")
    why, mark = row.locator(".why").bounding_box(), row.locator(".tag.warning").bounding_box()
    assert why is not None
    assert mark is not None
    assert mark["x"] >= why["x"] + why["width"] or mark["y"] >= why["y"] + why["height"]
    for step in ("queue", "case"):
        if step == "case":
            row.click()
            page.get_by_role("heading", name="What each verdict does").wait_for()
        assert fits(page), step
        assert violations(page) == [], step


def test_the_place_moves_on_with_each_verdict(signed_in: SignedIn) -> None:
    for number in range(3):
        near_miss(number)
    steward("jane")
    page = signed_in("jane")
    expect(page.locator(".pages")).to_have_text("1 to 3 of 3")
    page.keyboard.press("n")
    place = page.locator(".case-head .place")
    expect(place).to_contain_text("1 of 3")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("j")
    expect(place).to_contain_text("2 of 3")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("r")
    expect(place).to_contain_text("2 of 2")


def test_the_way_back_shows_the_row_that_was_opened(signed_in: SignedIn) -> None:
    for number in range(30):
        near_miss(number)
    steward("jane")
    page = signed_in("jane", viewport={"width": 1440, "height": 500})
    row = page.locator("[data-row]").last
    row.click()
    page.get_by_role("heading", name="What each verdict does").wait_for()
    page.get_by_role("link", name="← Queue").click()
    expect(row).to_be_focused()
    expect(row).to_be_in_viewport()


def test_decisions_are_in_reach_on_a_telephone_whatever_was_decided_last(signed_in: SignedIn) -> None:
    steward("jane")
    page = signed_in("jane", viewport=PHONE)
    page.get_by_role("link", name="All my decisions").click()
    expect(page.get_by_role("heading", name="You have decided nothing yet")).to_be_visible()


@pytest.mark.parametrize(("scripts", "zone"), [(True, "Asia/Tokyo"), (False, "UTC")])
def test_times_are_the_reader_s_and_say_so(signed_in: SignedIn, scripts: bool, zone: str) -> None:
    near_miss()
    steward("jane")
    page = signed_in("jane", timezone_id="Asia/Tokyo", java_script_enabled=scripts)
    page.get_by_role("link", name="BILLING B0").click()
    expect(page.get_by_label("Incoming record")).to_contain_text("JST" if scripts else "UTC")
    page.locator("details.menu summary").click()
    expect(page.get_by_text(f"Times are in {zone}.")).to_be_visible()


def test_what_is_wrong_with_a_lookup_is_told_at_its_form(signed_in: SignedIn) -> None:
    admin("root")
    page = signed_in("root", viewport=PHONE)
    page.goto("/console/strategies")
    page.locator("main input[name=attributes]").fill("Nonsense")
    page.get_by_role("button", name="Make the lookup").click()
    told = page.get_by_role("alert")
    expect(told).to_contain_text("attribute 'Nonsense' is not defined")
    expect(told).to_be_in_viewport()
    expect(told).to_be_focused()


def test_a_failed_lookup_tells_why_and_what_to_do(signed_in: SignedIn) -> None:
    for number in range(2):
        post(key=str(number), email=f"twin{number}@example.org", phone=f"+1214867531{number}", address=None)
    Contact.objects.update(attributes={})
    admin("root")
    page = signed_in("root", viewport=PHONE)
    page.goto("/console/strategies")
    page.locator("main input[name=attributes]").fill("FirstName, LastName")
    page.get_by_label("Kind").select_option("unique")
    page.get_by_role("button", name="Make the lookup").click()
    page.get_by_text("It waits for a worker").wait_for()
    work()
    assert Lookup.objects.get(name="FirstNameLastNameLookup").state == "failed"
    page.reload()
    expect(page.get_by_text("1 value is shared by several customers")).to_be_visible()
    page.get_by_text("Which, and whose").click()
    expect(page.get_by_role("link", name="Sylvia Abernathy")).to_have_count(2)
    assert fits(page)
    assert violations(page) == []
    page.get_by_role("button", name="Look again at FirstNameLastNameLookup").click()
    expect(page.get_by_role("status")).to_contain_text("FirstNameLastNameLookup is failed")


def test_first_records_of_a_file_are_readable_on_a_telephone_and_it_is_asked_before_it_is_thrown_away(
    signed_in: SignedIn,
) -> None:
    source("CRM")
    admin("root")
    page = signed_in("root", viewport=PHONE)
    page.goto("/console/imports/new")
    column = "a_column_with_a_name_that_somebody_thought_would_tell_everything_about_it"
    rows = f"source_system,id,first_name,{column},email\nCRM,1,{'Ann' * 40},x,ann@example.org\nNOPE,2,Bob,y,bob\n"
    page.locator("input[type=file]").set_input_files(
        {"name": "long.csv", "mimeType": "text/csv", "buffer": rows.encode()}
    )
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("heading", name="How the file is read").wait_for()
    region = page.get_by_role("region", name="First records", exact=True)
    assert region.evaluate("part => part.scrollWidth <= part.clientWidth")
    label, choice = page.get_by_text(column).bounding_box(), page.get_by_label(column).bounding_box()
    assert label is not None
    assert choice is not None
    assert label["x"] + label["width"] <= choice["x"]
    page.get_by_text("Throw the file away…").click()
    page.get_by_role("button", name="Throw it away").click()
    expect(page.get_by_text("long.csv").first).to_be_visible()


def test_the_admin_breaks_long_values_and_keeps_what_nobody_writes(signed_in: SignedIn) -> None:
    long_source = source(LONG_SOURCE.replace("-", ""))
    Reviewer.objects.create(source=long_source, first_name="Jane", last_name="Doe", email="jane@example.org")
    User.objects.create_superuser("op", email="op@example.org", password=PASSWORD)
    page = signed_in("op", viewport=PHONE)
    for address in (f"/admin/sources/sourcesystem/{long_source.pk}/change/", "/admin/auth/user/"):
        page.goto(address)
        assert fits(page), address
    page.get_by_role("link", name="op", exact=True).click()
    page.get_by_label("Username").wait_for()
    assert page.locator(".field-last_login input").count() == 0
    expect(page.locator(".field-last_login .readonly")).to_be_visible()

"""A file with bad rows, told in a browser: looked at, mapped, tried dry, let in, and what was left over."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from contacts.models import Contact
from imports.models import Import
from imports.running import carry_out
from tests.browser.test_accessibility import WIDTHS, violations
from tests.registry import live_customers, post, source
from tests.review.desk import admin, person, steward

SignedIn = Callable[..., Page]

FIELDS = {"Nr": "Key in the source", "Vorname": "First name", "Nachname": "Last name", "Mail": "E-mail"}


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """Two new people, one known from CRM, one who may be, a row without an e-mail, and one that is cut off."""
    for number in (1, 2):
        post(person(number), key=f"C{number}")
    source("CRM", required=("email",)), source("SHOP", required=("email",))
    known, alike = person(1), {**person(2), "email": "another@example.com"}
    rows = [_row(number, body) for number, body in enumerate((known, alike, person(3), person(4)), start=1)]
    file = tmp_path / "people.csv"
    file.write_text(
        "\n".join(["Nr;Vorname;Nachname;Mail;phone;street;city;state;zip", *rows, "5;No;Mail;;;;;;", "6;Cut"])
    )
    return file


def _row(number: int, body: dict[str, Any]) -> str:
    return ";".join(
        [
            str(number),
            *(body[name] for name in ("first_name", "last_name", "email", "phone")),
            *body["address"].values(),
        ]
    )


def figure(page: Page, name: str) -> Locator:
    return page.locator(f".tile.{name} b")


def map_columns(page: Page) -> None:
    for column, field in FIELDS.items():
        page.get_by_role("combobox", name=column, exact=True).select_option(field)


def run(page: Page) -> None:
    """What a worker does, as soon as it is free."""
    carry_out(Import.objects.latest("pk").pk)


def upload(page: Page, file: Path) -> None:
    page.get_by_role("link", name="Imports", exact=True).click()
    page.get_by_role("link", name="New import").first.click()
    page.locator("input[type=file]").set_input_files(file)
    page.locator("select[name=source]").select_option("SHOP")
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("heading", name="How the file is read")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_file_is_looked_at_tried_and_let_in(signed_in: SignedIn, people: Path, scripts: bool) -> None:
    admin("root")
    page = signed_in("root", java_script_enabled=scripts)
    upload(page, people)
    expect(page.get_by_role("status").first).to_contain_text("Nothing is imported yet")
    records = page.get_by_role("region", name="First records", exact=True)
    expect(records.get_by_text("would be rejected")).to_have_count(6)
    map_columns(page)
    page.get_by_role("button", name="Read it this way").click()
    expect(records.get_by_text("would be rejected")).to_have_count(2)
    expect(records).to_contain_text("email is required")
    page.get_by_role("button", name="Dry run").click()
    expect(page.get_by_role("heading", name="What would become of the records")).to_be_visible()
    run(page)
    if not scripts:
        page.get_by_role("link", name="Look again").click()
    expect(page.get_by_role("button", name="Import for real")).to_be_visible()
    for name, count in {"records": 6, "created": 3, "linked": 1, "candidates": 1, "rejected": 2}.items():
        expect(figure(page, name)).to_have_text(str(count))
    assert live_customers() == 2
    page.get_by_role("button", name="Import for real").click()
    expect(page.get_by_text("waits for a worker")).to_be_visible()
    run(page)
    if not scripts:
        page.get_by_role("link", name="Look again").click()
    expect(page.get_by_role("heading", name="What became of the records")).to_be_visible()
    assert (live_customers(), Contact.objects.filter(source__name="SHOP").count()) == (5, 4)
    rejected = page.locator("section", has=page.get_by_role("heading", name="Rejected rows"))
    expect(rejected.locator("tbody tr")).to_have_count(2)
    expect(rejected).to_contain_text("the row has 2 columns, the header has 9")
    with page.expect_download() as download:
        page.get_by_role("link", name="as NDJSON").click()
    lines = [json.loads(line) for line in Path(download.value.path()).read_text().splitlines()]
    assert [(line["line"], line["raw"]) for line in lines] == [(6, "5;No;Mail;;;;;;"), (7, "6;Cut")]
    page.get_by_role("link", name="open in the queue").click()
    expect(page.locator("[data-row]")).to_have_count(1)
    expect(page.get_by_role("main")).to_contain_text("SHOP 2")
    page.get_by_role("link", name=re.compile(r"^import \d")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("people.csv")


def test_an_import_is_held_goes_on_and_is_given_up_by_keyboard(signed_in: SignedIn, people: Path) -> None:
    admin("root")
    page = signed_in("root")
    upload(page, people)
    map_columns(page)
    press(page.get_by_role("button", name="Import", exact=True))
    press(page.get_by_role("button", name="Pause"))
    expect(page.locator("header .tag").first).to_have_text("paused")
    press(page.get_by_role("button", name="Resume"))
    expect(page.locator("header .tag").first).to_have_text("about to begin")
    press(page.get_by_text("Cancel…"))
    expect(page.get_by_text("the rest of the file is thrown away")).to_be_visible()
    press(page.get_by_role("button", name="Cancel the import"))
    expect(page.locator("header .tag").first).to_have_text("cancelled")
    assert Contact.objects.filter(source__name="SHOP").count() == 0
    page.get_by_role("link", name="All imports").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Imports")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("people.csv")


def press(button: Locator) -> None:
    button.focus()
    button.press("Enter")


def test_exports_are_where_an_administrator_looks_for_them(signed_in: SignedIn, people: Path) -> None:
    admin("root")
    page = signed_in("root")
    page.get_by_role("link", name="Customers").click()
    page.get_by_text("Export").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV for a spreadsheet").click()
    assert download.value.suggested_filename == "customers.csv"
    assert len(Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()) == 3


def test_a_steward_is_told_that_it_is_not_theirs(signed_in: SignedIn) -> None:
    steward("jane")
    page = signed_in("jane")
    expect(page.get_by_role("link", name="Imports")).to_have_count(0)
    page.goto("/console/imports")
    expect(page.get_by_role("heading", level=1)).to_contain_text("not yours")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_of_imports_has_a_serious_fault(signed_in: SignedIn, people: Path, theme: str) -> None:
    admin("root")
    page = signed_in("root", color_scheme=theme)
    page.goto("/console/imports")
    found = violations(page)
    upload(page, people)
    waiting = page.url
    found += violations(page)
    upload(page, people)
    map_columns(page)
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_text("waits for a worker").wait_for()
    found += violations(page)
    run(page)
    page.get_by_role("heading", name="What became of the records").wait_for()
    done = page.url
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for address in ("/console/imports", "/console/imports/new", waiting, done, f"{done}/rejected"):
            page.goto(address)
            found += violations(page)
        page.goto("/console/imports")
        page.get_by_text("Export").click()
        found += violations(page)
    assert found == []

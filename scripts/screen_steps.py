"""How to reach the screens that no address leads to."""

from __future__ import annotations

import os
import re

from playwright.sync_api import Page, expect

ADDRESS = os.environ.get("ADDRESS", "http://127.0.0.1:8000")
IMPORT_SECONDS = 120
MANY = range(100_000)

KEY = "Nightly export"
LOOKUP = "EmailAndPhone"
LOOKED_AT = "newsletter.csv"
TRIED = "spring-fair.csv"
HALF_WAY = "old-shop.csv"
HEADER = "source_system,id,first_name,last_name,email,phone,address,city,state,zip,note\n"
PEOPLE = """CRM,X-1,Chuck,Abernathy,chuck@abernathy.example,(214) 555-0139,12 Oak Avenue,Dallas,tx,75201,by post
SHOP,X-2,Odalys,Quist,odalys,,,,,,
CRM,X-3,Imre,Halasz,imre@halasz.example,312-555-0110,9 Pine Road,Chicago,il,60601,
CRM,X-4,Thea,Brandvold,thea@brandvold.example,+1 206 555 0184,77 Meadow Court,Seattle,WA,98104,called twice
SUPPORT,,Noor,Haddad,noor@haddad.example,,,,,,
"""


def first_case(page: Page, query: str) -> None:
    page.goto(f"{ADDRESS}/console/{query}")
    page.locator("[data-row]").first.click()
    page.get_by_role("heading", name="What each verdict does").wait_for()
    page.mouse.move(0, 0)


def compare(page: Page) -> None:
    """Names that are alike and e-mails that differ."""
    first_case(page, "?reason=email&sort=newest")


def odds(page: Page) -> None:
    compare(page)
    page.get_by_text("on the scale of odds").click()
    page.get_by_text("on the scale of odds").scroll_into_view_if_needed()


def cannot_tell(page: Page) -> None:
    compare(page)
    page.get_by_text("Cannot tell…").click()


def alike(page: Page) -> None:
    """The first group of cases that are alike, with its ticks."""
    page.goto(f"{ADDRESS}/console/")
    page.locator(".batches a").first.click()
    page.get_by_role("button", name="Ticked: not the same").wait_for()


def batch(page: Page) -> None:
    alike(page)
    page.get_by_role("button", name="Ticked: not the same").click()
    page.get_by_role("heading", name="Not the same").wait_for()


def taken_back(page: Page) -> None:
    """The page that asks before a decision of some age is taken back."""
    page.goto(f"{ADDRESS}/console/queue/decisions")
    page.locator("main tr", has_text="SUPPORT").get_by_role("link", name="Undo…").first.click()
    page.get_by_role("button", name="Take it back").wait_for()


def merged_customer(page: Page) -> None:
    """One that another was merged into, which nobody has undone."""
    page.goto(f"{ADDRESS}/console/audit?kind=merged")
    for address in page.locator("[data-row]").evaluate_all("rows => rows.map(row => row.href)"):
        page.goto(address)
        if page.get_by_role("link", name="Undo…").count():
            return
    raise LookupError("the demo has no customer with a merge to undo")


def pin(page: Page) -> None:
    merged_customer(page)
    page.locator("details.pinning summary").first.click()


def split(page: Page) -> None:
    merged_customer(page)
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Split ticked records off…").click()
    page.get_by_role("heading", name="Split this customer?").wait_for()


def undo(page: Page) -> None:
    merged_customer(page)
    page.get_by_role("link", name="Undo…").first.click()
    page.get_by_role("heading", name=re.compile("Undo")).first.wait_for()


def suggestions(page: Page) -> None:
    page.goto(f"{ADDRESS}/console/customers")
    page.locator("#search").press_sequentially("bill")
    page.locator(".suggestions a").first.wait_for()


def found(page: Page) -> None:
    _searched(page, "kathy", "Found by")


def nobody_found(page: Page) -> None:
    _searched(page, "Zyxwvut", "Nobody found")


def _searched(page: Page, words: str, outcome: str) -> None:
    page.goto(f"{ADDRESS}/console/customers")
    page.locator("main input[type=search]").fill(words)
    page.locator("main input[type=search]").press("Enter")
    page.get_by_text(outcome).first.wait_for()


def exports(page: Page) -> None:
    page.goto(f"{ADDRESS}/console/customers")
    page.locator(".exports summary").click()


def bench(page: Page) -> None:
    page.goto(f"{ADDRESS}/console/strategies")
    page.get_by_label("FirstName", exact=True).fill("Katherine")
    page.get_by_label("EmailAddress", exact=True).fill("katherine@harbor-freight-lines.example")
    page.get_by_role("button", name="Try").click()
    page.get_by_text("Nobody found.").or_(page.get_by_text("Found by")).first.wait_for()


def new_key(page: Page) -> None:
    """Made and shown; the picture has dots in its place, and `clear_up` revokes it."""
    page.goto(f"{ADDRESS}/console/keys-of-programs")
    page.locator("main input[name=name]").fill(KEY)
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Make the key").click()
    page.get_by_role("heading", name="copy the key now").wait_for()
    page.get_by_label("Key", exact=True).evaluate(
        "shown => { shown.value = shown.value.slice(0, 10) + '•'.repeat(36) }"
    )


def clear_up(page: Page) -> None:
    """Nothing stays good for anything, and the model is the one that was in force."""
    page.goto(f"{ADDRESS}/console/keys-of-programs")
    for _ in range(page.get_by_text(f"Revoke {KEY}…").count()):
        page.get_by_text(f"Revoke {KEY}…").first.click()
        with page.expect_response(re.compile("/revoke$")):
            page.get_by_role("button", name=f"Revoke {KEY}").first.click()
        page.goto(f"{ADDRESS}/console/keys-of-programs")
    page.goto(f"{ADDRESS}/console/strategies")
    if page.get_by_role("link", name=f"Remove {LOOKUP}").count():
        page.get_by_role("link", name=f"Remove {LOOKUP}").click()
        page.get_by_role("button", name="Remove it").click()
        page.get_by_text(f"{LOOKUP} is removed").wait_for()
    page.goto(f"{ADDRESS}/console/model")
    if page.locator("main a[href$='/model/versions/1']").count():
        page.goto(f"{ADDRESS}/console/model/versions/1")
        page.get_by_role("button", name="Put version 1 in force").click()
        page.get_by_text("version 1 in force").first.wait_for()


def failed_login(page: Page) -> None:
    page.goto(f"{ADDRESS}/console/login")
    page.get_by_label("Name").fill("steward")
    page.get_by_label("Password").fill("a guess")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("alert").wait_for()


def media_type(page: Page) -> None:
    _first_link(page, "strategies", "/media-types/")


def remove_lookup(page: Page) -> None:
    """Those of the demo are built in, so one is made; `clear_up` removes it."""
    page.goto(f"{ADDRESS}/console/strategies")
    remove = page.get_by_role("link", name=f"Remove {LOOKUP}")
    if not remove.count():
        page.locator("main input[name=attributes]").fill("EmailAddress, PhoneNumber")
        page.get_by_label("Kind").select_option("unique")
        page.locator("main input[name=name]").fill(LOOKUP)
        page.get_by_role("button", name="Make the lookup").click()
        page.get_by_text(f"{LOOKUP} is made").wait_for()
        while page.get_by_text("building", exact=True).count():
            page.reload()
    remove.click()
    page.get_by_role("button", name="Remove it").wait_for()
    page.mouse.move(0, 0)


def source(page: Page) -> None:
    page.goto(f"{ADDRESS}/console/sources")
    page.locator("main [data-row]").first.click()
    page.get_by_role("heading", name="Retire").wait_for()


def retire(page: Page) -> None:
    source(page)
    page.get_by_role("link", name="Retire…").click()
    page.get_by_role("button", name="Retire").wait_for()


def changed_meanwhile(page: Page) -> None:
    """A source that somebody else has saved while it was being changed here."""
    source(page)
    other = page.context.new_page()
    other.goto(page.url)
    group = other.get_by_label("Microsoft Entra group")
    group.fill("Data stewards" if group.input_value() != "Data stewards" else "Data stewards of the north")
    other.get_by_role("button", name="Save").click()
    other.get_by_text("Saved.").wait_for()
    other.close()
    page.get_by_label("Microsoft Entra group").fill("Reviewers")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("alert").first.wait_for()


def model_version(page: Page) -> None:
    """The version before the one in force, which a suggestion that is applied leaves behind."""
    page.goto(f"{ADDRESS}/console/model")
    if not page.locator("main a[href*='/model/versions/']").count():
        page.get_by_role("button", name="Apply as a new version").click()
        page.locator("main a[href*='/model/versions/']").first.wait_for()
    _first_link(page, "model", "/model/versions/")


def admin_customer(page: Page) -> None:
    page.goto(f"{ADDRESS}/admin/contacts/customer/")
    page.locator("#result_list tbody th a").first.click()
    page.locator("h1").first.wait_for()


def _first_link(page: Page, area: str, within: str) -> None:
    page.goto(f"{ADDRESS}/console/{area}")
    page.goto(ADDRESS + str(page.locator(f"main a[href*='{within}']").first.get_attribute("href")))


def make_imports(page: Page) -> None:
    """A file to look at, one tried dry, and a long one that was paused, unless they are there."""
    if not _made(page, LOOKED_AT):
        _upload(page, LOOKED_AT, PEOPLE)
    if not _made(page, TRIED):
        _upload(page, TRIED, PEOPLE)
        page.get_by_role("button", name="Dry run").click()
        page.get_by_role("button", name="Import for real").wait_for(timeout=IMPORT_SECONDS * 1000)
    if not _made(page, HALF_WAY):
        _upload(page, HALF_WAY, "".join(f"SHOP,Y-{each},Sam,,sam{each}@riverton.example,,,,,,\n" for each in MANY))
        page.get_by_role("button", name="Dry run").click()
        read = page.locator(".tile", has_text="Read").locator("b")
        expect(read).not_to_have_text("0", timeout=IMPORT_SECONDS * 1000)
        page.get_by_role("button", name="Pause").click()
        page.get_by_role("button", name="Resume").wait_for(timeout=IMPORT_SECONDS * 1000)


def _made(page: Page, name: str) -> bool:
    page.goto(f"{ADDRESS}/console/imports")
    return page.get_by_role("link", name=name).count() > 0


def _upload(page: Page, name: str, rows: str) -> None:
    page.goto(f"{ADDRESS}/console/imports/new")
    page.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": (HEADER + rows).encode()}
    )
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("heading", name="How the file is read").wait_for()


def import_read(page: Page) -> None:
    _open_import(page, LOOKED_AT)


def import_tried(page: Page) -> None:
    _open_import(page, TRIED)


def import_paused(page: Page) -> None:
    _open_import(page, HALF_WAY)


def rejected_rows(page: Page) -> None:
    _open_import(page, TRIED)
    page.goto(page.url.rstrip("/") + "/rejected")


def _open_import(page: Page, name: str) -> None:
    page.goto(f"{ADDRESS}/console/imports")
    page.get_by_role("link", name=name).first.click()
    page.get_by_role("heading", name=name).wait_for()

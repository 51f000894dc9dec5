"""The stories of a steward's day, by what is seen and pressed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone
from playwright.sync_api import Page, Response, expect

from contacts import clock
from matching.models import CandidatePair
from review import verdicts
from review.models import Decision
from tests.browser.conftest import Open
from tests.registry import default_tenant, live_customers, put
from tests.review.desk import PASSWORD, near_miss, person, steward, torn

SignedIn = Callable[..., Page]


def focus_within_main(page: Page) -> bool:
    return bool(page.evaluate("document.querySelector('main').contains(document.activeElement)"))


def heading(page: Page, record: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(record)


def test_a_steward_clears_ten_candidates_with_the_keyboard_only(open_page: Open) -> None:
    for number in range(10):
        near_miss(number)
    steward("jane")
    page = open_page()
    keyboard = page.keyboard
    page.goto("/console/")
    keyboard.type("jane")
    keyboard.press("Tab")
    keyboard.type(PASSWORD)
    keyboard.press("Enter")
    heading(page, "Queue")
    page.wait_for_load_state()
    keyboard.press("n")
    for number, verdict in enumerate("arsarararr"):
        heading(page, f"BILLING B{number}")
        assert focus_within_main(page)
        keyboard.press(verdict)
        if verdict == "s":
            expect(page.get_by_label("Too little to go by")).to_be_focused()
            keyboard.press("ArrowDown")
            keyboard.press("Tab")
            keyboard.type("the shop knows")
            keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Nothing waits")).to_be_visible()
    assert focus_within_main(page)
    said = [decision.kind[0] for decision in Decision.objects.order_by("pk")]
    assert "".join(said) == "ardararar" + "r"
    assert Decision.objects.get(kind="deferred").note == "The source has to be asked — the shop knows"
    assert live_customers() == 20 - 4


def test_keys_lead_from_record_to_record_and_through_the_list(signed_in: SignedIn) -> None:
    for number in range(3):
        near_miss(number)
    steward("jane")
    page = signed_in("jane")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    heading(page, "BILLING B1")
    page.keyboard.press("j")
    heading(page, "BILLING B2")
    page.keyboard.press("k")
    heading(page, "BILLING B1")
    page.keyboard.press("s")
    expect(page.get_by_label("Too little to go by")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_label("Too little to go by")).to_be_hidden()
    page.keyboard.press("o")
    expect(page.get_by_text("Values as sent.")).to_be_visible()
    page.keyboard.press("c")
    expect(page.get_by_text("yours until")).to_be_visible()
    page.keyboard.press("q")
    heading(page, "Queue")
    assert CandidatePair.objects.filter(status="pending").count() == 3


def test_back_and_q_return_to_the_row_that_was_opened(signed_in: SignedIn) -> None:
    for number in range(3):
        near_miss(number)
    steward("jane")
    page = signed_in("jane")
    row = page.get_by_role("link", name="BILLING B1")
    for back in ("browser", "key"):
        row.click()
        heading(page, "BILLING B1")
        if back == "browser":
            page.go_back()
        else:
            page.keyboard.press("q")
        heading(page, "Queue")
        expect(row).to_be_focused()
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="BILLING B2")).to_be_focused()


def test_whose_session_has_ended_signs_in_and_is_back_at_the_record(signed_in: SignedIn) -> None:
    near_miss()
    steward("jane")
    for scripts in (True, False):
        page = signed_in("jane", java_script_enabled=scripts)
        page.get_by_role("link", name="BILLING B0").click()
        heading(page, "BILLING B0")
        page.context.clear_cookies(name="sessionid")
        page.get_by_role("button", name="Not the same").click()
        heading(page, "Sign in")
        expect(page.get_by_role("banner")).to_have_count(0)
        page.get_by_label("Name").fill("jane")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        heading(page, "BILLING B0")
        expect(page.get_by_role("button", name="Not the same")).to_be_visible()
    assert not Decision.objects.exists()


def test_the_next_record_is_there_at_once(signed_in: SignedIn) -> None:
    """It was fetched while the one before it was read: what follows the verdict is its head alone."""
    records = [near_miss(number) for number in range(3)]
    steward("jane")
    page = signed_in("jane")
    answers: list[tuple[str, bool, str]] = []

    def remember(response: Response) -> None:
        if response.request.method == "GET" and "/console/queue/" in response.url and response.status == 200:
            in_advance = "x-case-ahead" in response.request.headers
            answers.append((response.url.rsplit("/", 1)[1], in_advance, response.text()))

    page.on("response", remember)
    with page.expect_response(lambda answer: "x-case-ahead" in answer.request.headers):
        page.get_by_role("link", name="BILLING B0").click()
    heading(page, "BILLING B0")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("r")
    heading(page, "BILLING B1")
    expect(page.get_by_role("table").first).to_contain_text(person(1)["email"])
    expect(page.get_by_text("yours until")).to_be_visible()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    expect(page).to_have_url(re.compile(f"/console/queue/{records[1].contact.pk}$"))
    expect(page).to_have_title(re.compile("BILLING B1"))
    of_second = [(in_advance, "<table" in text) for pk, in_advance, text in answers if pk == str(records[1].contact.pk)]
    assert of_second == [(True, True), (False, False)]
    # What has changed since is read anew.
    page.wait_for_load_state("networkidle")
    put(records[2].customer_id, by_source="BILLING", phone="+13125550100")
    page.keyboard.press("r")
    heading(page, "BILLING B2")
    expect(page.get_by_role("main")).to_contain_text("+13125550100")


def test_help_lists_the_keys_and_can_switch_them_off(signed_in: SignedIn) -> None:
    near_miss()
    steward("jane")
    page = signed_in("jane")
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    expect(keys).to_be_visible()
    keys.get_by_label("Single keys are on").uncheck()
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    page.keyboard.press("n")
    heading(page, "Queue")
    page.keyboard.press("?")
    keys.get_by_label("Single keys are on").check()
    keys.get_by_role("button", name="Close").click()
    page.keyboard.press("n")
    heading(page, "BILLING B0")


def test_two_stewards_meet_on_the_same_record(signed_in: SignedIn) -> None:
    near_miss(0)
    near_miss(1)
    steward("jane")
    steward("joan")
    jane, joan = signed_in("jane"), signed_in("joan")
    for page in (jane, joan):
        page.get_by_role("link", name="BILLING B0").click()
        heading(page, "BILLING B0")
    joan.get_by_role("button", name="Not the same").click()
    heading(joan, "BILLING B1")
    jane.get_by_role("button", name="Same person").click()
    expect(jane.get_by_role("alert")).to_contain_text("Nothing was written")
    expect(jane.get_by_text("joan decided")).to_be_visible()
    assert live_customers() == 4
    jane.reload()
    heading(jane, "BILLING B0")
    jane.keyboard.press("j")
    heading(jane, "BILLING B1")
    expect(jane.get_by_text("joan is at work on this")).to_be_visible()
    jane.get_by_role("button", name="Take over").click()
    expect(jane.get_by_text("yours until")).to_be_visible()
    joan.get_by_role("button", name="Same person").click()
    expect(joan.get_by_role("alert")).to_contain_text("jane is at work on this record")


def test_approve_look_at_the_customer_undo(signed_in: SignedIn) -> None:
    near_miss(email="newer@example.com")
    steward("jane")
    page = signed_in("jane")
    page.keyboard.press("n")
    expect(page.get_by_text("newer@example.com from BILLING B0")).to_be_visible()
    page.keyboard.press("a")
    expect(page.get_by_role("heading", name="Nothing waits")).to_be_visible()
    page.get_by_role("link", name="All my decisions").click()
    page.get_by_role("link", name="BILLING B0").click()
    page.get_by_role("link", name="The customer").click()
    expect(page.get_by_text("newer@example.com").first).to_be_visible()
    page.get_by_role("link", name="Queue", exact=True).click()
    heading(page, "Queue")
    page.keyboard.press("z")
    expect(page.get_by_role("status")).to_contain_text("Taken back")
    heading(page, "BILLING B0")
    expect(page.get_by_role("button", name="Same person")).to_be_visible()
    assert live_customers() == 2


def test_several_candidates_of_a_record_are_decided_on_one_after_the_other(signed_in: SignedIn) -> None:
    torn()
    steward("jane")
    page = signed_in("jane")
    expect(page.get_by_text("2 more")).to_be_visible()
    page.keyboard.press("n")
    tabs = page.get_by_role("navigation", name="Candidates of this record")
    expect(tabs.get_by_role("link")).to_have_count(3)
    page.keyboard.press("3")
    expect(tabs.get_by_role("link", name="Candidate 3")).to_have_attribute("aria-current", "page")
    page.keyboard.press("r")
    expect(tabs.get_by_role("link")).to_have_count(2)
    page.keyboard.press("a")
    expect(page.get_by_role("heading", name="Nothing waits")).to_be_visible()


def test_the_same_review_without_scripts(signed_in: SignedIn) -> None:
    for number in range(3):
        near_miss(number)
    steward("jane")
    page = signed_in("jane", java_script_enabled=False)
    page.get_by_label("Reason").select_option(label="E-mail differs")
    page.get_by_role("button", name="Filter", exact=True).click()
    expect(page.get_by_role("listitem").filter(has=page.locator("[data-row]"))).to_have_count(3)
    page.get_by_role("button", name="Start reviewing").click()
    heading(page, "BILLING B0")
    page.get_by_role("button", name="Same person").click()
    heading(page, "BILLING B1")
    page.get_by_role("button", name="Not the same").click()
    heading(page, "BILLING B2")
    page.get_by_text("Cannot tell…").click()
    page.get_by_role("button", name="Put it off").click()
    expect(page.get_by_role("heading", name="Nothing here fits these filters")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    heading(page, "BILLING B2")
    expect(page.get_by_role("status")).to_contain_text("Taken back")


def test_an_old_decision_is_asked_about_before_the_key_takes_it_back(signed_in: SignedIn) -> None:
    record = near_miss()
    jane = steward("jane")
    about: dict[str, Any] = {
        "alias_id": record.contact.pk,
        "candidate_id": record.candidates[0].pk,
        "tenant": default_tenant(),
    }
    with clock.replaying(timezone.now() - timedelta(hours=3)):
        verdicts.reject(customer_id=record.customer.pk, by=jane.username, **about)
    page = signed_in("jane")
    page.keyboard.press("z")
    expect(page.get_by_role("heading", name="Take this decision back?")).to_be_visible()
    assert not Decision.objects.exclude(undone_at=None).exists()
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_role("status")).to_contain_text("Taken back")
    assert Decision.objects.get().undone_by == "jane"


def test_a_batch_of_alike_cases_is_decided_at_once(signed_in: SignedIn) -> None:
    for number in range(4):
        near_miss(number)
    steward("jane")
    page = signed_in("jane")
    page.get_by_role("link", name="e-mail differs 4").click()
    page.get_by_label("All", exact=True).uncheck()
    for number in range(3):
        page.get_by_label(f"Tick BILLING B{number}").check()
    expect(page.get_by_label("Tick BILLING B3")).not_to_be_checked()
    page.get_by_role("button", name="Ticked: not the same").click()
    heading(page, "Not the same: 3 records")
    page.get_by_role("button", name="Not the same, all 3").click()
    expect(page.get_by_role("status")).to_contain_text("3 decided")
    expect(page.locator("[data-row]")).to_have_count(1)
    page.reload()
    heading(page, "Queue")


def test_it_fits_a_telephone_with_the_verdicts_in_reach(signed_in: SignedIn) -> None:
    near_miss()
    steward("jane")
    page = signed_in("jane", viewport={"width": 400, "height": 800}, has_touch=True)
    for step in ("queue", "case"):
        if step == "case":
            page.get_by_role("link", name="BILLING B0").tap()
            heading(page, "BILLING B0")
        assert page.evaluate("document.documentElement.scrollWidth") <= 400, step
    box = page.get_by_role("button", name="Same person").bounding_box()
    assert box is not None
    assert box["height"] >= 44
    assert 800 - (box["y"] + box["height"]) < 80

"""What is done beside the queue, told in a browser: taking a wrong merge apart, adding a source, a key and a lookup."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from contacts.models import Contact, Customer
from matching.lookups import LookupDefinition, create_lookup
from matching.media_types import change_media_type, read_settings
from matching.models import Lookup, Merge
from review import feedback, verdicts
from tests.browser.test_accessibility import WIDTHS, violations
from tests.identity.api.callers import Api
from tests.jobs import work
from tests.registry import aliases_of, default_tenant, live_customers, post
from tests.review.desk import admin, near_miss, steward

SignedIn = Callable[..., Page]

OTHER = {"first_name": "Zoe", "last_name": "Quill", "email": "zoe@example.net", "phone": "+12065550142"}


def wrongly_merged() -> Customer:
    """Sylvia with a record of BILLING that is Zoe's, put there by hand."""
    sylvia = post().customer
    zoe = post(OTHER, to="BILLING", key="B-7").customer
    verdicts.merge(target_id=sylvia.pk, source_id=zoe.pk, tenant=default_tenant(), by="joan")
    return sylvia


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_steward_splits_a_wrong_merge_and_sees_it_stay_apart(signed_in: SignedIn, scripts: bool) -> None:
    sylvia = wrongly_merged()
    steward("jane")
    page = signed_in("jane", java_script_enabled=scripts)
    page.get_by_role("link", name="Customers").click()
    field = page.get_by_role("main").get_by_label("Name, e-mail, phone, source key or id")
    field.fill("abern")
    field.press("Enter")
    # The newest name won: the golden record is Zoe's, which is what is wrong.
    field.fill("quill")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Zoe Quill").click()
    # A page that was swapped in has its own style as well.
    expect(page.locator(".sheet-columns")).to_have_css("display", "grid")
    page.get_by_role("checkbox", name=re.compile("BILLING")).check()
    page.get_by_role("button", name="Split ticked records off…").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Split this customer?")
    expect(page.get_by_role("main")).to_contain_text("1 record leaves for a new customer, 1 stays")
    page.get_by_role("button", name="Split", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("kept apart from now on")
    # Sylvia is no longer hers to see: what is left of her own is Zoe.
    expect(page.get_by_role("heading", level=1)).to_contain_text("Zoe Quill")
    assert live_customers() == 2
    # What would glue them together again: a record that both come near to.
    post({**OTHER, "address": None}, to="SHOP", key="S-1")
    assert Contact.objects.get(source_key="B-7").customer_id != sylvia.pk
    assert [each.source.name for each in aliases_of(sylvia)] == ["CRM"]


def test_what_was_searched_for_is_still_found_after_a_look_at_one(signed_in: SignedIn) -> None:
    post()
    post(OTHER, key="2")
    steward("jane", of=("CRM",))
    page = signed_in("jane")
    page.goto("/console/customers")
    field = page.get_by_role("main").get_by_role("searchbox")
    field.press_sequentially("quill")
    expect(page.get_by_role("status")).to_have_text("1 found")
    page.get_by_role("link", name="Zoe Quill").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Zoe Quill")
    page.go_back()
    expect(page.get_by_role("status")).to_have_text("1 found")
    expect(field).to_have_value("quill")


def test_arrows_lead_through_what_the_search_suggests(signed_in: SignedIn) -> None:
    post()
    steward("jane", of=("CRM",))
    page = signed_in("jane")
    page.keyboard.press("/")
    page.keyboard.type("abern")
    suggestion = page.get_by_role("link", name="Sylvia Abernathy")
    expect(suggestion).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(suggestion).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    expect(suggestion).to_be_hidden()
    page.keyboard.press("/")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Sylvia Abernathy")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_steward_pins_a_name_and_lets_it_go(signed_in: SignedIn, scripts: bool) -> None:
    sylvia = wrongly_merged()
    steward("jane", of=("CRM", "BILLING"))
    page = signed_in("jane", java_script_enabled=scripts)
    page.goto(f"/console/customers/{sylvia.pk}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Zoe Quill")
    page.get_by_text("Pin Last name…").click()
    page.get_by_role("radio", name=re.compile("Abernathy")).check()
    page.get_by_role("textbox", name="Reason").locator("visible=true").fill("seen her passport")
    page.get_by_role("button", name="Pin", exact=True).locator("visible=true").click()
    expect(page.get_by_role("status").first).to_contain_text("Last name stays as it is")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Zoe Abernathy")
    expect(page.get_by_role("region", name="Golden record")).to_contain_text("“seen her passport”")
    post({**OTHER, "address": None}, to="BILLING", key="B-7")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Zoe Abernathy")
    page.get_by_role("button", name="Let go of Last name").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Zoe Quill")


def test_a_steward_undoes_a_merge_from_the_tree(signed_in: SignedIn) -> None:
    sylvia = wrongly_merged()
    steward("jane")
    page = signed_in("jane")
    page.goto(f"/console/customers/{sylvia.pk}")
    page.get_by_role("link", name="Undo…").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Undo this merge?")
    page.get_by_role("button", name="Undo the merge").click()
    expect(page.get_by_role("status").first).to_contain_text("has its records back")
    assert Merge.objects.get().undone_by == "jane"
    assert live_customers() == 2


def test_an_administrator_adds_a_source_and_a_key_and_uses_them(signed_in: SignedIn) -> None:
    admin()
    page = signed_in("root")
    page.get_by_role("link", name="Sources").click()
    page.get_by_role("link", name="New source").click()
    page.get_by_role("textbox", name=re.compile("^Name")).fill("ERP")
    page.get_by_label("Reviewer 1: First name").fill("Jane")
    page.get_by_label("Reviewer 1: Last name").fill("Steward")
    page.get_by_label("Reviewer 1: E-mail").fill("jane@example.org")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("ERP")
    page.get_by_role("link", name="New key").click()
    expect(page.get_by_role("combobox", name="Source")).to_have_value("ERP")
    page.get_by_role("textbox", name=re.compile("^Name")).fill("nightly sync")
    page.get_by_role("checkbox", name=re.compile("^Write")).check()
    page.get_by_role("button", name="Make the key").click()
    secret = page.get_by_role("textbox", name="Key", exact=True).input_value()
    program = Api(authorization=f"Bearer {secret}")
    said: dict[str, Any] = {**OTHER, "source_system": "ERP", "source_key": "E-1"}
    assert program.post("/customers", said).status_code == 201
    assert Contact.objects.get(source_key="E-1").source.name == "ERP"


def test_an_administrator_adds_a_lookup_and_tries_it(signed_in: SignedIn) -> None:
    post()
    admin()
    page = signed_in("root")
    page.get_by_role("link", name="Strategies").click()
    page.get_by_role("textbox", name=re.compile("^Attributes")).fill("LastName, EmailAddress")
    page.get_by_role("combobox", name="Kind").select_option("unique")
    page.get_by_role("button", name="Make the lookup").click()
    expect(page.get_by_role("status").first).to_contain_text("is made")
    expect(page.get_by_text("It waits for a worker")).to_be_visible()
    work()
    assert Lookup.objects.get(name="LastNameEmailAddressLookup").state == "ready"
    page.get_by_role("link", name="chat").click()
    page.get_by_role("textbox", name=re.compile("^Strategy")).fill("LastNameEmailAddressLookup")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("combobox", name="Media type").select_option("chat")
    page.get_by_role("textbox", name="LastName", exact=True).fill("Abernathy")
    page.get_by_role("textbox", name="EmailAddress", exact=True).fill("sylvia.abernathy@example.org")
    page.get_by_role("button", name="Try").click()
    expect(page.get_by_role("main")).to_contain_text("Found by LastNameEmailAddressLookup: 1 customer.")


def addresses() -> list[str]:
    """Every page beside the queue, with something on each."""
    sylvia = wrongly_merged()
    near_miss(1)
    linked = post(to="SHOP", key="S-9", first_name="Zoe", last_name="Quill", email="zoe@example.net").customer
    alias = aliases_of(sylvia)[0]
    disputed = Contact.objects.exclude(match_confidence=None).first() or alias
    if disputed.match_confidence is not None:
        feedback.report(
            customer_id=disputed.customer_id, alias_id=disputed.pk, notes="Hm.", tenant=default_tenant(), by="joan"
        )
    merge = Merge.objects.get(undone_at=None)
    lookup = create_lookup(LookupDefinition("ByTitle", ["Title"], "unique"), tenant=default_tenant(), by="joan")
    crm = alias.source_id
    return [
        f"/console/customers/{sylvia.pk}",
        f"/console/customers/{linked.pk}",
        f"/console/customers/{sylvia.pk}/split?contact={alias.pk}",
        f"/console/merges/{merge.pk}/undo",
        "/console/customers",
        "/console/disputes",
        "/console/quality",
        "/console/model",
        "/console/model/versions/1",
        "/console/strategies",
        "/console/sources",
        f"/console/strategies/lookups/{lookup.pk}/remove",
        f"/console/sources/{crm}",
        f"/console/sources/{crm}/retire",
        "/console/sources/new",
        "/console/keys-of-programs",
        "/console/audit",
        "/console/audit/administration",
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_beside_the_queue_has_a_serious_fault(signed_in: SignedIn, theme: str) -> None:
    pages = addresses()
    admin()
    page = signed_in("root", color_scheme=theme)
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for address in pages:
            answer = page.goto(address)
            assert answer
            assert answer.status == 200, address
            found += violations(page)
            assert len(page.content()) < 150_000
        page.goto(pages[0])
        page.get_by_text("Pin Last name…").click()
        found += violations(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert not found, "\n".join(found)


def test_a_lookup_is_removed_only_after_asking_and_of_two_administrators_none_overwrites_the_other(
    signed_in: SignedIn,
) -> None:
    create_lookup(LookupDefinition("ByTitle", ["Title"], "unique"), tenant=default_tenant(), by="joan")
    admin()
    page = signed_in("root", java_script_enabled=False)
    page.goto("/console/strategies")
    page.get_by_role("link", name="Remove ByTitle").click()
    expect(page.get_by_role("heading", name="Remove ByTitle?")).to_be_visible()
    assert Lookup.objects.get(name="ByTitle").state == "building"
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_role("main")).to_contain_text("ByTitle is removed.")
    page.get_by_role("link", name="chat").click()
    change = read_settings({"strategy": ["PhoneNumber"]}, tenant=default_tenant(), new=False)
    change_media_type("chat", change, tenant=default_tenant(), by="joan")
    page.get_by_label("Only when these attributes are given").fill("LastName")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("none → PhoneNumberLastNameFirstNameLookup")
    expect(page.get_by_label("Only when these attributes are given")).to_have_value("LastName")
    page.get_by_role("link", name="Begin again with what is there now").click()
    expect(page.get_by_label("Strategy")).to_have_value("PhoneNumberLastNameFirstNameLookup")

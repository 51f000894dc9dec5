"""Every screen of the console and the admin, in the order they are shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import screen_steps as steps
from playwright.sync_api import Page


@dataclass(frozen=True)
class Screen:
    """A picture's name, what it shows, and how to get there: an address, or steps."""

    name: str
    title: str
    tells: str
    go: str | Callable[[Page], None]
    user: str | None = "admin"


@dataclass(frozen=True)
class Section:
    title: str
    screens: tuple[Screen, ...]


REVIEWING = Section(
    "Reviewing",
    (
        Screen("queue", "Queue", "What waits for me, one row for each incoming record.", "/console/", "steward"),
        Screen(
            "compare",
            "Compare",
            "The record and its candidate, the evidence in pictures and words, and what each verdict would do.",
            steps.compare,
            "steward",
        ),
        Screen("odds", "The scale of odds", "The same evidence in bits, from prior to total.", steps.odds, "steward"),
        Screen("cannot-tell", "Cannot tell", "Put off with a reason.", steps.cannot_tell, "steward"),
        Screen("alike", "Cases alike", "Cases that differ in the same way, ticked.", steps.alike, "steward"),
        Screen("batch", "Deciding on many", "Told in numbers before it is done.", steps.batch, "steward"),
        Screen(
            "decisions", "Decisions", "The last ones, each to be taken back.", "/console/queue/decisions", "steward"
        ),
        Screen("taken-back", "Taking a decision back", "Of some age: asked first.", steps.taken_back, "steward"),
        Screen("nothing-put-off", "An empty list", "What would be here.", "/console/?view=put-off", "steward"),
        Screen("disputes", "Disputes", "Customers whose links somebody called wrong.", "/console/disputes", "steward"),
        Screen("keys", "Keys", "Everything the keyboard does.", "/console/keys", "steward"),
    ),
)
CUSTOMERS = Section(
    "Customers",
    (
        Screen("customers", "Customers", "The newest, before anything is asked.", "/console/customers", "steward"),
        Screen("suggestions", "Search while typing", "Nicknames included.", steps.suggestions, "steward"),
        Screen("found", "Found", "What was found, and by what.", steps.found, "steward"),
        Screen("nobody-found", "Nobody found", "What can be searched for.", steps.nobody_found, "steward"),
        Screen("customer", "A customer", "Golden record, records, tree of merges and story.", steps.merged_customer),
        Screen("pin", "Pinning a value", "It stays, whatever is sent later.", steps.pin),
        Screen("split", "Splitting", "Both customers, before anything is done.", steps.split),
        Screen("undo", "Undoing a merge", "What goes back to whom.", steps.undo),
        Screen("exports", "Exports", "Golden records and the crosswalk, as files.", steps.exports),
    ),
)
MACHINE = Section(
    "The machine",
    (
        Screen("quality", "Quality", "How good the decisions were, and what waits.", "/console/quality"),
        Screen("model", "Model", "Weights, thresholds, and what feedback suggests.", "/console/model"),
        Screen("model-version", "A version of the model", "Beside the one in force.", steps.model_version),
        Screen("strategies", "Strategies", "Media types, lookups and the bench.", "/console/strategies"),
        Screen("media-type", "A media type", "Its lookups in order.", steps.media_type),
        Screen("remove-lookup", "Removing a lookup", "Asked first, with what is in its index.", steps.remove_lookup),
        Screen("bench", "The test bench", "Who would be found, and by what; nothing is written.", steps.bench),
    ),
)
IMPORTS = Section(
    "Imports",
    (
        Screen("imports", "Imports", "Every file with what came of it.", "/console/imports"),
        Screen("new-import", "Upload", "Looked at before anything comes of it.", "/console/imports/new"),
        Screen("import-read", "How the file is read", "Columns, fields, first records.", steps.import_read),
        Screen("import-paused", "How far it is", "An import half-way, paused.", steps.import_paused),
        Screen("import-tried", "After a dry run", "What would become of the records.", steps.import_tried),
        Screen("rejected", "Rejected rows", "Each with every reason.", steps.rejected_rows),
    ),
)
REGISTRY = Section(
    "Looking after the registry",
    (
        Screen("sources", "Sources", "Who may submit, and who reviews.", "/console/sources"),
        Screen("source", "A source", "What its records must carry, its reviewers and keys.", steps.source),
        Screen("retire", "Retiring a source", "What it is about, in numbers.", steps.retire),
        Screen("changed-meanwhile", "Changed meanwhile", "By whom, above what I filled in.", steps.changed_meanwhile),
        Screen("new-source", "A new source", "The same form, empty.", "/console/sources/new"),
        Screen("api-keys", "API keys", "What programs call the API with.", "/console/keys-of-programs"),
        Screen("new-key", "A new key", "Shown this once.", steps.new_key),
        Screen("audit", "Audit", "Who did what to which customer.", "/console/audit"),
        Screen("administration", "Audit of administration", "Sources, keys, models.", "/console/audit/administration"),
        Screen("admin", "Django's admin", "Every table.", "/admin/"),
        Screen("admin-customers", "A list in the admin", "With filters and search.", "/admin/contacts/customer/"),
        Screen("admin-customer", "A row in the admin", "Read only, with a way to the console.", steps.admin_customer),
    ),
)
DOORS = Section(
    "At the door",
    (
        Screen("login", "Sign in", "For stewards and administrators.", "/console/login", None),
        Screen("failed-login", "A wrong password", "Told without saying which was wrong.", steps.failed_login, None),
        Screen("not-yours", "No permission", "What is missing and who can give it.", "/console/audit", "steward"),
        Screen("not-found", "Nothing there", "An address that leads nowhere.", "/console/nowhere", "steward"),
    ),
)
SECTIONS = (REVIEWING, CUSTOMERS, MACHINE, IMPORTS, REGISTRY, DOORS)

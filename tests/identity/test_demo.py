"""The demo: everybody in it is made up, it goes in through the engine, and a load survives being broken off."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from io import StringIO
from random import Random

import phonenumbers
import pytest
from django.core.management import call_command
from django.utils import timezone

from contacts.models import Change, Contact, Customer, Event
from identity.demo import loading
from identity.demo.people import Census, mistyped
from identity.demo.steps import Step, Submission, Verdict
from identity.demo_accounts import STEWARD_EMAIL, ensure_demo_logins
from identity.progress import Progress
from matching.models import CandidatePair, Merge, Split
from review.models import Feedback
from review.queue import WaitingPairs
from sources.models import Membership, Reviewer, SourceSystem
from tests.registry import default_tenant, post

PEOPLE = 60
TODAY = datetime(2026, 3, 1, 12, tzinfo=UTC)
RESERVED_DOMAINS = ("@example.org", "@example.com", "@example.net")


class BrokenOff(Exception):
    pass


def load(people: int = PEOPLE) -> str:
    out = StringIO()
    call_command("load_demo", people=people, stdout=out)
    return out.getvalue()


def nothing_to_warn_of(step: Step, error: Exception) -> None:
    raise AssertionError(f"{step} did not fit: {error}")


def break_off_after(steps: int) -> None:
    def report(done: int, total: int) -> None:
        if done == steps:
            raise BrokenOff

    with pytest.raises(BrokenOff):
        loading.load(default_tenant(), people=PEOPLE, report=report, warn=nothing_to_warn_of)


def bodies() -> list[dict[str, object]]:
    steps, _ = loading.written_story(400, today=TODAY)
    return [dict(step.body) for step in steps if isinstance(step, Submission)]


def holdings() -> list[tuple[object, ...]]:
    """Which records stand together, and what came of each: what two loads of one story must agree on."""
    groups: dict[object, list[str]] = {}
    for contact in Contact.objects.live().select_related("source"):
        groups.setdefault(contact.customer_id, []).append(f"{contact.source.name} {contact.source_key}")
    return sorted(tuple(sorted(group)) for group in groups.values())


def test_it_tells_the_same_story_every_time() -> None:
    assert loading.written_story(100, today=TODAY)[0][:50] == loading.written_story(100, today=TODAY)[0][:50]


def test_it_tells_the_story_in_the_order_of_time_and_ends_with_a_verdict() -> None:
    steps, last = loading.written_story(100, today=TODAY)
    assert [step.at for step in steps] == sorted(step.at for step in steps)
    assert steps[-1] is last
    assert steps[-1].at < TODAY


@pytest.mark.django_db
def test_one_record_waits_with_three_candidates_as_one_decision() -> None:
    load()
    waiting = WaitingPairs(CandidatePair).of(default_tenant())
    torn = waiting.filter(contact__last_name="Achterberg")
    assert torn.count() == 3
    assert len({pair.contact_id for pair in torn}) == 1
    assert [vars(pair)["further"] for pair in torn.leading().with_company(timezone.now())] == [2]


def test_it_uses_only_telephone_numbers_kept_for_fiction() -> None:
    for body in bodies():
        if body.get("phone"):
            number = phonenumbers.parse(str(body["phone"]), "US")
            assert phonenumbers.is_valid_number(number)
            assert re.fullmatch(r"\d{3}55501\d\d", phonenumbers.national_significant_number(number))


def test_it_uses_only_mailboxes_that_cannot_exist() -> None:
    for body in bodies():
        address = str(body.get("email", "")).lower()
        assert not address or address.endswith((*RESERVED_DOMAINS, ".example")), address


def test_it_gives_nobody_a_stranger_s_mailbox_or_telephone() -> None:
    census = Census(Random(1))
    residents = [census.resident() for _ in range(2000)]
    assert len({resident.email for resident in residents}) == 2000
    assert len({resident.phone for resident in residents}) == 2000


def test_it_mistypes_without_touching_how_a_name_begins_and_ends() -> None:
    slips = {mistyped("Henderson", Random(seed)) for seed in range(30)}
    assert "Henderson" not in slips
    assert all(slip.startswith("He") and slip.endswith("n") for slip in slips)
    assert mistyped("Lee", Random(1)) == "Lee"


@pytest.mark.django_db
def test_it_has_something_true_for_every_page() -> None:
    load()
    pairs = CandidatePair.objects
    assert Contact.objects.filter(match_algorithm="fellegi-sunter").count() > PEOPLE / 3
    assert 8 <= pairs.filter(status="pending").count() <= 30
    assert pairs.filter(status="approved").count() >= 2
    assert pairs.filter(status="rejected").count() >= 2
    assert Feedback.objects.filter(type="false_positive", resolved=False).count() == 2
    assert Feedback.objects.filter(type="false_positive", resolved=True).count() == 2
    assert Feedback.objects.filter(type="false_negative", withdrawn_at=None).count() == 3
    assert Split.objects.count() == 1
    assert Merge.objects.filter(undone_at=None).count() == 3
    assert Merge.objects.filter(undone_at__isnull=False).count() == 1
    assert Customer.objects.filter(deleted_at__isnull=False, merged_into=None).count() == 1
    assert Change.objects.filter(delta__has_key="address.city").exists()


@pytest.mark.django_db
def test_it_dates_history_when_it_happened() -> None:
    load()
    known_since = Contact.objects.order_by("added_at").values_list("added_at", flat=True)
    assert (known_since[len(known_since) - 1] - known_since[0]).days > 600
    assert Change.objects.latest("id").changed_at < datetime.now(UTC)
    moments = list(Event.objects.order_by("id").values_list("at", flat=True))
    assert moments == sorted(moments)


@pytest.mark.django_db
def test_it_makes_the_steward_a_reviewer_and_the_logins_members() -> None:
    load()
    ensure_demo_logins()
    roles = dict(Membership.objects.values_list("user__email", "role"))
    assert roles == {"admin@example.org": "admin", STEWARD_EMAIL: "steward"}
    assert Reviewer.objects.filter(email=STEWARD_EMAIL).count() >= 2


@pytest.mark.django_db
def test_it_leaves_a_loaded_registry_alone() -> None:
    load()
    before = (holdings(), Event.objects.count(), SourceSystem.objects.count())
    assert "already" in load()
    assert (holdings(), Event.objects.count(), SourceSystem.objects.count()) == before
    assert not loading.is_wanted(default_tenant())


@pytest.mark.django_db
@pytest.mark.parametrize("steps", [1, 70, 150])
def test_it_continues_a_load_that_was_broken_off(steps: int) -> None:
    break_off_after(steps)
    assert loading.is_wanted(default_tenant())
    load()
    story, _ = loading.written_story(PEOPLE, today=datetime.now(UTC))
    keys = {(step.system, step.key) for step in story if isinstance(step, Submission)}
    assert Contact.objects.count() == len(keys)
    assert all(
        step.taken(Contact.objects.get(source__name=step.system, source_key=step.key))
        for step in story
        if isinstance(step, Verdict)
    )
    assert loading.is_complete(default_tenant())


@pytest.mark.django_db
def test_it_leaves_out_a_step_that_no_longer_fits_and_goes_on() -> None:
    story, _ = loading.written_story(PEOPLE, today=datetime.now(UTC))
    first_verdict_on_a_candidate = next(
        position
        for position, step in enumerate(story)
        if isinstance(step, Verdict) and step.decide.__qualname__.startswith("approve.")
    )
    break_off_after(first_verdict_on_a_candidate)
    CandidatePair.objects.filter(status="pending").update(
        status="superseded", reviewed_by="somebody", reviewed_at=datetime.now(UTC)
    )
    err = StringIO()
    call_command("load_demo", people=PEOPLE, stdout=StringIO(), stderr=err)
    assert err.getvalue().count("no longer fits") == 1
    assert loading.is_complete(default_tenant())


@pytest.mark.django_db
def test_twins_that_an_older_version_never_took_for_one_need_no_telling_apart() -> None:
    break_off_after(100)
    _, telling_apart = loading.written_story(0, today=datetime.now(UTC))
    post(to=telling_apart.system, key=telling_apart.key)
    load()
    assert not Split.objects.exists()
    assert loading.is_complete(default_tenant())


@pytest.mark.django_db
def test_it_continues_without_repeating_itself() -> None:
    break_off_after(100)
    load()
    created = [body["contact"] for kind, body in Event.objects.values_list("kind", "body") if kind == "created"]
    assert len(created) == len(set(created))


@pytest.mark.django_db
def test_it_is_not_wanted_among_real_people() -> None:
    assert loading.is_wanted(default_tenant())
    post()
    assert not loading.is_wanted(default_tenant())


@pytest.mark.django_db
def test_it_is_told_with_count_total_and_rate() -> None:
    said = load(0)
    assert "steps (100%" in said
    assert "a second)" in said


def test_progress_keeps_one_line_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    progress = Progress(terminal, "records")
    monkeypatch.setattr("identity.progress.SECONDS_BETWEEN_UPDATES", 0)
    for done in (1, 2, 3):
        progress(done, 3)
    assert terminal.getvalue().count("\r") == 3
    assert terminal.getvalue().count("\n") == 1
    assert "3 of 3 records (100%" in terminal.getvalue()

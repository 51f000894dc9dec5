"""Measuring what candidate search overlooks."""

from __future__ import annotations

from io import StringIO
from random import Random

import pytest
from django.core.management import CommandError, call_command

from contacts.models import Contact
from contacts.record import Facts
from matching.active import active_model
from matching.comparison import score
from matching.completeness import Sieve, probe, statements
from matching.models import MatchKey
from tests.registry import default_tenant, post

pytestmark = pytest.mark.django_db

NAMES = ("Ann", "Anne", "Bob", "")
MAILBOXES = ("a@example.org", "b@example.org", "")
PHONES = ("+12145550100", "+12145550101", "")
STREETS = ("1 Oak ST", "2 Elm ST", "")


def somebody(random: Random) -> Facts:
    return Facts(
        first_name=random.choice(NAMES),
        last_name=random.choice(("Smith", "Smythe", "")),
        email=random.choice(MAILBOXES),
        phone=random.choice(PHONES),
        street=random.choice(STREETS),
    )


def contacts() -> list[Contact]:
    return list(Contact.objects.order_by("pk"))


def without_email(key: str) -> None:
    """Sylvia again, by name and address only, and living somewhere else each time."""
    street, city = {"1": ("12 Oak Avenue", "Dallas"), "2": ("9804 Quarry Road", "Spokane")}[key]
    post(key=key, to=f"S{key}", email=None, phone=None, address={"street": street, "city": city})


def test_it_spares_nobody_who_could_reach_the_threshold() -> None:
    model = active_model(default_tenant()).definition
    random = Random(7)
    everybody = [(number, somebody(random)) for number in range(300)]
    sieve = Sieve(model, everybody)  # type: ignore[arg-type]
    for _ in range(40):
        asked = somebody(random)
        plainly = {who for who, facts in everybody if score(model, asked, facts) >= model.review_threshold}
        assert sieve.near(asked) == plainly


def test_it_finds_nothing_missed_where_the_keys_work() -> None:
    without_email("1")
    without_email("2")
    results = list(probe(contacts(), tenant=default_tenant()))
    assert [len(each.near) for each in results] == [1, 1]
    assert not any(each.missed for each in results)


def test_it_notices_whom_the_keys_miss() -> None:
    without_email("1")
    without_email("2")
    MatchKey.objects.all().delete()
    results = list(probe(contacts(), tenant=default_tenant()))
    assert [len(each.missed) for each in results] == [1, 1]
    assert [each.read for each in results] == [0, 0]


def test_it_compares_with_golden_records_too() -> None:
    post(key="1")
    post(key="2", to="SHOP")
    assert len(list(statements(default_tenant()))) == 3


def test_the_command_prints_the_figures_and_the_plan() -> None:
    post()
    out = StringIO()
    call_command("measure_candidates", sample=5, explain=True, stdout=out, stderr=StringIO())
    said = out.getvalue()
    assert "median 1, p95 1, p99 1, max 1" in said
    assert "contact_email" in said or "Seq Scan" in said


def test_the_command_has_nothing_to_say_of_an_empty_registry() -> None:
    with pytest.raises(CommandError, match="empty"):
        call_command("measure_candidates", stderr=StringIO())

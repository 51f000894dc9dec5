"""Another model finds candidates by other keys: nobody may be overlooked before, while and after it is put in force."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from contacts.models import Contact
from matching import earlier_keys, rekeying, versions
from matching.active import active_model
from matching.completeness import probe
from matching.model_definition import EXACT, SEED_MODEL, Comparison, ModelDefinition
from matching.models import KeyBuild, MatchKey, MatchModel
from matching.plan import Plan
from matching.tasks import BuiltElsewhere, build_keys
from review import verdicts
from sources.models import Tenant
from tests.concurrency.threads import at_once, overlap
from tests.jobs import waiting, work
from tests.registry import default_tenant, post

pytestmark = pytest.mark.django_db(transaction=True)

# Compares towns too, and looks at pairs that agree in little more than their names.
LOOSE = replace(
    SEED_MODEL,
    comparisons=(*SEED_MODEL.comparisons, Comparison("city", EXACT, m=0.9, u=0.01)),
    review_threshold=0.35,
)
TIGHTER = replace(SEED_MODEL, match_threshold=0.96)


def sylvia(number: int) -> Any:
    """Another Sylvia Abernathy, whose e-mail and street are her own."""
    address = {"street": f"{number * 37} Elm Street", "city": "Dallas"}
    return post(key=str(number), email=f"s{number}@example.org", phone=None, address=address)


def overlooked() -> int:
    contacts = list(Contact.objects.live().order_by("pk"))
    return sum(len(each.missed) for each in probe(contacts, tenant=default_tenant()))


def add(definition: ModelDefinition) -> int:
    return versions.add_model(definition, tenant=default_tenant(), reason="a try", by="test").version


def in_force() -> int:
    return active_model(default_tenant()).version


def finish_elsewhere() -> bool:
    """On a thread and a connection of its own."""
    try:
        return rekeying.finish(default_tenant())
    finally:
        connection.close()


def test_the_loose_model_needs_other_keys() -> None:
    """Else the tests below would show nothing: switched without building, it overlooks people."""
    sylvia(1), sylvia(2)
    assert Plan.from_model(LOOSE).storage != Plan.from_model(SEED_MODEL).storage
    model = MatchModel.objects.create(
        tenant=default_tenant(), version=2, definition=LOOSE.to_dict(), reason="", created_by="test"
    )
    with transaction.atomic():
        rekeying.put_in_force(model, by="test")
    assert overlooked() == 2


def test_two_who_make_versions_at_once_make_two() -> None:
    both = overlap(lambda: add(TIGHTER), lambda: add(replace(TIGHTER, match_threshold=0.97)))
    assert both.waited
    assert (both.first, both.second, in_force()) == (2, 3, 3)


def test_it_overlooks_nobody_when_it_comes_into_force_and_when_it_is_rolled_back() -> None:
    sylvia(1), sylvia(2)
    add(LOOSE)
    assert in_force() == 1, "until a worker is free"
    work()
    assert in_force() == 2
    assert overlooked() == 0
    sylvia(3)
    assert overlooked() == 0
    versions.activate(1, tenant=default_tenant())
    work()
    assert in_force() == 1
    assert overlooked() == 0
    assert not KeyBuild.objects.exists()


def test_it_is_in_force_at_once_where_the_keys_are_the_same() -> None:
    sylvia(1)
    assert add(TIGHTER) == in_force() == 2
    assert not waiting()
    assert not KeyBuild.objects.exists()


def test_the_old_model_stays_in_force_until_all_keys_are_there() -> None:
    sylvia(1)
    add(LOOSE)
    assert in_force() == 1
    sylvia(2)
    assert overlooked() == 0, "by the model in force"
    assert rekeying.finish(default_tenant())
    assert in_force() == 2
    assert overlooked() == 0


def test_who_changes_while_keys_are_built_is_found_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = sylvia(1).customer, sylvia(2).customer
    monkeypatch.setattr(rekeying, "BATCH", 1)

    def meanwhile(done: int, total: int) -> None:
        """Behind the place that the build has reached."""
        if done == 1:
            verdicts.merge(target_id=first.pk, source_id=second.pk, tenant=default_tenant(), by="test")
            sylvia(3)

    add(LOOSE)
    rekeying.finish(default_tenant(), report=meanwhile)
    assert in_force() == 2
    assert overlooked() == 0
    assert not MatchKey.objects.filter(customer=second).exists(), "gone, and found no longer"


def test_it_outlasts_transactions_that_do_not_know_of_it() -> None:
    sylvia(1)
    begun, may_end = threading.Event(), threading.Event()

    def slow() -> None:
        """Read the model before the build began, store after it would have ended."""
        try:
            with transaction.atomic():
                active_model(default_tenant())
                begun.set()
                may_end.wait(20)
        finally:
            connection.close()

    other = threading.Thread(target=slow)
    other.start()
    begun.wait(20)
    add(LOOSE)
    builder = threading.Thread(target=finish_elsewhere)
    builder.start()
    builder.join(0.5)
    still, reached = builder.is_alive(), KeyBuild.objects.get().reached
    may_end.set()
    builder.join(20)
    other.join(20)
    assert still
    assert reached is None, "no customer was passed before the slow transaction had ended"
    assert in_force() == 2


def test_one_is_prepared_at_a_time_and_can_be_given_up() -> None:
    sylvia(1)
    add(LOOSE)
    with pytest.raises(versions.BeingPrepared):
        versions.activate(2, tenant=default_tenant())
    with pytest.raises(versions.BeingPrepared):
        add(TIGHTER)
    assert versions.activate(1, tenant=default_tenant()).active
    assert not rekeying.finish(default_tenant())
    assert in_force() == 1
    sylvia(2)
    assert overlooked() == 0


def test_two_builders_do_not_meet() -> None:
    sylvia(1)
    add(LOOSE)
    results: list[bool] = []

    def second(done: int, total: int) -> None:
        other = threading.Thread(target=lambda: results.append(finish_elsewhere()))
        other.start()
        other.join(20)

    assert rekeying.finish(default_tenant(), report=second)
    assert results == [False]


def test_the_command_finishes_what_was_broken_off_and_repairs_what_is_lost() -> None:
    sylvia(1), sylvia(2)
    add(LOOSE)
    out = StringIO()
    call_command("rebuild_match_keys", stdout=out)
    assert "is in force" in out.getvalue()
    assert in_force() == 2
    kept = set(MatchKey.objects.values_list("key", "customer"))
    MatchKey.objects.all().delete()
    call_command("rebuild_match_keys", tenant="default", stdout=out)
    assert "2 customers of default are stored anew" in out.getvalue()
    assert set(MatchKey.objects.values_list("key", "customer")) == kept
    assert overlooked() == 0


def test_a_worker_renews_the_keys_that_an_earlier_version_did_not_make() -> None:
    add(LOOSE)
    work()
    sylvia(1), sylvia(2)
    kept = set(MatchKey.objects.values_list("key", "customer"))
    assert len(kept) > 2
    lacking = MatchKey.objects.order_by("key").first()
    assert lacking is not None
    MatchKey.objects.filter(pk=lacking.pk).delete()
    at_once([lambda: call_command("run_worker", until_idle=True)])
    assert set(MatchKey.objects.values_list("key", "customer")) == kept


def test_customers_without_any_key_are_noticed_and_others_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    renewed: list[Tenant] = []
    monkeypatch.setattr(earlier_keys, "rebuild", renewed.append)
    earlier_keys.renew()
    add(LOOSE)
    work()
    sylvia(1)
    earlier_keys.renew()
    assert renewed == []
    MatchKey.objects.all().delete()
    earlier_keys.renew()
    assert renewed == [default_tenant()]


def test_keys_that_are_just_being_built_are_not_built_twice() -> None:
    sylvia(1)
    add(LOOSE)
    assert not earlier_keys.are_lacking(default_tenant())
    work()
    assert not earlier_keys.are_lacking(default_tenant())


def test_there_is_no_job_where_the_version_was_taken_back() -> None:
    sylvia(1)
    with transaction.atomic():
        add(LOOSE)
        assert waiting() == ["match_keys.build"]
        transaction.set_rollback(True)
    assert waiting() == []


def test_a_job_that_finds_another_builder_is_not_done() -> None:
    sylvia(1)
    add(LOOSE)
    refused: list[BaseException] = []

    def meanwhile(done: int, total: int) -> None:
        refused.extend(at_once([lambda: refusal_of(lambda: build_keys(default_tenant().pk))]))

    assert rekeying.finish(default_tenant(), report=meanwhile)
    assert [type(each) for each in refused] == [BuiltElsewhere]


def refusal_of(call: Callable[[], object]) -> BaseException | None:
    try:
        call()
    except BuiltElsewhere as refusal:
        return refusal
    return None

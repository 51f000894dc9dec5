"""`manage.py match_registry`: what it finds is what a submission would find, and it goes through the common verbs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command

from contacts.models import Contact, Customer
from matching.active import active_model
from matching.models import CandidatePair, Merge
from matching.policies.probabilistic import likenesses
from matching.search import lookup_keys, neighbourhood
from matching.whole_registry.finding import Workspace
from review import verdicts
from tests.properties.invariants import breaches
from tests.properties.people import somebody
from tests.registry import SYLVIA, default_tenant, live_customers, pending, post

pytestmark = pytest.mark.django_db

TWIN = {**SYLVIA, "first_name": "Silvia"}


def run(*options: str, **named: Any) -> dict[str, int]:
    """The figures it prints, by the words before them."""
    out = StringIO()
    call_command("match_registry", *options, stdout=out, stderr=StringIO(), **named)
    return {
        match[1]: int(match[2].replace(",", ""))
        for match in re.finditer(r"^(\w[\w ]+?) {2,}([\d,]+)", out.getvalue(), re.MULTILINE)
    }


def two_of_one(email: str = "sylvia.abernathy@example.org") -> tuple[UUID, UUID]:
    """Two customers that are one: they came before either had what would have told."""
    first = post(email=email, key="1").customer_id
    second = post(key="2", email="other@example.net", phone="+13125550123", first_name="Otto").customer_id
    Contact.objects.filter(customer=second).update(email=email, phone=SYLVIA["phone"], first_name="SYLVIA")
    Customer.objects.filter(pk=second).update(email=email, phone=SYLVIA["phone"], first_name="SYLVIA")
    return first, second


def found_one_by_one() -> set[frozenset[UUID]]:
    """Every two customers of which one would turn up if a contact of the other were submitted now."""
    tenant, model = default_tenant(), active_model(default_tenant())
    found = set()
    for contact in Contact.objects.live():
        known = neighbourhood(tenant=tenant, keys=lookup_keys(model.plan, contact.facts, tenant=tenant))
        for fit in likenesses(contact.facts, known, model=model.definition):
            found.add(frozenset({contact.customer_id, fit.neighbour.customer_id}))
    return {two for two in found if len(two) == 2}


def matched(directory: Path) -> Iterator[frozenset[UUID]]:
    return (frozenset({UUID(match.customer), UUID(match.other)}) for match in Workspace(directory).matches())


def test_it_finds_whom_submissions_would_find(tmp_path: Path) -> None:
    rng = Random(5)
    for number in range(60):
        post(somebody(rng), key=str(number))
    expected = found_one_by_one()
    assert len(expected) > 5
    said = run(to_parquet=tmp_path / "kept")
    assert set(matched(tmp_path / "kept")) == expected
    assert said["pairs found"] == len(expected)


def test_what_was_broken_off_goes_on_with_the_same_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    two_of_one()
    with monkeypatch.context() as broken:
        broken.setattr(Workspace, "find", broken_off)
        with pytest.raises(Broken):
            run(to_parquet=tmp_path / "kept")
    prepared = {file: file.stat().st_mtime_ns for file in (tmp_path / "kept" / "statements").iterdir()}
    assert run(to_parquet=tmp_path / "kept")["pairs found"] == 1
    assert {file: file.stat().st_mtime_ns for file in (tmp_path / "kept" / "statements").iterdir()} == prepared


class Broken(Exception):
    pass


def broken_off(*_: object, **__: object) -> int:
    raise Broken


def test_what_does_not_fit_is_put_where_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    two_of_one()
    seen = []
    find = Workspace.find

    def looked_at(*words: Any, **named: Any) -> int:
        seen.append((tmp_path / "elsewhere" / "engine" / "matching.duckdb").exists())
        return find(*words, **named)

    monkeypatch.setattr(Workspace, "find", looked_at)
    run(to_parquet=tmp_path / "kept", temp=tmp_path / "elsewhere")
    assert seen == [True]
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_it_changes_nothing_unless_told() -> None:
    two_of_one()
    before = live_customers()
    assert run()["beyond doubt"] == 1
    assert (live_customers(), pending()) == (before, [])


def test_candidates_are_proposed_once() -> None:
    first, second = two_of_one()
    assert run(apply="candidates")["proposed"] == 1
    (pair,) = pending()
    assert {pair.customer_id, pair.contact.customer_id} == {first, second}
    assert pair.confidence == pytest.approx(1.0)
    assert "em:sylvia.abernathy@example.org" in pair.search_tokens
    again = run(apply="candidates")
    assert (again["proposed"], again["left out"]) == (0, 1)


def test_links_are_merges_that_can_be_undone() -> None:
    first, second = two_of_one()
    assert run(apply="links")["linked"] == 1
    journal = Merge.objects.get()
    assert (journal.target_id, journal.source_id, journal.reason) == (first, second, Merge.Reason.MATCH)
    (pair,) = CandidatePair.objects.all()
    assert (pair.status, pair.evidence["score"]) == ("approved", pytest.approx(1.0))
    verdicts.undo_merge(journal.pk, tenant=default_tenant(), by="steward")
    assert run(apply="links")["linked"] == 0
    assert live_customers() == 2


def test_what_people_keep_apart_stays_apart() -> None:
    first, second = two_of_one()
    verdicts.merge(target_id=first, source_id=second, tenant=default_tenant(), by="steward")
    verdicts.undo_merge(Merge.objects.get().pk, tenant=default_tenant(), by="steward")
    said = run(apply="links")
    assert (said["linked"], said["proposed"], said["left out"]) == (0, 0, 1)


def test_what_lies_before_people_stays_with_them() -> None:
    two_of_one()
    run(apply="candidates")
    said = run(apply="links")
    assert (said["linked"], said["left out"], live_customers()) == (0, 1, 2)


def test_whom_two_fit_equally_is_for_people() -> None:
    first, _ = two_of_one()
    third = post(key="3", email="third@example.net", phone="+13125550199", first_name="Zoe").customer_id
    for model, where in ((Contact, {"customer": third}), (Customer, {"pk": third})):
        model.objects.filter(**where).update(email=SYLVIA["email"], phone=SYLVIA["phone"], first_name="SYLVIA")
    said = run(apply="links")
    assert (said["beyond doubt"], said["linked"], said["proposed"]) == (0, 0, 3)
    assert live_customers() == 3
    assert first in {pair.customer_id for pair in pending()}


def test_what_has_changed_since_it_was_read_is_left_out(tmp_path: Path) -> None:
    first, second = two_of_one()
    run(to_parquet=tmp_path / "kept")
    Contact.objects.filter(customer=second).update(email="", phone="", first_name="OTTO")
    Customer.objects.filter(pk=second).update(email="", phone="", first_name="OTTO")
    said = run(from_parquet=tmp_path / "kept", apply="links")
    assert (said["linked"], said["proposed"], said["left out"]) == (0, 0, 1)
    assert live_customers() == 2
    assert first


def test_a_customer_merged_meanwhile_stands_for_its_survivor(tmp_path: Path) -> None:
    first, second = two_of_one()
    run(to_parquet=tmp_path / "kept")
    other = post(key="9", first_name="Ada", last_name="Lovelace", email="ada@example.org", phone="+13125550177")
    verdicts.merge(target_id=other.customer_id, source_id=first, tenant=default_tenant(), by="steward")
    assert run(from_parquet=tmp_path / "kept", apply="links")["linked"] == 1
    assert set(Contact.objects.values_list("customer_id", flat=True)) <= {other.customer_id, first, second}
    assert live_customers() == 1


def test_it_leaves_the_registry_sound() -> None:
    rng = Random(11)
    for number in range(60):
        post(somebody(rng), key=str(number))
    CandidatePair.objects.all().delete()
    said = run(apply="links")
    assert said["proposed"] > 0
    assert breaches(default_tenant()) == []


def test_a_limit_takes_the_best(tmp_path: Path) -> None:
    rng = Random(5)
    for number in range(60):
        post(somebody(rng), key=str(number))
    CandidatePair.objects.all().delete()
    said = run(to_parquet=tmp_path / "kept", apply="candidates", limit=3)
    assert said["proposed"] == 3
    best = [match.score for match in Workspace(tmp_path / "kept").matches()][:3]
    assert [pair.confidence for pair in pending()] == pytest.approx(best)


def test_statements_can_come_from_parquet(tmp_path: Path) -> None:
    two_of_one()
    run(to_parquet=tmp_path / "kept")
    said = run(from_parquet=tmp_path / "kept", to_parquet=tmp_path / "other", review_threshold=0.9)
    assert said["pairs found"] == 1
    with pytest.raises(CommandError, match="was not prepared for"):
        run(from_parquet=tmp_path / "kept", review_threshold=0.9)
    with pytest.raises(CommandError, match="is not empty"):
        run(to_parquet=tmp_path / "kept")


def test_it_refuses_what_it_does_not_know() -> None:
    with pytest.raises(CommandError, match="no tenant"):
        run(tenant="nobody")
    with pytest.raises(CommandError, match="thresholds"):
        run(review_threshold=2.0)

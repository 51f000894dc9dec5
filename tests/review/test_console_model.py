"""The model is read, tuned, compared and rolled back by administrators, on the version they have in view."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.test import Client

from matching import versions
from matching.active import active_model
from matching.model_definition import SEED_MODEL
from matching.models import KeyBuild
from review import feedback
from tests.identity.api.callers import another_tenant
from tests.registry import aliases_of, default_tenant, post, source
from tests.review.console_callers import admin, nobody, steward, text_of

pytestmark = pytest.mark.django_db

HERE = "/console/model"
# Stored under the same keys as the first model.
STRICTER = replace(SEED_MODEL, match_threshold=0.96)


def stricter() -> None:
    versions.add_model(STRICTER, tenant=default_tenant(), reason="<i>stricter</i>", by="ann")


def in_force() -> int:
    return active_model(default_tenant()).version


def test_only_administrators_enter() -> None:
    assert admin().get(HERE).status_code == 200
    for other in (steward(source("CRM")), nobody()):
        assert other.get(HERE).status_code == 403
        assert other.post(f"{HERE}/versions/1/activate").status_code == 403
    assert Client().get(HERE).status_code == 302


def test_it_tells_weights_thresholds_and_how_it_looks() -> None:
    text = text_of(admin().get(HERE))
    for words in ("version 1 in force", "0.95", "+13.14", "found by the contacts", "There is no feedback yet"):
        assert words in text


def test_it_compares_and_rolls_back() -> None:
    stricter()
    boss = admin()
    compared = text_of(boss.get(f"{HERE}/versions/1"))
    assert "0.96" in compared
    assert "Put version 1 in force" in compared
    assert "&lt;i&gt;stricter" in text_of(boss.get(HERE))
    answer = boss.post(f"{HERE}/versions/1/activate", {"in_force": 2}, follow=True)
    assert "Version 1 is in force" in text_of(answer)
    assert in_force() == 1


def test_it_does_nothing_by_an_old_view() -> None:
    stricter()
    boss = admin()
    answer = boss.post(f"{HERE}/versions/1/activate", {"in_force": 1})
    assert answer.status_code == 409
    assert "Version 2 is in force by now" in text_of(answer)
    assert boss.post(f"{HERE}/suggestion", {"in_force": 1}).status_code == 409
    assert boss.post(f"{HERE}/versions/9/activate", {"in_force": 2}).status_code == 404
    assert in_force() == 2


def test_it_applies_the_suggestion_and_shows_it_coming() -> None:
    customer = post().customer
    post(to="BILLING", key="B")
    feedback.report(
        customer_id=customer.pk, alias_id=aliases_of(customer)[1].pk, notes=None, tenant=default_tenant(), by="ann"
    )
    boss = admin()
    assert "ask for more before linking" in text_of(boss.get(HERE))
    answer = boss.post(f"{HERE}/suggestion", {"in_force": 1}, follow=True)
    assert KeyBuild.objects.get().model.version == 2
    assert "Version 2 is being prepared" in text_of(answer)
    assert "It waits for a worker" in text_of(answer)
    boss.post(f"{HERE}/versions/1/activate", {"in_force": 1})
    assert not KeyBuild.objects.exists()


def test_there_is_nothing_to_apply_without_feedback() -> None:
    assert admin().post(f"{HERE}/suggestion", {"in_force": 1}).status_code == 409


def test_versions_of_another_tenant_are_not_there() -> None:
    stricter()
    north = admin("north-boss", tenant=another_tenant())
    assert north.get(f"{HERE}/versions/2").status_code == 404
    assert north.post(f"{HERE}/versions/2/activate", {"in_force": 1}).status_code == 404


def test_it_writes_nothing_without_a_token() -> None:
    strict = admin(strict=True)
    for address in ("suggestion", "keys", "versions/1/activate"):
        assert strict.post(f"{HERE}/{address}", {"in_force": 1}).status_code == 403

"""A verb that fails at any of its last writes has written nothing at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import Model

from contacts.history import Chronicle
from contacts.models import Change, Contact, Customer, Event
from matching import pinning, rekeying, versions
from matching.model_definition import SEED_MODEL
from matching.models import CandidatePair, Constraint, MatchKey, MatchModel, Merge, Split
from matching.revising import retire
from review import feedback, reconsidering, verdicts
from review.models import Decision, Feedback
from sources.models import Tenant
from tests.registry import aliases_of, buy, default_tenant, pending, post, put

pytestmark = pytest.mark.django_db

TABLES: tuple[type[Model], ...] = (
    Customer,
    Contact,
    CandidatePair,
    Constraint,
    Merge,
    Split,
    MatchKey,
    Change,
    Event,
    Feedback,
    Decision,
    MatchModel,
)
OTTO = {"first_name": "Otto", "last_name": "Zimmer", "email": "otto@example.net", "phone": "+13125550100"}
BARE = {"first_name": "Sylvia", "last_name": "Abernathy"}


class BrokenError(Exception):
    """What a lost connection or a full disk would be."""


def everything() -> dict[str, list[dict[str, Any]]]:
    return {
        table.__name__: sorted(table._default_manager.values(), key=lambda row: str(sorted(row.items(), key=str)))
        for table in TABLES
    }


def decided(verb: Callable[..., object]) -> object:
    (pair,) = pending()
    customer, tenant = pair.contact.customer_id, default_tenant()
    return verb(customer_id=customer, alias_id=pair.contact_id, candidate_id=pair.pk, tenant=tenant, by="steward")


def customer_of(key: str) -> Customer:
    return Contact.objects.live().get(source_key=key).customer


def merged() -> object:
    target, source = customer_of("1"), customer_of("otto")
    return verdicts.merge(target_id=target.pk, source_id=source.pk, tenant=default_tenant(), by="steward")


def separated() -> object:
    customer = customer_of("twin")
    leaving = [aliases_of(customer)[-1].pk]
    return verdicts.split(customer_id=customer.pk, aliases=leaving, tenant=default_tenant(), by="steward")


def undone() -> object:
    return verdicts.undo_merge(Merge.objects.get(reason="manual").pk, tenant=default_tenant(), by="steward")


def opened_again() -> object:
    rejected = CandidatePair.objects.get(status="rejected")
    return reconsidering.reopen(rejected.pk, tenant=default_tenant(), by="steward")


def taken_back() -> object:
    approval = Decision.objects.get(kind="approved")
    return reconsidering.take_back(approval.pk, tenant=default_tenant(), by="steward")


def pinned(customer: Customer) -> object:
    said = aliases_of(customer)[0].pk
    return pinning.pin(customer.pk, field="email", alias_id=said, reason="seen", tenant=default_tenant(), by="steward")


VERBS: dict[str, Callable[[], object]] = {
    "create": lambda: post(OTTO, key="new", first_name="Kevin", email="k@example.org", phone="+13125550111"),
    "create with candidates": lambda: post(to="SHOP", key="new", email="third@example.com"),
    "create a bare name": lambda: post(BARE, to="SHOP", key="new"),
    "link": lambda: post(to="SHOP", key="new", address=None),
    "update": lambda: post(address={"city": "Plano"}),
    "correct": lambda: put(customer_of("1").pk, by_source="CRM", key="1", email="moved@example.org"),
    "approve": lambda: decided(verdicts.approve),
    "reject": lambda: decided(verdicts.reject),
    "reopen": opened_again,
    "take an approval back": taken_back,
    "merge": merged,
    "split": separated,
    "undo": undone,
    "retire": lambda: retire(customer_of("1").pk, tenant=default_tenant(), by="steward"),
    "pin": lambda: pinned(customer_of("1")),
    "unpin": lambda: pinning.unpin(customer_of("otto").pk, field="email", tenant=default_tenant(), by="steward"),
    "check out": lambda: buy(email="anna@example.net", phone="+13125550122"),
    "bridge two customers": lambda: buy(email="buyer@example.org", phone="+13125550133"),
}


@pytest.fixture
def known() -> None:
    """Something for every verb to work on."""
    for verb, name in ((verdicts.reject, "Rejected"), (verdicts.approve, "Approved")):
        near = {**OTTO, "last_name": name, "phone": "+13125550177", "email": f"{name}@example.com"}
        post(near, key=name)
        post(near, key=f"{name} too", email=f"{name}-too@example.com")
        decided(verb)
    post()
    post(to="BILLING", key="twin", phone="+12148675301")
    post(to="SHOP", key="twin's twin", phone="+12148675301")
    post(OTTO, key="otto")
    away = post(OTTO, key="away", first_name="Anna", email="anna@example.net", phone="+13125550144")
    verdicts.merge(target_id=customer_of("otto").pk, source_id=away.customer.pk, tenant=default_tenant(), by="steward")
    pinned(customer_of("otto"))
    buy(email="buyer@example.org")
    buy(phone="+13125550133")


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("name", VERBS)
def test_it_leaves_nothing_behind_when_its_last_write_breaks(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before, writes = everything(), 0

    def break_after(self: Chronicle, *, last: bool = False) -> None:
        nonlocal writes
        written(self)
        writes += 1
        raise BrokenError

    written = Chronicle.write
    monkeypatch.setattr(Chronicle, "write", break_after)
    with pytest.raises(BrokenError):
        VERBS[name]()
    assert writes == 1
    assert everything() == before


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("name", VERBS)
def test_it_works_where_nothing_breaks(name: str) -> None:
    """Else the test above would prove nothing."""
    before = everything()
    VERBS[name]()
    assert everything() != before


@pytest.mark.usefixtures("known")
def test_a_bridge_of_three_that_breaks_after_its_first_merge_leaves_all_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Tenant.objects.update(merge_protection=False)
    for name in ("Abel", "Zoe"):
        post(key=name, first_name=name, email=f"{name}@example.org", phone="+13125550199")
    before, writes, written = everything(), 0, Chronicle.write

    def break_second(self: Chronicle, *, last: bool = False) -> None:
        nonlocal writes
        writes += 1
        if writes == 2:
            raise BrokenError
        written(self, last=last)

    monkeypatch.setattr(Chronicle, "write", break_second)
    with pytest.raises(BrokenError):
        buy(email="buyer@example.org", phone="+13125550199")
    assert writes == 2
    assert everything() == before


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("name", ["approve", "merge", "undo"])
def test_the_feedback_of_a_merge_is_part_of_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = everything()

    def broken(*_: object, **__: object) -> None:
        raise BrokenError

    monkeypatch.setattr(feedback, "record_missed_match", broken)
    monkeypatch.setattr(feedback, "withdraw", broken)
    with pytest.raises(BrokenError):
        VERBS[name]()
    assert everything() == before


def test_a_model_that_cannot_be_put_in_force_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    before = everything()

    def broken(model: MatchModel, **_: object) -> None:
        raise BrokenError

    monkeypatch.setattr(rekeying, "put_in_force", broken)
    with pytest.raises(BrokenError):
        versions.add_model(SEED_MODEL, tenant=default_tenant(), reason="a try", by="steward")
    assert everything() == before

"""One person from many sources at the same moment is one customer."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from contacts.models import Contact, Customer, Event
from matching.models import CandidatePair
from matching.tenants import open_tenant
from review import verdicts
from sources.models import Tenant
from tests.concurrency.threads import at_once
from tests.properties.invariants import breaches
from tests.registry import default_tenant, live_customers, post, put, source

pytestmark = pytest.mark.django_db(transaction=True)

MANY = 30

NAME_AND_ADDRESS = {
    "first_name": "Sylvia",
    "last_name": "Abernathy",
    "address": {"street": "12 Oak Avenue", "city": "Dallas", "state": "TX", "zip": "75201"},
}


def registered(number: int) -> list[str]:
    names = [f"source {n}" for n in range(number)]
    for name in names:
        source(name)
    return names


def test_thirty_posts_of_one_new_person_leave_one_customer_with_thirty_aliases(tenant: Tenant) -> None:
    done = at_once([partial(post, to=name) for name in registered(MANY)])
    assert sorted(each.outcome for each in done) == ["created"] + ["linked"] * (MANY - 1)
    assert live_customers() == 1
    assert Contact.objects.live().count() == MANY
    assert breaches(tenant) == []


def test_thirty_posts_with_one_source_key_leave_one_alias(tenant: Tenant) -> None:
    source()
    done = at_once([post] * MANY)
    assert sorted(each.outcome for each in done) == ["created"] + ["updated"] * (MANY - 1)
    assert Contact.objects.count() == 1
    assert Event.objects.count() == 1
    assert breaches(tenant) == []


def test_thirty_sparse_posts_are_found_by_their_hashed_keys(tenant: Tenant) -> None:
    done = at_once([partial(post, NAME_AND_ADDRESS, to=name) for name in registered(MANY)])
    assert sorted(each.outcome for each in done) == ["created"] + ["linked"] * (MANY - 1)
    assert live_customers() == 1
    assert breaches(tenant) == []


def test_thirty_bare_names_are_all_candidates_of_those_before_them(tenant: Tenant) -> None:
    """A name alone links nobody; each record is proposed to every one that came before it."""
    bare = {"first_name": "Sylvia", "last_name": "Abernathy"}
    at_once([partial(post, bare, to=name) for name in registered(10)])
    assert live_customers() == 10
    assert CandidatePair.objects.count() == 10 * 9 / 2
    assert breaches(tenant) == []


def test_many_sources_add_to_one_customer_at_once(tenant: Tenant) -> None:
    """They share no value, so that no lock but the customer's own stands between them."""
    mailboxes: list[dict[str, Any]] = [
        {"email": f"sylvia{n}@example.org", "phone": f"+1214867{n}"} for n in range(5000, 5020)
    ]
    first, *others = [post(to=f"source {n}", **mailbox).customer.pk for n, mailbox in enumerate(mailboxes)]
    for other in others:
        verdicts.merge(target_id=first, source_id=other, tenant=tenant, by="steward")
    done = at_once([partial(post, to=f"source {n}", key="2", **mailbox) for n, mailbox in enumerate(mailboxes)])
    assert {(each.outcome, each.customer.pk) for each in done} == {("linked", first)}
    assert breaches(tenant) == []


def test_posts_in_two_tenants_do_not_meet(tenant: Tenant) -> None:
    other = open_tenant("other", by="test")
    source()
    source(tenant=other)
    done = at_once([post, partial(post, tenant=other)] * 5)
    assert [each.customer.tenant_id for each in done] == [tenant.pk, other.pk] * 5
    assert Customer.objects.live().count() == 2
    assert breaches(tenant) + breaches(other) == []


def test_many_sources_correct_one_customer_at_once(tenant: Tenant) -> None:
    names = registered(20)
    (customer,) = {post(to=name).customer.pk for name in names}
    at_once([partial(put, customer, by_source=name, phone=f"+1214867{n:04}") for n, name in enumerate(names, 5000)])
    assert set(Contact.objects.values_list("phone", flat=True)) == {f"+1214867{n:04}" for n in range(5000, 5020)}
    assert Customer.objects.get().version == 20 + 20
    assert breaches(default_tenant()) == []

"""Many checkouts at once leave what some serial order of them would. Real connections, real threads."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from contacts.models import Contact, Customer
from contacts.record import Facts, Record
from matching.checkout import check_out
from sources.built_in import STOREFRONT, built_in
from sources.models import Tenant

pytestmark = pytest.mark.django_db(transaction=True)

Purchase = tuple[str, str]


def buy(tenant: Tenant, purchase: Purchase) -> None:
    email, phone = purchase
    payload = {"email": email, "phoneNumber": phone}
    record = Record(Facts(email=email, phone=phone), original_payload=payload, source_system=STOREFRONT)
    check_out(record, source=built_in(STOREFRONT, tenant), tenant=tenant, by="tester")


def at_once(tenant: Tenant, purchases: Iterable[Purchase]) -> None:
    """All of them start at the same moment, each on a connection of its own. Raises what any of them raised."""
    wanted = list(purchases)
    start = Barrier(len(wanted))

    def run(purchase: Purchase) -> None:
        try:
            start.wait()
            buy(tenant, purchase)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(wanted)) as pool:
        list(pool.map(run, wanted))


def clusters() -> set[frozenset[Purchase]]:
    """Who holds which e-mails and phones together, whatever rows they sit on."""
    found = set()
    for customer in Customer.objects.live():
        contacts = Contact.objects.live().filter(customer=customer)
        found.add(frozenset({("email", c.email) for c in contacts} | {("phone", c.phone) for c in contacts}))
    return found


def test_thirty_identical_requests_leave_one_primary(tenant: Tenant) -> None:
    at_once(tenant, [("a@x.org", "5550001")] * 30)
    assert Contact.objects.count() == 1
    assert Customer.objects.live().count() == 1


CHAIN = [(f"{n}@x.org", f"555000{n}") for n in range(6)] + [(f"{n}@x.org", f"555000{n + 1}") for n in range(5)]
STAR = [("hub@x.org", f"555000{n}") for n in range(8)]
BRIDGES = [("a@x.org", "5550001"), ("b@x.org", "5550002"), ("a@x.org", "5550002"), ("b@x.org", "5550001")]


@pytest.mark.parametrize("purchases", [CHAIN, list(reversed(CHAIN)), STAR, BRIDGES * 3], ids=str)
def test_overlapping_requests_leave_what_a_serial_order_would(tenant: Tenant, purchases: list[Purchase]) -> None:
    at_once(tenant, purchases)
    together = clusters()
    assert len(together) == 1
    assert len(Contact.objects.live()) <= len(set(purchases))
    said = {("email", email) for email, _ in purchases} | {("phone", phone) for _, phone in purchases}
    assert next(iter(together)) == said
    _one_customer_with_one_primary()


def test_two_crossing_bridges_leave_one_customer(tenant: Tenant) -> None:
    for purchase in (("a@x.org", "5550001"), ("b@x.org", "5550002")):
        buy(tenant, purchase)
    at_once(tenant, [("a@x.org", "5550002"), ("b@x.org", "5550001")])
    assert Contact.objects.count() == 2
    _one_customer_with_one_primary()


def test_any_order_leaves_the_same_clusters(tenant: Tenant) -> None:
    purchases = [("a@x.org", "5550001"), ("b@x.org", "5550001"), ("b@x.org", "5550002"), ("c@x.org", "5550003")]
    seen = set()
    for number, order in enumerate(itertools.permutations(purchases)):
        own = [(f"{number}.{email}", f"{number}{phone}") for email, phone in order]
        before = clusters()
        for purchase in own:
            buy(tenant, purchase)
        new = clusters() - before
        seen.add(frozenset(_without_number(cluster, number) for cluster in new))
    assert len(seen) == 1


def _without_number(cluster: frozenset[Purchase], number: int) -> frozenset[Purchase]:
    cut: dict[str, Callable[[str], str]] = {
        "email": lambda value: value.removeprefix(f"{number}."),
        "phone": lambda value: value.removeprefix(str(number)),
    }
    return frozenset((kind, cut[kind](value)) for kind, value in cluster)


def _one_customer_with_one_primary() -> None:
    survivor = Customer.objects.live().get()
    for merged in Customer.objects.exclude(merged_into=None):
        assert merged.merged_into_id == survivor.pk

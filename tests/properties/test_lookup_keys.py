"""Whatever becomes of customers: indexes of lookups hold what their contacts say, and a unique key has one holder."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from random import Random
from uuid import UUID

import pytest

from contacts.models import Customer
from matching.lookup_index import read_keyed
from matching.lookup_keys import entries
from matching.lookups import LookupDefinition, create_lookup
from matching.models import LookupKey
from sources.models import Tenant
from tests.jobs import work
from tests.properties.invariants import live_contacts
from tests.properties.operations import MIX, Operations
from tests.registry import default_tenant

pytestmark = pytest.mark.django_db

STEPS = 40


def breaches(tenant: Tenant) -> Iterator[str]:
    lookups, held = read_keyed(tenant), live_contacts(tenant)
    stored: dict[UUID, set[tuple[int, UUID]]] = defaultdict(set)
    holders: dict[tuple[int, UUID], int] = defaultdict(int)
    for row in LookupKey.objects.filter(lookup__tenant=tenant):
        stored[row.customer_id].add((row.lookup_id, row.key))
        holders[row.lookup_id, row.key] += row.held
    for customer in Customer.objects.of(tenant):
        said = [contact.facts for contact in held[customer.pk]] if customer.deleted_at is None else []
        wanted = {(entry.lookup_id, entry.key) for entry in entries(lookups, said)}
        if stored[customer.pk] != wanted:
            yield f"customer {customer.pk} is stored under {stored[customer.pk]}, its contacts say {wanted}"
    yield from (f"key {key} has {number} holders" for key, number in holders.items() if number != 1)


@pytest.mark.parametrize("seed", range(6))
def test_the_index_follows_every_verb(seed: int) -> None:
    tenant, rng = default_tenant(), Random(seed)
    for name, attributes in (("Line", ["PhoneNumber", "FirstName"]), ("Mailbox", ["EmailAddress"])):
        create_lookup(LookupDefinition(name, attributes, "unique"), tenant=tenant, by="tester")
    if seed % 2:
        work()
    on = Operations(tenant, rng)
    for step in range(STEPS):
        on.run(rng.choice(MIX))
        assert list(breaches(tenant)) == [], f"after step {step}: {on.outcomes}"
    work()
    assert list(breaches(tenant)) == []

"""Two registries are compared but for ids, times and callers' order: what else differs is told."""

from __future__ import annotations

import pytest

from benchmarks.kills.comparing import differences
from benchmarks.kills.sending import SOURCES, body
from contacts.models import Customer
from matching.tenants import open_tenant
from sources.models import Tenant
from tests.registry import post, source

pytestmark = pytest.mark.django_db


def told(name: str, *numbers: int) -> Tenant:
    tenant = open_tenant(name, by="test")
    for system in (*SOURCES, "CRM"):
        source(system, tenant=tenant)
    for number in numbers:
        said = body(number)
        post(said, to=said["source_system"], key=said["source_key"], tenant=tenant)
    return tenant


def test_two_records_each_are_of_one_person() -> None:
    tenant = told("one", *range(4))
    assert Customer.objects.of(tenant).live().count() == 2


def test_it_tells_no_difference_where_the_same_was_said() -> None:
    one, other = told("one", 0, 1, 2), told("other", 0, 1, 2)
    post(tenant=one), post(tenant=other)
    assert differences(one, other) == {}


def test_it_tells_of_a_record_that_is_missing_and_of_another_order() -> None:
    one = told("one", 0, 1, 2)
    assert differences(told("missing", 0, 1), one)["contacts"] == 1
    assert "order of the callers' contacts" in differences(told("turned", 0, 2, 1), one)

"""Finding people while somebody types gives what going through all of them would give, however many begin so."""

from __future__ import annotations

from uuid import uuid4

import pytest

from contacts import typeahead
from contacts.clock import now
from contacts.models import Customer
from matching.tenants import open_tenant
from tests.registry import default_tenant

pytestmark = pytest.mark.django_db

# More first names begin with "ma" than are looked up one by one, and fewer with "jo"; Charles is Chuck's formal name.
FIRST_NAMES = (
    "Mara",
    "Marc",
    "Maria",
    "Mark",
    "Martha",
    "Mary",
    "Max",
    "Joan",
    "John",
    "John Paul",
    "Charles",
    "",
    "Öde",
)
LAST_NAMES = ("Smith", "Smithson", "Smythe", "Maria", "Johnson", "de la Cruz", "100%", "A_b", "", "Ödegård")
TIMES = 3


@pytest.fixture
def everybody() -> list[Customer]:
    tenant = default_tenant()
    people = [
        Customer(id=uuid4(), tenant=tenant, first_name=first, last_name=last, created_by="test", created_at=now())
        for first in FIRST_NAMES
        for last in LAST_NAMES
        for _ in range(TIMES)
    ]
    return Customer.objects.bulk_create(people)


def through_all(people: list[Customer], *readings: tuple[str, str]) -> list[Customer]:
    """Who begins like one of `readings`, beginnings of first and last name of which an empty one asks nothing."""
    found = [(place, one) for one in people if (place := _place(one, readings))]
    return [one for _, one in sorted(found, key=lambda each: (*each[0], each[1].pk))]


def _place(one: Customer, readings: tuple[tuple[str, str], ...]) -> tuple[int, bytes] | None:
    """Those whose names are whole come first, then the rest by code points: the best of all readings."""
    names = one.first_name.lower(), one.last_name.lower()
    fitting = []
    for reading in readings:
        said = [(name, beginning) for name, beginning in zip(names, reading, strict=True) if beginning]
        if all(name.startswith(beginning) for name, beginning in said):
            fitting.append((-sum(name == beginning for name, beginning in said), [name for name, _ in said]))
    if not fitting:
        return None
    return min(exact for exact, _ in fitting), min(" ".join(reversed(told)).encode() for _, told in fitting)


def both_ways(one: str, other: str) -> list[tuple[str, str]]:
    return [(one, other), (other, one)]


def whole(phrase: str) -> list[tuple[str, str]]:
    return [(phrase, ""), ("", phrase)]


@pytest.mark.parametrize(
    ("typed", "readings"),
    [
        ("ma", whole("ma")),
        ("Smith", whole("smith")),
        ("100%", whole("100%")),
        ("a_", whole("a_")),
        ("Öde", whole("öde")),
        ("ma s", [*whole("ma s"), *both_ways("ma", "s")]),
        ("jo sm", [*whole("jo sm"), *both_ways("jo", "sm")]),
        ("Smith ma", [*whole("smith ma"), *both_ways("smith", "ma")]),
        ("maria mar", [*whole("maria mar"), *both_ways("maria", "mar")]),
        ("chuck sm", [*whole("chuck sm"), *both_ways("chuck", "sm"), *both_ways("charles", "sm")]),
        ("john paul s", [*whole("john paul s"), *both_ways("john", "paul s"), *both_ways("john paul", "s")]),
        ("ö öd", [*whole("ö öd"), *both_ways("ö", "öd")]),
        ("zz s", [*whole("zz s"), *both_ways("zz", "s")]),
    ],
)
def test_it_finds_whom_going_through_all_finds(
    everybody: list[Customer], typed: str, readings: list[tuple[str, str]]
) -> None:
    expected = through_all(everybody, *readings)
    assert bool(expected) == (typed != "zz s")
    found = typeahead.search(typed, tenant=default_tenant(), limit=500)
    assert [one.pk for one in found] == [one.pk for one in expected]
    # Of those that a limit would part although they rank alike, any.
    few = typeahead.search(typed, tenant=default_tenant(), limit=5)
    ranks = {one.pk: _place(one, tuple(readings)) for one in everybody}
    assert [ranks[one.pk] for one in few] == [ranks[one.pk] for one in expected[:5]]


def test_what_is_found_is_the_whole_customer(everybody: list[Customer]) -> None:
    one = everybody[0]
    Customer.objects.filter(pk=one.pk).update(attributes={"FacebookId": "7"}, zip="75201", version=3)
    [found] = [each for each in typeahead.search("Mara Smith", tenant=one.tenant, limit=9) if each.pk == one.pk]
    told = Customer.objects.get(pk=one.pk)
    fields = [field.attname for field in Customer._meta.concrete_fields]
    assert [getattr(found, name) for name in fields] == [getattr(told, name) for name in fields]


def test_neither_strangers_nor_the_deleted_are_found(everybody: list[Customer]) -> None:
    elsewhere = open_tenant("elsewhere", by="test")
    assert typeahead.search("ma s", tenant=elsewhere, limit=20) == []
    Customer.objects.filter(tenant=default_tenant()).update(deleted_at=now(), deleted_by="test")
    assert typeahead.search("ma s", tenant=default_tenant(), limit=20) == []

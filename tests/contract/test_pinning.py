"""`/customers/:id/pins/:field`: one field of the golden record is what one alias says, whatever comes later."""

from __future__ import annotations

from typing import Any

import pytest

from sources.models import Scope
from tests.contract.registry_caller import NOWHERE, Registry
from tests.identity.api.callers import with_key

WHY = "Read from her passport."


@pytest.fixture
def married(registry: Registry) -> tuple[str, int]:
    """A customer whose later record has another last name, and the alias that has the earlier."""
    known = registry.created(last_name="Abernathy")
    registry.submit("ERP", last_name="Abernathy-Moore")
    return known["id"], registry.aliases(known["id"])[0]["id"]


def pin(registry: Registry, customer: str, field: str, alias: object, reason: object = WHY) -> Any:
    return registry.put(f"/customers/{customer}/pins/{field}", {"alias_id": alias, "reason": reason})


def test_it_stands_through_later_posts_and_is_told_in_the_provenance(
    registry: Registry, married: tuple[str, int]
) -> None:
    customer, alias = married
    answer = pin(registry, customer, "last_name", alias)
    assert (answer.status_code, answer.json()["last_name"]) == (200, "Abernathy")
    registry.submit("WEB", last_name="Abernathy-Moore")
    shown = registry.get(f"/customers/{customer}?show=provenance").json()
    assert shown["last_name"] == "Abernathy"
    origin = shown["provenance"]["last_name"]
    assert (origin["alias_id"], origin["source_system"]) == (alias, "CRM")
    assert (origin["pinned"]["by"], origin["pinned"]["reason"]) == ("jane", WHY)
    assert shown["provenance"]["address.zip"]["pinned"] is None
    assert registry.changes(customer)[-2]["delta"]["pin"]["action"] == "pinned"


def test_it_is_let_go(registry: Registry, married: tuple[str, int]) -> None:
    customer, alias = married
    pin(registry, customer, "last_name", alias)
    answer = registry.delete(f"/customers/{customer}/pins/last_name/")
    assert (answer.status_code, answer.json()["last_name"]) == (200, "Abernathy-Moore")
    assert answer.json()["provenance"]["last_name"]["pinned"] is None
    answer = registry.delete(f"/customers/{customer}/pins/last_name")
    assert (answer.status_code, answer.json()) == (404, {"error": "This field is not pinned"})


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({"reason": WHY}, ["alias_id must be the id of an alias"]),
        ({"alias_id": True, "reason": " "}, ["alias_id must be the id of an alias", "reason is required"]),
        ({"alias_id": 1, "reason": "x" * 501}, ["reason is too long (at most 500 characters)"]),
        ([], ["body must be a JSON object"]),
    ],
)
def test_it_says_all_that_is_wrong_at_once(
    registry: Registry, married: tuple[str, int], body: object, errors: list[str]
) -> None:
    answer = registry.put(f"/customers/{married[0]}/pins/last_name", body)
    assert (answer.status_code, answer.json()) == (400, {"errors": errors})


def test_it_pins_only_what_an_alias_of_the_customer_says(registry: Registry, married: tuple[str, int]) -> None:
    customer, alias = married
    stranger = registry.aliases(registry.somebody_else()["id"])[0]["id"]
    for field, named in (("first_name", stranger), ("address.country", alias), ("email", "none")):
        answer = pin(registry, customer, field, named)
        assert (answer.status_code, answer.json()) == (
            400,
            {"error": "The alias is not this customer's, or says nothing in this field"},
        )


@pytest.mark.parametrize("field", ["zip", "id", "address", "source_key", "address.email", "é"])
def test_it_knows_no_other_fields(registry: Registry, married: tuple[str, int], field: str) -> None:
    answer = pin(registry, *married[:1], field, married[1])
    assert (answer.status_code, answer.json()) == (404, {"error": "Field not found"})


@pytest.mark.parametrize("missing", NOWHERE)
def test_it_knows_no_other_customers(registry: Registry, missing: str) -> None:
    answer = pin(registry, missing, "email", 1)
    assert (answer.status_code, answer.json()) == (404, {"error": "Customer not found"})


def test_it_takes_a_key_that_may_review(registry: Registry, married: tuple[str, int]) -> None:
    writer = Registry(with_key(Scope.READ, Scope.WRITE))
    assert pin(writer, married[0], "last_name", married[1]).status_code == 403

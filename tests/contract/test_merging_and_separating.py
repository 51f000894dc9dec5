"""`PATCH /customers/:id`, `/split`, `/merges` and `/undo`."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.registry_caller import NOWHERE, Registry
from tests.identity.api.callers import with_key


@pytest.fixture
def two(registry: Registry) -> tuple[str, str]:
    return registry.created()["id"], registry.somebody_else()["id"]


def merged(registry: Registry, target: str, source: str) -> Any:
    return registry.patch(f"/customers/{target}", {"merge": source})


def test_it_merges_another_customer_in(registry: Registry, two: tuple[str, str]) -> None:
    target, source = two
    answer = merged(registry, target, source)
    assert (answer.status_code, answer.json()["id"], answer.json()["updated_by"]) == (200, target, "jane")
    assert len(registry.aliases(target)) == 2
    told = registry.changes(target)[-1]["delta"]["merge"]
    assert (told["action"], told["source_id"], told["aliases_transferred"]) == ("merged", source, 1)
    [report] = registry.get("/match-quality/feedback?type=false_negative").json()
    assert (report["customer_id"], report["related_customer_id"], report["resolved"]) == (target, source, True)


@pytest.mark.parametrize(
    ("body", "error"), [({}, "merge field is required"), ({"merge": ""}, "merge field is required")]
)
def test_it_asks_whom_to_merge(registry: Registry, two: tuple[str, str], body: Any, error: str) -> None:
    answer = registry.patch(f"/customers/{two[0]}", body)
    assert (answer.status_code, answer.json()) == (400, {"error": error})


def test_it_refuses_what_cannot_be_merged(registry: Registry, two: tuple[str, str]) -> None:
    target, source = two
    assert merged(registry, target, target.upper()).json() == {"error": "Cannot merge a customer into itself"}
    merged(registry, target, source)
    third = registry.somebody_else(last_name="Third", email="t@example.org", phone=None, address=None)["id"]
    answer = merged(registry, third, source)
    assert (answer.status_code, answer.json()) == (400, {"error": "Source customer has already been merged"})
    assert merged(registry, source, third).status_code == 404


@pytest.mark.parametrize("missing", [*NOWHERE, 5, True, ["x"], {"id": "x"}])
def test_it_knows_nobody_of_an_unknown_id(registry: Registry, two: tuple[str, str], missing: Any) -> None:
    answer = registry.patch(f"/customers/{two[0]}", {"merge": missing})
    assert (answer.status_code, answer.json()) == (404, {"error": "Source customer not found"})
    if isinstance(missing, str):
        answer = merged(registry, missing, two[1])
        assert (answer.status_code, answer.json()) == (404, {"error": "Target customer not found"})


def test_it_journals_and_undoes_a_merge(registry: Registry, two: tuple[str, str]) -> None:
    target, source = two
    before = [registry.get(f"/customers/{pk}").json()["last_name"] for pk in two]
    merged(registry, target, source)
    [journal] = registry.get(f"/merges?customer={source}").json()
    assert (journal["target_id"], journal["source_id"], journal["reason"]) == (target, source, "manual")
    assert registry.get(f"/merges/{journal['id']}").json() == journal
    answer = registry.post(f"/merges/{journal['id']}/undo")
    body = answer.json()
    assert (answer.status_code, body["undone_by"]) == (200, "jane")
    assert [body["customer"]["last_name"], body["restored_customer"]["last_name"]] == before
    assert registry.get(f"/customers/{source}").json() == body["restored_customer"]
    again = registry.post(f"/merges/{journal['id']}/undo")
    assert (again.status_code, again.json()) == (409, {"error": "Merge already undone"})


def test_history_tells_of_the_restored_customer_what_its_records_said_anew_meanwhile(
    registry: Registry, two: tuple[str, str]
) -> None:
    target, source = two
    [alias] = registry.aliases(source)
    earlier = registry.get(f"/customers/{source}").json()["phone"]
    merged(registry, target, source)
    whose = {"x_source_system": alias["source_system"], "x_source_key": alias["source_key"]}
    assert registry.put(f"/customers/{target}", {"phone": "+13128675199"}, **whose).status_code == 200
    [journal] = registry.get(f"/merges?customer={source}").json()
    restored = registry.post(f"/merges/{journal['id']}/undo").json()["restored_customer"]
    assert restored["phone"] == "+13128675199" != earlier
    told = [change["delta"] for change in registry.changes(source) if "phone" in change["delta"]]
    assert [delta["phone"] for delta in told] == [{"from": earlier, "to": "+13128675199"}]


def test_it_lists_merges_of_one_customer_only(registry: Registry, two: tuple[str, str]) -> None:
    merged(registry, *two)
    assert registry.get("/merges")["X-Total-Count"] == "1"
    assert registry.get("/merges?customer=nobody").json() == []


@pytest.mark.parametrize("missing", NOWHERE)
def test_it_knows_no_merge_of_an_unknown_id(registry: Registry, missing: str) -> None:
    for answer in (registry.get(f"/merges/{missing}"), registry.post(f"/merges/{missing}/undo")):
        assert (answer.status_code, answer.json()) == (404, {"error": "Merge not found"})


def test_it_splits_aliases_off(registry: Registry) -> None:
    customer = registry.created()["id"]
    registry.submit("ERP")
    leaving = registry.aliases(customer)[1]["id"]
    answer = registry.post(f"/customers/{customer}/split", {"aliases": [leaving]})
    body = answer.json()
    assert (answer.status_code, body["customer"]["id"]) == (201, customer)
    assert [alias["id"] for alias in registry.aliases(body["new_customer"]["id"])] == [leaving]
    assert registry.submit("ERP", key="K-2").json()["id"] == body["new_customer"]["id"]


@pytest.mark.parametrize(
    ("aliases", "answered"),
    [
        (None, {"errors": ["aliases is required"]}),
        ("7", {"errors": ["aliases must be a list of the ids of aliases"]}),
        ([{}], {"errors": ["aliases must be a list of the ids of aliases"]}),
        ([], {"error": "aliases must name at least one alias"}),
        (["no such"], {"error": "aliases [-1] are not this customer's"}),
    ],
)
def test_it_refuses_a_senseless_split(registry: Registry, aliases: Any, answered: Any) -> None:
    customer = registry.created()["id"]
    answer = registry.post(f"/customers/{customer}/split", {"aliases": aliases})
    assert (answer.status_code, answer.json()) == (400, answered)
    own = [alias["id"] for alias in registry.aliases(customer)]
    answer = registry.post(f"/customers/{customer}/split", {"aliases": own})
    assert answer.json() == {"error": "at least one alias must stay"}


def test_it_asks_for_the_scope_to_review(registry: Registry, two: tuple[str, str]) -> None:
    writer = Registry(with_key("read", "write"))
    assert merged(writer, *two).status_code == 403
    assert writer.post(f"/customers/{two[0]}/split", {"aliases": [1]}).status_code == 403
    assert writer.get("/merges").status_code == 200

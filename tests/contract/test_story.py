"""The worked story of docs/story.md, read from the page and played in every order."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from contacts.models import Contact, Customer
from tests.registry import live_customers

pytestmark = pytest.mark.django_db

PAGE = (Path(__file__).parents[2] / "docs" / "story.md").read_text()
BLOCKS = dict(re.findall(r"^```(?:http|json) ([\w-]+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))
DOORS = ("checkout", "crm", "billing", "calls")
FAMILY = ("mother", "father", "son")


@pytest.fixture(autouse=True)
def _registry(client: Client, settings: Any) -> None:
    settings.ANONYMOUS_API = True
    play(client, "sources")


def play(client: Client, block: str) -> list[Any]:
    """Send the requests of one block of the page; their answers."""
    answers = []
    for request in re.split(r"\n(?=POST )", BLOCKS[block]):
        line, _, body = request.partition("\n")
        answer = client.post(line.split()[1], json.loads(body), content_type="application/json")
        assert answer.status_code in (200, 201), (block, answer.content)
        answers.append(answer.json())
    return answers


def records() -> set[tuple[str, str | None]]:
    return {(contact.source.name, contact.source_key) for contact in Contact.objects.live().select_related("source")}


@pytest.mark.parametrize("order", list(itertools.permutations(DOORS)), ids="-".join)
def test_four_doors_meet_one_person_in_any_order(client: Client, order: tuple[str, ...]) -> None:
    for door in order:
        play(client, door)
    customer = Customer.objects.live().get()
    assert records() == {("storefront", None), ("CRM", "C-1"), ("BILLING", "B-1"), ("CALLS", "T-1")}
    body = client.get(f"/customers/{customer.pk}").json()
    golden = json.loads(BLOCKS["golden"])
    assert {name: body[name] for name in golden} == golden
    _found_at_every_door(client, customer)


def _found_at_every_door(client: Client, customer: Customer) -> None:
    contacts = set(Contact.objects.live().filter(customer=customer).values_list("pk", flat=True))
    (checkout,) = play(client, "checkout")
    told = checkout["contact"]
    assert {told["primaryContatctId"], *told["secondaryContactIds"]} == contacts
    assert play(client, "crm")[0]["id"] == str(customer.pk)
    assert play(client, "calls")[0]["ContactId"] == str(customer.pk)
    found = client.get("/customers/search", {"q": "kate doy"}).json()
    assert [row["id"] for row in found] == [str(customer.pk)]
    assert live_customers() == 1


@pytest.mark.parametrize("order", list(itertools.permutations(FAMILY)), ids="-".join)
def test_a_family_that_shares_telephone_and_mailbox_stays_apart_in_any_order(
    client: Client, order: tuple[str, ...]
) -> None:
    first, *_ = (play(client, member)[0]["id"] for member in order)
    (answer,) = play(client, "family-checkout")
    assert live_customers() == 3
    primary = Contact.objects.get(pk=answer["contact"]["primaryContatctId"])
    assert str(primary.customer_id) == first
    assert not Contact.objects.filter(source__name="storefront").exists()

"""`Idempotency-Key` on any POST."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from contacts.models import Contact, ContactAttribute, Customer, Event
from sources.models import ApiKey, IdempotencyKey
from tests.jobs import work
from tests.registry import SYLVIA, default_tenant, source

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _anybody(settings: Any) -> None:
    settings.ANONYMOUS_API = True


def send(client: Client, key: str, path: str = "/identify", **body: Any) -> Any:
    return client.post(path, body, content_type="application/json", headers={"Idempotency-Key": key})


def test_a_repeated_post_is_answered_and_not_done_again(client: Client) -> None:
    source("CRM")
    body = {**SYLVIA, "source_system": "CRM", "source_key": "1"}
    first = send(client, "k1", "/customers", **body)
    again = send(client, "k1", "/customers", **body)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert Event.objects.count() == 1


def test_a_key_used_for_another_request_is_refused(client: Client) -> None:
    send(client, "k1", email="a@x.org")
    refused = send(client, "k1", email="b@x.org")
    assert refused.status_code == 422
    assert Customer.objects.count() == 1


def test_a_refusal_is_not_kept(client: Client) -> None:
    assert send(client, "k1").status_code == 400
    assert not IdempotencyKey.objects.exists()
    assert send(client, "k1", email="a@x.org").status_code == 200


def test_other_keys_are_other_requests(client: Client) -> None:
    for key in ("k1", "k2"):
        assert send(client, key, email="a@x.org").status_code == 200
    assert Contact.objects.count() == 1
    assert IdempotencyKey.objects.count() == 2


def test_a_refusal_that_tells_what_stands_in_the_way_is_not_kept_either(client: Client) -> None:
    tenant = default_tenant()
    ContactAttribute.objects.create(tenant=tenant, name="_loyaltyId", type="string", created_by="test")
    source("CRM")
    person = {**SYLVIA, "source_system": "CRM", "attributes": {"_loyaltyId": "L-1"}}
    send(client, "", "/customers", **person, source_key="1")
    other = {"first_name": "Odalys", "last_name": "Quist", "email": "o@quist.example", "phone": None, "address": None}
    second = send(client, "", "/customers", **{**person, **other}, source_key="2").json()["id"]
    send(client, "", "/identification-keys", attributes=["_loyaltyId"], unique=True)
    work()
    settle = "/identification-keys/_loyaltyIdLookup/settle"
    assert send(client, "k1", settle).status_code == 409
    client.delete(f"/customers/{second}")
    assert send(client, "k1", settle).status_code == 200


def test_the_secret_of_an_api_key_is_not_kept(client: Client) -> None:
    first = send(client, "k1", "/api-keys", name="CRM sync", scopes=["read"])
    again = send(client, "k1", "/api-keys", name="CRM sync", scopes=["read"])
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == {**first.json(), "key": None}
    assert first.json()["key"] not in IdempotencyKey.objects.get().body
    assert ApiKey.objects.count() == 1


def test_a_key_used_for_another_source_is_refused(client: Client) -> None:
    source("CRM")
    send(client, "k1", email="a@x.org")
    headers = {"Idempotency-Key": "k1", "x-source-system": "CRM"}
    refused = client.post("/identify", {"email": "a@x.org"}, content_type="application/json", headers=headers)
    assert refused.status_code == 422

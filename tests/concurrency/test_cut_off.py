"""Connections that are cut off at any moment: who sends a request again until it is answered finds it done once."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import partial
from random import Random
from threading import Event as Signal
from time import sleep
from typing import Any, NamedTuple

import pytest
from django.db import connection, connections

from contacts.models import Contact
from sources.models import IdempotencyKey, Tenant
from tests.concurrency.threads import at_once
from tests.identity.api.callers import Api, with_key
from tests.properties.invariants import breaches
from tests.registry import source

pytestmark = pytest.mark.django_db(transaction=True)

CALLERS = 3
ROUNDS = int(os.environ.get("ROUNDS_OF_CUTS", "2"))
BUSY = """
SELECT pid FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
  AND state <> 'idle'
"""


class Told(NamedTuple):
    """A request, what it was answered, and which contact there is of it: nobody else says the same."""

    path: str
    body: dict[str, Any]
    headers: dict[str, str]
    contact: dict[str, str]
    status: int
    answer: Any


def requests(rng: Random, caller: int) -> Iterator[tuple[str, dict[str, Any], dict[str, str]]]:
    """For each short way some: somebody new, something new of somebody known, two who turn out to be one."""
    for number in range(ROUNDS):
        mine, shared = f"{caller}{number:03}", f"shared{rng.randrange(3)}@example.org"
        phone, other, third = (f"+1214{local}{mine}" for local in (867, 868, 869))
        record = {"source_system": "CRM", "source_key": mine, "last_name": f"N{rng.randrange(3)}", "email": shared}
        yield "/customers", record, {"source_key": mine}
        yield "/identify", {"email": shared, "phoneNumber": phone}, {"phone": phone}
        yield "/contacts/identify", {"PhoneNumber": other}, {"phone": other}
        yield "/identify", {"email": f"{mine}@x.org"}, {"email": f"{mine}@x.org"}
        yield "/identify", {"phoneNumber": third}, {"phone": third}
        yield "/identify", {"email": f"{mine}@x.org", "phoneNumber": third}, {"phone": third}


def insist(api: Api, caller: int, done: Signal, *, keyed: bool) -> list[Told]:
    told = []
    try:
        for number, (path, body, contact) in enumerate(requests(Random(caller), caller)):
            headers = {"Idempotency-Key": f"{caller}-{number}"} if keyed else {}
            while (answer := api.post(path, body, **headers)).status_code == 503:
                connections.close_all()
            assert answer.status_code in (200, 201), (path, body, answer.content)
            told.append(Told(path, body, headers, contact, answer.status_code, answer.json()))
    finally:
        done.set()
    return told


def cut(rng: Random, callers: Sequence[Signal]) -> int:
    """Cut somebody off again and again until all have done; how often."""
    cuts = 0
    with connection.cursor() as cursor:
        while not all(caller.is_set() for caller in callers):
            sleep(rng.random() / 20)
            cursor.execute(BUSY)
            if pids := [row[0] for row in cursor.fetchall()]:
                cursor.execute("SELECT pg_terminate_backend(%s)", [rng.choice(pids)])
                cuts += 1
    return cuts


@pytest.mark.parametrize("keyed", [True, False])
def test_what_is_sent_again_is_done_once(tenant: Tenant, keyed: bool) -> None:
    source("CRM")
    api, done = with_key(), [Signal() for _ in range(CALLERS)]
    calls = [partial(insist, Api(None, **api.headers), caller, done[caller], keyed=keyed) for caller in range(CALLERS)]
    *callers, cuts = at_once([*calls, partial(cut, Random(1), done)])
    assert cuts > 0
    told = [each for caller in callers for each in caller]
    assert len(told) == CALLERS * ROUNDS * 6
    assert [each for each in told if Contact.objects.filter(**each.contact).count() != 1] == []
    assert breaches(tenant) == []
    for each in told if keyed else []:
        again = api.post(each.path, each.body, **each.headers)
        assert (again.status_code, again.json()) == (each.status, each.answer)
        assert again["Idempotency-Replayed"] == "true"
    assert IdempotencyKey.objects.count() == (len(told) if keyed else 0)

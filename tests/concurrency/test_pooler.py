"""Everything that talks to the database does so through PgBouncer as well, where it is installed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

import pytest
from django.core.management import call_command

from contacts.models import Contact
from imports.models import Import
from imports.steering import start
from matching import versions
from matching.active import active_model
from sources.models import Tenant
from tests.concurrency.pooler import PROGRAM, pooled
from tests.concurrency.test_rekeying import LOOSE
from tests.concurrency.threads import at_once
from tests.identity.api.callers import Api, with_key
from tests.imports.files import body, ndjson, received
from tests.imports.importer import SECONDS, command, database_url
from tests.properties.invariants import breaches
from tests.registry import live_customers, post, source

pytestmark = [
    pytest.mark.skipif(PROGRAM is None, reason="PgBouncer is not installed"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("through_pooler"),
]

CLIENTS, REQUESTS, PEOPLE = 6, 12, 10
RECORDS = 300


@pytest.fixture
def through_pooler(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    url = database_url()
    monkeypatch.setenv("DATABASE_POOLER", "transaction")
    monkeypatch.setenv("DATABASE_DIRECT_URL", url)
    with pooled(url) as through:
        yield through


def client(api: Api, number: int) -> Callable[[], list[int]]:
    """Somebody who asks at every door, as the others do at the same time, for the same few people."""
    rng = Random(number)

    def ask() -> list[int]:
        return [one_of(api, rng) for _ in range(REQUESTS)]

    return ask


def one_of(api: Api, rng: Random) -> int:
    who = rng.randrange(PEOPLE)
    email, phone = f"somebody{who}@example.org", f"+1214555{1000 + who}"
    doors: list[Callable[[], object]] = [
        lambda: api.post("/identify", {"email": email, "phoneNumber": phone}),
        lambda: api.post("/customers", body(str(who), email=email, phone=phone, last_name=f"Name{who}")),
        lambda: api.post("/contacts/identify", {"EmailAddress": email, "FirstName": "Ada"}),
        lambda: api.get("/customers?limit=5"),
        lambda: api.get("/customers/search?q=na"),
    ]
    return int(rng.choice(doors)().status_code)  # type: ignore[attr-defined]  # the answer of a test client


def test_clients_at_every_door_are_answered(tenant: Tenant) -> None:
    source("CRM", required=())
    api = with_key()
    answers = at_once([client(api, number) for number in range(CLIENTS)])
    assert len(answers) == CLIENTS
    assert {status for each in answers for status in each} <= {200, 201, 409}
    assert Contact.objects.count() >= PEOPLE
    assert breaches(tenant) == []


def test_files_are_imported_by_a_worker_and_exported(tenant: Tenant) -> None:
    records = [body(str(key), email=f"u{key}@example.org", last_name=f"Name{key}") for key in range(RECORDS)]
    begun = start(received(ndjson(records)).pk, tenant=tenant)
    [done] = at_once([lambda: call_command("run_worker", until_idle=True)])
    assert done is None
    begun.refresh_from_db()
    assert begun.state == Import.State.DONE
    exported = b"".join(with_key().get("/exports/customers").streaming_content)
    assert exported.count(b"\n") == live_customers() + 1
    assert breaches(tenant) == []


def test_another_model_is_put_in_force(tenant: Tenant, through_pooler: str) -> None:
    post()
    version = versions.add_model(LOOSE, tenant=tenant, reason="a try", by="tester").version
    assert active_model(tenant).version != version
    with command("rebuild_match_keys", url=through_pooler, chunk=10) as building:
        assert building.wait(SECONDS) == 0
    assert active_model(tenant).version == version
    assert breaches(tenant) == []

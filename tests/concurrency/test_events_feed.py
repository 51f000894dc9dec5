"""A reader that follows the cursor of the event feed misses no event, however late a transaction commits."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from threading import Event as Signal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction

from contacts import events
from contacts.history import Chronicle
from contacts.models import Event
from matching.locks import take
from sources.models import Tenant
from tests.identity.api.callers import another_tenant, with_key
from tests.registry import post

PATIENCE = 20  # seconds until a test that waits for another thread gives up

# Of this database alone: the server may have others, with tests of their own under way.
OTHERS_LOCKS = """
SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


class Rollback(Exception):
    """Ends a transaction without its writes."""


class Slow:
    """A transaction in a thread of its own, which has done its `work` and goes on when told to."""

    def __init__(self, pool: ThreadPoolExecutor, work: Callable[[], Any]) -> None:
        self._done, self._go, self._commits = Signal(), Signal(), True
        self._outcome: Future[None] = pool.submit(self._run, work)
        assert self._done.wait(PATIENCE), "the transaction did not get as far as waiting"

    def _run(self, work: Callable[[], Any]) -> None:
        try:
            with transaction.atomic():
                work()
                self._done.set()
                assert self._go.wait(PATIENCE)
                if not self._commits:
                    raise Rollback
        except Rollback:
            pass
        finally:
            self._done.set()
            connection.close()

    def finish(self, *, commits: bool = True) -> None:
        self._commits = commits
        self._go.set()
        self._outcome.result(PATIENCE)

    def release(self) -> None:
        """Whatever became of the test, the thread ends."""
        self._go.set()


@contextmanager
def under_way(*works: Callable[[], Any]) -> Iterator[list[Slow]]:
    with ThreadPoolExecutor() as pool, ExitStack() as ends:
        slow = [Slow(pool, work) for work in works]
        for one in slow:
            ends.callback(one.release)
        yield slow


def write(tenant: Tenant, *, how_many: int = 1) -> None:
    chronicle = Chronicle(tenant=tenant, by="tester")
    for _ in range(how_many):
        chronicle.happened("created", uuid4())
    with transaction.atomic():
        chronicle.write()


def seen(tenant: Tenant, *, after: int = 0, limit: int = 1000) -> list[int]:
    return [event.pk for event in events.read(tenant=tenant, after=after, limit=limit)]


def test_it_holds_back_what_a_slower_transaction_could_still_precede(tenant: Tenant) -> None:
    write(tenant)
    before = seen(tenant)
    with under_way(lambda: write(tenant)) as [slow]:
        write(tenant)
        overtaking = Event.objects.latest("pk").pk
        assert seen(tenant) == before, "the faster event is not shown yet: the slower one will stand before it"
        slow.finish()
    late = set(Event.objects.values_list("pk", flat=True)) - {*before, overtaking}
    assert late
    assert max(late) < overtaking
    assert seen(tenant, after=before[-1]) == [*late, overtaking]


def test_it_waits_for_the_slowest_of_several(tenant: Tenant) -> None:
    with under_way(*[lambda: write(tenant, how_many=2)] * 3) as [first, second, third]:
        third.finish()
        assert seen(tenant) == []
        first.finish()
        assert len(seen(tenant)) == 2
        second.finish()
        assert len(seen(tenant)) == 6


def test_it_shows_what_is_complete_while_newer_transactions_run(tenant: Tenant) -> None:
    write(tenant, how_many=3)
    with under_way(lambda: write(tenant)):
        assert len(seen(tenant)) == 3


def test_it_waits_for_the_engine_like_for_any_writer(tenant: Tenant) -> None:
    with under_way(post) as [slow]:
        write(tenant)
        assert seen(tenant) == []
        slow.finish()
    kinds = Event.objects.filter(pk__in=seen(tenant)).order_by("pk").values_list("body__after", flat=True)
    assert len(kinds) == 2


def test_it_forgets_a_transaction_that_rolled_back(tenant: Tenant) -> None:
    with under_way(lambda: write(tenant)) as [slow]:
        write(tenant)
        assert seen(tenant) == []
        slow.finish(commits=False)
        assert len(seen(tenant)) == 1


def test_it_forgets_a_connection_that_broke(tenant: Tenant) -> None:
    with under_way(lambda: write(tenant)) as [slow]:
        write(tenant)
        with connection.cursor() as cursor:
            cursor.execute(OTHERS_LOCKS)
            [[pid]] = cursor.fetchall()
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        assert len(seen(tenant)) == 1
        with pytest.raises(Exception, match=r"terminat|closed|lost"):
            slow.finish()


def test_it_takes_other_locks_for_no_announcement(tenant: Tenant) -> None:
    with under_way(lambda: take([0, 1, 2**63 - 1])):
        write(tenant)
        assert len(seen(tenant)) == 1


def test_it_holds_no_tenant_to_the_events_of_another(tenant: Tenant) -> None:
    north = another_tenant()
    write(north)
    write(tenant)
    assert len(seen(tenant)) == len(seen(north)) == 1
    assert not set(seen(tenant)) & set(seen(north))


def test_it_misses_none_of_many_writers(tenant: Tenant) -> None:
    read: list[int] = []
    with ThreadPoolExecutor(5) as pool:
        writers = [pool.submit(_writes_at_random, tenant, seed) for seed in range(4)]
        while not all(writer.done() for writer in writers):
            read += seen(tenant, after=read[-1] if read else 0, limit=7)
        for writer in writers:
            writer.result()
    while more := seen(tenant, after=read[-1] if read else 0, limit=7):
        read += more
    assert read == list(Event.objects.order_by("pk").values_list("pk", flat=True))
    assert len(read) > 50


def _writes_at_random(tenant: Tenant, seed: int) -> None:
    dice = random.Random(seed)
    try:
        for _ in range(40):
            try:
                with transaction.atomic():
                    write(tenant, how_many=dice.randint(1, 3))
                    time.sleep(dice.choice((0, 0, 0.001, 0.01)))
                    if dice.random() < 0.2:
                        raise Rollback
            except Rollback:
                continue
    finally:
        connection.close()


class TestOverHttp:
    def test_it_serves_pages_by_cursor(self, tenant: Tenant) -> None:
        write(tenant, how_many=5)
        api, ids = with_key("read"), seen(tenant)
        first = api.get("/events?limit=2").json()
        assert [event["id"] for event in first["events"]] == ids[:2]
        assert first["next"] == ids[1]
        rest = api.get(f"/events?after={first['next']}").json()
        assert [event["id"] for event in rest["events"]] == ids[2:]
        assert api.get(f"/events?after={ids[-1]}").json() == {"events": [], "next": ids[-1]}

    def test_it_tells_what_happened_without_personal_data(self) -> None:
        done = post()
        answer = with_key("read").get("/events")
        [event] = answer.json()["events"]
        assert {"id", "kind", "customer_id", "by", "at"} < set(event)
        assert (event["kind"], event["customer_id"], event["by"]) == ("created", str(done.customer.pk), "tester")
        assert not any(said in answer.content.decode() for said in ("Sylvia", "Abernathy", "example.org", "8675309"))

    @pytest.mark.parametrize(
        "query", ["after=x", "after=-5", "limit=x", "limit=0", "after=", "limit=99999999999999999999"]
    )
    def test_it_forgives_a_malformed_cursor(self, tenant: Tenant, query: str) -> None:
        write(tenant)
        assert len(with_key("read").get(f"/events?{query}").json()["events"]) == 1

    def test_it_keeps_tenants_apart(self, tenant: Tenant) -> None:
        write(tenant)
        assert with_key("read", tenant=another_tenant()).get("/events").json() == {"events": [], "next": 0}
        assert with_key("write").get("/events").status_code == 403

"""Beside the database itself: a pooler in front of it, a way past that, and a replica to read from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from unittest.mock import patch

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from contacts.exports.exporting import export
from contacts.exports.formats import FORMATS
from contacts.exports.tables import CROSSWALK
from contacts.models import Customer
from contacts.replica import a_moment_behind, alias_to_read
from identity.settings.database import databases
from matching import rekeying
from matching.whole_registry.reading import RegistryMaterial
from tests.identity.api.callers import with_key
from tests.registry import default_tenant, post

URL = "postgresql://identity:secret@db.example.org/identity"
DIRECT = "postgresql://identity:secret@primary.example.org/identity"
REPLICA = "postgresql://reader:secret@replica.example.org/identity"


def test_there_is_one_database_unless_the_environment_names_more(monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(databases(URL)) == {"default"}
    monkeypatch.setenv("DATABASE_REPLICA_URL", REPLICA)
    monkeypatch.setenv("DATABASE_DIRECT_URL", DIRECT)
    named = databases(URL)
    assert {alias: entry["HOST"] for alias, entry in named.items()} == {
        "default": "db.example.org",
        "replica": "replica.example.org",
        "direct": "primary.example.org",
    }


def test_behind_a_pooler_nothing_is_expected_of_a_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_POOLER", "transaction")
    monkeypatch.setenv("DATABASE_DIRECT_URL", DIRECT)
    entry, direct = databases(URL)["default"], databases(URL)["direct"]
    assert "options" not in entry["OPTIONS"]
    assert entry["OPTIONS"]["prepare_threshold"] is None
    assert entry["DISABLE_SERVER_SIDE_CURSORS"] is True
    assert "statement_timeout" in direct["OPTIONS"]["options"]
    assert "pool" not in direct["OPTIONS"]


def test_without_a_pooler_sessions_have_their_limits() -> None:
    entry = databases(URL)["default"]
    assert "statement_timeout" in entry["OPTIONS"]["options"]
    assert entry["DISABLE_SERVER_SIDE_CURSORS"] is False


def test_a_pooler_without_a_way_past_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_POOLER", "transaction")
    with pytest.raises(ImproperlyConfigured, match="DATABASE_DIRECT_URL"):
        databases(URL)
    monkeypatch.setenv("DATABASE_POOLER", "session")
    with pytest.raises(ImproperlyConfigured, match="DATABASE_POOLER must be"):
        databases(URL)


def test_plans_are_not_kept_behind_a_pooler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_POOLER", "transaction")
    monkeypatch.setenv("DATABASE_DIRECT_URL", DIRECT)
    monkeypatch.setenv("DATABASE_PREPARED_STATEMENTS", "on")
    with pytest.raises(ImproperlyConfigured, match="DATABASE_PREPARED_STATEMENTS"):
        databases(URL)


class Used(Exception):
    """Somebody asked this connection for something."""


@pytest.fixture
def _replica() -> Iterator[None]:
    yield from _second("replica")


@pytest.fixture
def _direct() -> Iterator[None]:
    yield from _second("direct")


def _second(alias: str) -> Iterator[None]:
    """Another database, of which every use shows."""
    with patch.dict(connections.settings, {alias: connections.settings["default"]}):
        used = connections[alias]
        with patch.object(used, "cursor", side_effect=Used), patch.object(used, "chunked_cursor", side_effect=Used):
            yield
    del connections[alias]


@pytest.mark.django_db
@pytest.mark.usefixtures("_replica")
def test_only_lists_and_exports_read_the_replica() -> None:
    api, done = with_key(), post()
    assert api.get(f"/customers/{done.customer_id}").status_code == 200
    assert post(key="2").outcome == "linked"
    with pytest.raises(Used):
        api.get("/customers")
    # A transaction of the replica's own, which the test's connection has none of.
    with patch("contacts.exports.exporting.transaction.atomic", return_value=nullcontext()), pytest.raises(Used):
        next(export(CROSSWALK, tenant=default_tenant(), form=FORMATS["csv"]))
    with pytest.raises(Used):
        RegistryMaterial(default_tenant()).cuts()


@pytest.mark.django_db
@pytest.mark.usefixtures("_replica")
def test_what_was_read_from_the_replica_is_written_to_the_database() -> None:
    post()
    customer = Customer.objects.get()
    customer._state.db = "replica"
    customer.save()
    assert alias_to_read() == "replica"


@pytest.mark.django_db
@pytest.mark.usefixtures("_direct")
def test_locks_that_outlast_a_transaction_go_past_the_pooler() -> None:
    with pytest.raises(Used):
        rekeying.finish(default_tenant())


@pytest.mark.django_db
def test_without_a_replica_everything_is_read_from_the_database() -> None:
    post()
    with a_moment_behind():
        assert Customer.objects.count() == 1
    assert len(RegistryMaterial(default_tenant()).cuts()) == 1

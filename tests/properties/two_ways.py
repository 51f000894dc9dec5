"""The same requests told to two registries, to one with all the short ways and to the other with none of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from random import Random
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import Model

from contacts import history
from contacts.models import Contact, Customer, Event
from contacts.record import Record
from identity.api.bitespeed import views
from matching import identify, identify_contact, strategies
from matching.checked_out import CheckedOut
from matching.deciding import Policy
from matching.ground import Directly
from matching.models import CandidatePair, LookupKey, MatchKey, Merge
from matching.outcomes import Held, Neighbour, Neighbourhood
from matching.strategies import CentreSetup
from matching.tenants import open_tenant
from sources import parameters, round_trips
from sources.memory import Memory, Row
from sources.models import DEFAULT_TENANT, ApiKey, Deed, IdempotencyKey, SourceSystem, Tenant
from tests.properties.doors import MIX, NothingThere, Visitor, prepared

# From where ids are drawn, so that one is told from another by its first digits wherever it is named.
FIRST_IDS: Mapping[type[Model], int] = {
    Contact: 710_000_000,
    CandidatePair: 720_000_000,
    Merge: 730_000_000,
    Event: 740_000_000,
}
# What is another each time: secrets, what is made of them, and what is made of an address with an id in it.
DRAWN: Mapping[type[Model], frozenset[str]] = {
    ApiKey: frozenset({"digest", "prefix"}),
    Deed: frozenset({"key"}),
    IdempotencyKey: frozenset({"fingerprint"}),
    LookupKey: frozenset({"id"}),
    MatchKey: frozenset({"id"}),
}
_ID = re.compile(r"\b7[1-4]0\d{6}\b")
_CUSTOMER = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b")
# Only of now: what a record says of the past is compared.
_TIME = re.compile(r"20(?:2[5-9]|[3-9]\d)-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)?")
_SECRET = re.compile(r"idr_[\w-]+")
_OTHERS = ("procrastinate", "sessions", "admin", "auth", "contenttypes")


def tables() -> list[type[Model]]:
    return [model for model in apps.get_models() if model._meta.app_label not in _OTHERS and model._meta.managed]


def begin_anew() -> None:
    """An empty registry, whose ids begin where those of every other do."""
    names = ", ".join(f'"{model._meta.db_table}"' for model in tables())
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {names}, procrastinate_jobs RESTART IDENTITY CASCADE")
        for model, first in FIRST_IDS.items():
            cursor.execute(f"ALTER SEQUENCE {model._meta.db_table}_id_seq RESTART WITH {first}")


def tell(seed: int, requests: int) -> list[Any]:
    """Two tenants of an empty registry hear random requests; what was answered."""
    begin_anew()
    rng, visitors = Random(seed), []
    for name in (DEFAULT_TENANT, "north"):
        tenant = open_tenant(name, by="test")
        visitors.append(Visitor(tenant, rng, prepared(tenant)))
    for _ in range(requests):
        visitor = visitors[rng.random() < 0.25]
        try:
            rng.choice(MIX)(visitor)
        except NothingThere:
            continue
    return [told for visitor in visitors for told in visitor.told]


def portrait(answers: list[Any]) -> dict[str, list[str]]:
    """All rows of all tables, and the answers: ids as places in their order, and the time it is left out."""
    everything = {model.__name__: _rows(model) for model in tables()}
    everything["answers"] = [_text(each) for each in answers]
    names = _names()

    def named(text: str) -> str:
        text = _TIME.sub("now", _SECRET.sub("secret", text))
        for kind in (_CUSTOMER, _ID):
            text = kind.sub(lambda found: names.get(found[0], found[0]), text)
        return text

    return {table: [named(row) for row in rows] for table, rows in everything.items()}


def _names() -> dict[str, str]:
    names: dict[str, str] = {}
    named: tuple[type[Model], ...] = (Customer, *FIRST_IDS)
    for model in named:
        ids = model._default_manager.order_by("pk").values_list("pk", flat=True)
        names |= {str(pk): f"{model.__name__} {place}" for place, pk in enumerate(ids)}
    return names


def _rows(model: type[Model]) -> list[str]:
    drawn = DRAWN.get(model, frozenset[str]())
    columns = [field.attname for field in model._meta.concrete_fields if field.attname not in drawn]
    order = ["pk"] if "id" not in drawn else sorted(columns)
    return [_text(row) for row in model._default_manager.order_by(*order).values(*columns)]


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str, ensure_ascii=False)


@contextmanager
def no_short_ways() -> Iterator[None]:
    """What is always right: locks first, everything read anew, nothing put off, each value written by psycopg."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(views, "check_out", _check_out)
        patch.setattr(identify_contact, "create_if_still_unknown", lambda *_, **__: None)
        patch.setattr(identify_contact, "_setups", _setups)
        patch.setattr(identify, "remembered_model", lambda _: None)
        patch.setattr(Memory, "read", _read)
        patch.setattr(history, "finally_run", round_trips.run)
        patch.setattr(Directly, "changing", _changing)
        patch.setattr(Directly, "proposing", _proposing)
        patch.setattr(Directly, "revising", _revising)
        patch.setattr(parameters, "_KINDS", {})
        # To psycopg a list of small numbers is an array of smallint, which is no array of keys.
        patch.setattr(parameters, "_ARRAYS", {int: parameters._ARRAYS[int]})
        yield


def _check_out(record: Record, *, source: SourceSystem, tenant: Tenant, by: str) -> CheckedOut:
    done = identify.identify(record, source=source, tenant=tenant, by=by, policy=Policy.SHARED_IDENTIFIER)
    return CheckedOut.of(done)


def _setups(tenant: Tenant) -> Iterator[CentreSetup]:
    for _ in range(identify_contact.ATTEMPTS):
        strategies._remembered.clear()
        yield strategies.read(tenant)


def _read(memory: Memory, *values: Any) -> Row | None:
    return memory._read(values)


def _changing(ground: Directly, neighbour: Neighbour, *, known: Neighbourhood) -> Customer:
    return ground.locked([neighbour], known=known)[neighbour.customer_id]


def _proposing(ground: Directly, neighbours: list[Neighbour], *, known: Neighbourhood) -> None:
    ground.locked(neighbours, known=known)


def _revising(
    ground: Directly, held: Held, affected: list[Neighbour], *, source: SourceSystem, known: Neighbourhood
) -> tuple[Contact, Mapping[Any, Customer]]:
    locked = ground.locked(affected, known=known)
    return ground.contact(held.id), locked

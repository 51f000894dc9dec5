"""Whole-registry matching reads in ranges, over several connections: what it reads is the registry of one moment."""

from __future__ import annotations

from collections import Counter
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.core.management import call_command
from django.utils import timezone

from contacts.models import Contact, Customer
from matching.whole_registry.finding import Workspace
from matching.whole_registry.reading import RegistryMaterial
from sources.models import Tenant
from tests.properties.people import somebody
from tests.registry import post

CUSTOMERS = "matching.whole_registry.reading.CUSTOMERS"


def test_a_large_registry_is_read_by_several_processes(
    tenant: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = Random(5)
    for number in range(40):
        post(somebody(rng), key=str(number))
    at_once, in_ranges = tmp_path / "at once", tmp_path / "in ranges"
    match(at_once)
    monkeypatch.setattr(CUSTOMERS, 7)
    match(in_ranges)
    assert len(list((in_ranges / "statements").iterdir())) == 1 + Customer.objects.count() // 7
    assert Contact.objects.count() < sum(rows(at_once, "statements").values()), "there are golden records"
    for table in ("statements", "asked", "stored"):
        assert rows(in_ranges, table) == rows(at_once, table)
    assert list(Workspace(in_ranges).matches()) == list(Workspace(at_once).matches()) != []


def match(directory: Path) -> None:
    call_command("match_registry", to_parquet=directory, stdout=StringIO(), stderr=StringIO())


def rows(directory: Path, table: str) -> Counter[tuple[Any, ...]]:
    files = (directory / table).iterdir()
    return Counter(tuple(row.values()) for file in files for row in pq.read_table(file).to_pylist())


def test_what_comes_or_goes_meanwhile_is_not_seen(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CUSTOMERS, 1)
    post(key="1", email="one@example.org", phone="+13125550101")
    post(key="2", email="two@example.org", phone="+13125550102", first_name="Otto", last_name="Brandt")
    material = RegistryMaterial(tenant)
    with material.opened(material.cuts()) as ranges:
        before = set(Contact.objects.values_list("pk", flat=True))
        post(key="9", first_name="Ada", last_name="Lovelace", email="ada@example.org", phone="+13125550177")
        Contact.objects.filter(pk=min(before)).update(deleted_at=timezone.now())
        assert len(ranges) == 3
        assert {each.number for statements in ranges for each in statements} == before

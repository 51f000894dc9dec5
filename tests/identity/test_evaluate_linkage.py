"""`manage.py evaluate_linkage`: what was linked, against who is really who."""

from __future__ import annotations

import gzip
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.registry import post

pytestmark = pytest.mark.django_db

# Sylvia's two records link, her third (another address) becomes a candidate, as does a stranger's (another name).
TRUTH = """source_system,source_key,entity_id
CRM,1,sylvia
SHOP,1,sylvia
SHOP,2,sylvia
SHOP,3,stranger
SHOP,99,never posted
"""


@pytest.fixture
def truth(tmp_path: Path) -> Path:
    post(key="1")
    post(to="SHOP", key="1")
    post(to="SHOP", key="2", address={"street": "900 Quarry Road", "city": "Reno", "state": "NV", "zip": "89501"})
    post(to="SHOP", key="3", first_name="Quentin")
    path = tmp_path / "truth.csv"
    path.write_text(TRUTH)
    return path


def evaluated(path: Path, **options: Any) -> str:
    out = StringIO()
    call_command("evaluate_linkage", path, stdout=out, **options)
    return out.getvalue()


def test_it_measures_what_was_linked(truth: Path) -> None:
    figures = json.loads(evaluated(truth, json=True))
    assert (figures["records"], figures["missing"], figures["true_pairs"]) == (4, 1, 3)
    assert figures["linked"]["pairs"] == figures["linked"]["true_pairs_found"] == 1
    assert figures["linked"]["precision"] == 1.0
    assert figures["linked"]["recall"] == pytest.approx(1 / 3)


def test_it_measures_what_was_linked_or_is_pending(truth: Path) -> None:
    figures = json.loads(evaluated(truth, json=True))
    assert figures["pending_candidates"] == 2
    assert figures["linked_or_pending"]["pairs"] == 1 + 2 + 2
    assert figures["linked_or_pending"]["true_pairs_found"] == 3
    assert figures["linked_or_pending"]["precision"] == pytest.approx(3 / 5)
    assert figures["linked_or_pending"]["recall"] == 1.0


def test_it_prints_a_table(truth: Path) -> None:
    lines = evaluated(truth).splitlines()
    assert lines[-2].split() == ["linked", "1", "1", "1.0000", "0.3333", "0.5000"]
    assert lines[-1].split() == ["linked", "plus", "pending", "5", "3", "0.6000", "1.0000", "0.7500"]


def test_it_reads_compressed_files(truth: Path) -> None:
    compressed = truth.with_suffix(".csv.gz")
    compressed.write_bytes(gzip.compress(TRUTH.encode()))
    assert evaluated(compressed) == evaluated(truth)


@pytest.mark.parametrize("content", ["source_system,source_key\nCRM,1\n", "", None])
def test_it_says_what_is_wrong_with_a_file(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "truth.csv"
    if content is not None:
        path.write_text(content)
    with pytest.raises(CommandError, match=r"entity_id|source_system|cannot be read"):
        evaluated(path)


def test_it_knows_no_unknown_tenant(truth: Path) -> None:
    with pytest.raises(CommandError, match="no tenant"):
        evaluated(truth, tenant="nobody")

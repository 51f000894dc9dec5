"""The scores of the reference program (vectors/fellegi_sunter.jsonl), to nine digits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from contacts.normalisation.names import formal_name
from contacts.record import Facts
from matching.comparison import compare, score
from matching.model_definition import SEED_MODEL

_VECTORS = [json.loads(line) for line in (Path(__file__).parent / "vectors/fellegi_sunter.jsonl").open()]


def _facts(customer: dict[str, Any]) -> Facts:
    # The reference program takes nicknames as formal names while it compares; here that happens at intake.
    flat = {**customer, **customer.get("address", {})}
    flat.pop("address", None)
    return Facts(**{**flat, "first_name": formal_name(flat.get("first_name", ""))})


@pytest.mark.parametrize("vector", _VECTORS, ids=lambda vector: f"{vector['output']:.6f}")
def test_it_scores_as_the_reference_program_does(vector: dict[str, Any]) -> None:
    left, right = (_facts(customer) for customer in vector["input"])
    assert score(SEED_MODEL, left, right) == pytest.approx(vector["output"], abs=1e-9)
    assert compare(SEED_MODEL, left, right).score == pytest.approx(vector["output"], abs=1e-9)

"""The examples of the README: one customer through three doors, in a registry that has the source CRM."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs import guide
from tests.docs.test_api_guide import Reader
from tests.registry import source

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = Path(__file__).parents[2] / "README.md"


def test_every_example_is_answered_as_the_page_shows(registry: str) -> None:
    source("CRM")
    reader = Reader(registry)
    reader.follow(list(guide.blocks(PAGE)))
    assert reader.answered == PAGE.read_text().count("\ncurl ") == 3

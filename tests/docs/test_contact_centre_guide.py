"""Every example of docs/contact-centre.md, sent to a server in the order of the page."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs import guide
from tests.docs.test_api_guide import Reader

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = Path(__file__).parents[2] / "docs" / "contact-centre.md"


def test_every_example_is_answered_as_the_page_shows(registry: str) -> None:
    reader = Reader(registry)
    reader.follow(list(guide.blocks(PAGE)))
    assert reader.answered == PAGE.read_text().count("\ncurl ") == 7

"""A caller with every right, and two sources with the document's required fields."""

from __future__ import annotations

import pytest

from sources.models import DEFAULT_REQUIRED_FIELDS
from tests.contract.registry_caller import Registry
from tests.identity.api.callers import with_key
from tests.registry import source


@pytest.fixture
def registry(db: None) -> Registry:
    for name in ("CRM", "ERP", "WEB"):
        source(name, required=DEFAULT_REQUIRED_FIELDS)
    return Registry(with_key(), x_user_id="jane")

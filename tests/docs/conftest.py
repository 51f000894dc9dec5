"""Examples are run against a server, whose threads see only what is committed: the tables are emptied after each."""

from __future__ import annotations

from typing import Any

import pytest

from matching.tenants import open_tenant
from sources.models import DEFAULT_TENANT, Tenant


@pytest.fixture
def registry(live_server: Any, settings: Any) -> str:
    """The address of an empty registry that serves anybody on this machine, as `make run` does."""
    settings.ANONYMOUS_API = True
    if not Tenant.objects.filter(name=DEFAULT_TENANT).exists():
        open_tenant(DEFAULT_TENANT, by="system")
    return str(live_server.url)

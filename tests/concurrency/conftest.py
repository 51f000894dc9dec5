"""Tests of this folder commit. The tables are emptied after each, so each begins with a new default tenant."""

import pytest

from matching.tenants import open_tenant
from sources.models import DEFAULT_TENANT, Tenant


@pytest.fixture(autouse=True)
def tenant(transactional_db: None) -> Tenant:
    return Tenant.objects.filter(name=DEFAULT_TENANT).first() or open_tenant(DEFAULT_TENANT, by="system")

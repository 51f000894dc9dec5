"""`manage.py create_api_key`."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from sources.keys import verify
from sources.models import ApiKey
from tests.identity.api.callers import another_tenant
from tests.registry import source

pytestmark = pytest.mark.django_db


def printed(*arguments: str) -> str:
    out = StringIO()
    call_command("create_api_key", *arguments, stdout=out)
    return out.getvalue()


def test_it_prints_the_key_and_nothing_else() -> None:
    key = printed("CRM sync", "--scopes", "read", "write").removesuffix("\n")
    row = verify(key)
    assert row is not None
    assert (row.name, row.scopes, str(row.tenant)) == ("CRM sync", ["read", "write"], "default")


def test_it_makes_an_operators_key() -> None:
    row = verify(printed("ops", "--scopes", "admin", "--operator").strip())
    assert row is not None
    assert row.tenant is None


def test_it_makes_a_key_of_a_tenant_and_one_of_its_sources() -> None:
    crm = source("CRM", tenant=another_tenant())
    row = verify(printed("sync", "--scopes", "write", "--tenant", "north", "--source", "CRM").strip())
    assert row is not None
    assert (row.tenant, row.source) == (crm.tenant, crm)


@pytest.mark.parametrize(
    "arguments",
    [
        ("x", "--tenant", "nowhere"),
        ("x", "--source", "CRM"),  # not registered
        ("x", "--operator", "--source", "storefront"),
        ("x", "--source", "storefront", "--scopes", "admin"),
        ("x", "--scopes", "everything"),
        ("x", "--tenant", "default", "--operator"),
        (" ",),
        ("x" * 201,),
    ],
)
def test_it_refuses_what_makes_no_sense(arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        printed(*arguments)
    assert not ApiKey.objects.exists()

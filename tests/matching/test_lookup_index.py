"""Whether keys of somebody are to be kept is known by the attributes alone, in the database as in memory."""

from __future__ import annotations

import pytest

from contacts.record import Facts
from matching.lookup_index import KEYED_IN_ONE, KEYLESS, kept_as_remembered, learnt, read_keyed
from matching.lookup_keys import attributes_said, entries
from matching.models import Lookup
from sources.models import Tenant
from sources.round_trips import Prepared, run
from tests.registry import default_tenant

pytestmark = pytest.mark.django_db

LOOKUPS = [
    (["EmailAddress"], "unique"),
    (["PhoneNumber", "EmailAddress"], "unique"),
    (["LastName", "PhoneNumber"], "unique"),
    (["FacebookId"], "unique"),
    (["FacebookId"], "regular"),
    (["FacebookId", "EmailAddress"], "multiple"),
    (["EmailAddress", "FacebookId"], "regular"),
    (["PhoneNumber"], "multiple"),
]
FACEBOOK = {"FacebookId": "ada"}
SAID = [
    [Facts(email="ada@x.org")],
    [Facts(phone="5550001", attributes={"FacebookId": ""})],
    [Facts(email="ada@x.org", phone="5550001")],
    [Facts(email="ada@x.org"), Facts(phone="5550001")],
    [Facts(last_name="Byron", phone="5550001")],
    [Facts(email="ada@x.org"), Facts(attributes=FACEBOOK)],
    [Facts(attributes=FACEBOOK)],
]


@pytest.mark.parametrize("state", Lookup.State.values)
@pytest.mark.parametrize(("attributes", "kind"), LOOKUPS)
def test_keys_are_kept_where_all_that_makes_one_is_known(attributes: list[str], kind: str, state: str) -> None:
    tenant = default_tenant()
    Lookup.objects.all().delete()
    Lookup.objects.create(tenant=tenant, name="one", attributes=attributes, kind=kind, state=state, created_by="tester")
    learnt(tenant, told_in_one(tenant))
    for statements in SAID:
        kept = bool(entries(read_keyed(tenant), statements))
        said = attributes_said(statements)
        assert kept_as_remembered(tenant, said) is kept
        assert keyless(tenant, said) is not kept


def told_in_one(tenant: Tenant) -> str:
    asking = Prepared(f"SELECT {KEYED_IN_ONE}", {"tenant": tenant.pk})
    run(asking)
    return str(asking.rows[0][0])


def keyless(tenant: Tenant, said: list[str]) -> bool:
    asking = Prepared(f"SELECT {KEYLESS}", {"tenant": tenant.pk, "said": said})
    run(asking)
    return bool(asking.rows[0][0])

"""Settings that somebody else changed since they were read: `If-Match` has nothing overwritten unseen."""

from __future__ import annotations

from typing import Any

import pytest

from matching.media_types import find_media_type
from sources.models import SourceSystem, Tenant
from tests.identity.api.callers import Api, with_key
from tests.registry import default_tenant

pytestmark = pytest.mark.django_db


def _source(api: Api) -> tuple[str, str]:
    made = api.post("/sources", {"name": "CRM"}).json()["id"]
    return f"/sources/{made}", "PUT"


def _media(api: Api) -> tuple[str, str]:
    return "/media-types/chat", "PUT"


def _tenant(api: Api) -> tuple[str, str]:
    return f"/tenants/{default_tenant().pk}", "PATCH"


CHANGES: list[tuple[Any, dict[str, Any], dict[str, Any]]] = [
    (_source, {"required_fields": ["email"]}, {"required_fields": ["phone"]}),
    (_media, {"create_contact": False}, {"strategy": ["EmailAddress"]}),
    (_tenant, {"region": "DE"}, {"customers_per_value": 3}),
]


def states() -> list[Any]:
    system = SourceSystem.objects.filter(name="CRM").values_list("required_fields", flat=True)
    media, tenant = find_media_type("chat", tenant=default_tenant()), Tenant.objects.get(pk=default_tenant().pk)
    return [list(system), media.strategy, media.create_contact, tenant.region, tenant.customers_per_value]


@pytest.mark.parametrize(("what", "theirs", "mine"), CHANGES, ids=["source", "media type", "tenant"])
def test_what_was_changed_since_is_not_overwritten(what: Any, theirs: dict[str, Any], mine: dict[str, Any]) -> None:
    api = with_key()
    address, method = what(api)
    tag = api.get(address)["ETag"]
    assert api(method, address, theirs, if_match=tag).status_code == 200
    before = states()
    refused = api(method, address, mine, if_match=tag)
    assert refused.status_code == 412
    assert refused.json() == {"error": "Somebody has changed this since it was read. Nothing was done"}
    assert states() == before
    fresh = api.get(address)["ETag"]
    assert fresh != tag
    assert api(method, address, mine, if_match=fresh).status_code == 200
    assert states() != before


@pytest.mark.parametrize("tag", ['W/"1"', "1", '"x"', '"99999999999999999999"', '"0", "1"'])
def test_a_tag_that_is_none_fits_nothing(tag: str) -> None:
    api = with_key()
    address, _ = _source(api)
    assert api.put(address, {"name": "ERP"}, if_match=tag).status_code == 412


def test_without_a_tag_or_with_any_the_last_writer_wins() -> None:
    api = with_key()
    address, _ = _source(api)
    assert api.put(address, {"name": "A"}).status_code == 200
    assert api.put(address, {"name": "B"}, if_match="*").status_code == 200
    assert api.get(address).json()["name"] == "B"

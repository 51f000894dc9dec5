"""`/administration`: who changed how the registry works, when, through which door, from what to what."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from matching import versions
from matching.model_definition import SEED_MODEL
from sources import deeds
from sources.memberships import dismiss, enrol
from sources.models import Deed, SourceSystem, Tenant
from tests.identity.api.callers import Api, another_tenant, operator, with_key, with_session
from tests.registry import default_tenant, source

pytestmark = pytest.mark.django_db

CRM = {
    "name": "CRM",
    "required_fields": ["email"],
    "reviewers": [{"first_name": "Jane", "last_name": "Smith", "email": "jane@example.org"}],
}


def read(api: Api, query: str = "") -> list[dict[str, Any]]:
    answer = api.get(f"/administration{query}")
    assert answer.status_code == 200, answer.content
    return list(answer.json())


def told(deed: dict[str, Any]) -> tuple[Any, ...]:
    return deed["kind"], deed["name"], deed["action"], deed["before"], deed["after"]


def test_a_source_from_its_registration_to_its_end() -> None:
    api = with_key()
    made = api.post("/sources", CRM, x_user_id="ada").json()["id"]
    changed = {"name": "CRM 2", "required_fields": ["last_name"], "reviewers": []}
    api.put(f"/sources/{made}", changed, x_user_id="bob")
    api.post("/api-keys", {"name": "sync", "scopes": ["read"], "source": "CRM 2"}, x_user_id="ada")
    api.delete(f"/sources/{made}", x_user_id="cleo")
    revoked, retired, issued, altered, registered = read(api)[:5]
    assert told(registered) == (
        "source",
        "CRM",
        "made",
        {},
        {"name": "CRM", "entra_ad_group": None, "required_fields": ["email"], "reviewers": 1},
    )
    assert told(altered) == (
        "source",
        "CRM 2",
        "changed",
        {"name": "CRM", "required_fields": ["email"], "reviewers": 1},
        {
            "name": "CRM 2",
            "required_fields": ["last_name"],
            "reviewers": 0,
            "reviewers_removed": 1,
        },
    )
    assert told(retired)[:3] == ("source", "CRM 2", "removed")
    assert (told(issued)[:3], told(revoked)[:3]) == (("api_key", "sync", "made"), ("api_key", "sync", "removed"))
    assert [deed["by"] for deed in (registered, altered, issued, retired, revoked)] == [
        "ada",
        "bob",
        "ada",
        "cleo",
        "cleo",
    ]
    assert {deed["door"] for deed in (registered, altered, retired)} == {"api"}
    assert {deed["subject_id"] for deed in (registered, altered, retired)} == {made}


def test_it_names_the_key_that_was_shown_and_no_secret() -> None:
    api = with_key()
    secret = api.post("/api-keys", {"name": "sync", "scopes": ["read"]}).json()["key"]
    [deed] = read(api, "?name=sync")
    assert deed["key"] == api.headers["authorization"].removeprefix("Bearer ")[:12]
    assert deed["after"] == {"prefix": secret[:12], "scopes": ["read"], "source": None}
    assert secret not in json.dumps(read(api))


def test_a_session_shows_no_key() -> None:
    api = with_session("ada", role="admin")
    api.client.handler.enforce_csrf_checks = False
    assert api.post("/sources", CRM).status_code == 201
    [deed] = read(api, "?kind=source")
    assert (deed["by"], deed["door"], deed["key"]) == ("ada", "api", "")


def test_it_tells_nobody_s_data() -> None:
    api = with_key()
    tenant = default_tenant().pk
    api.post("/sources", CRM)
    api.patch(f"/tenants/{tenant}", {"blocked_values": ["desk@example.org"], "region": "DE"}, x_user_id="ada")
    everything = json.dumps(read(api))
    assert "desk@example.org" not in everything
    assert "jane@example.org" not in everything
    [changed] = read(api, "?kind=tenant&action=changed")
    assert changed["before"] == {"region": "US", "blocked_values": 0}
    counted = {"blocked_values": 1, "blocked_values_added": 1}
    assert changed["after"] == {"region": "DE", **counted}


def test_what_changes_nothing_is_no_deed() -> None:
    api = with_key()
    made = api.post("/sources", CRM).json()["id"]
    api.put(f"/sources/{made}", CRM)
    assert [deed["action"] for deed in read(api, f"?kind=source&subject_id={made}")] == ["made"]


def test_the_contact_centre_s_strategies() -> None:
    api = with_key()
    api.post("/contact-attributes", {"name": "_club", "type": "string"})
    api.post("/media-types", {"name": "webform", "strategy": ["EmailAddress"]})
    api.put("/media-types/webform", {"create_contact": False, "strategy": [["_club"]]}, x_user_id="bob")
    api.delete("/media-types/webform")
    api.delete("/identification-keys/_clubLookup")
    assert [told(deed)[:3] for deed in read(api)[:6]] == [
        ("identification_key", "_clubLookup", "removed"),
        ("media_type", "webform", "removed"),
        ("media_type", "webform", "changed"),
        ("identification_key", "_clubLookup", "made"),
        ("media_type", "webform", "made"),
        ("contact_attribute", "_club", "made"),
    ]
    [changed] = read(api, "?kind=media_type&action=changed&by=bob")
    assert changed["before"]["strategy"] == ["EmailAddressLastNameFirstNameLookup"]
    assert changed["after"] == {"create_contact": False, "strategy": ["_clubLookup"]}


def test_who_put_a_model_in_force() -> None:
    versions.add_model(SEED_MODEL, tenant=default_tenant(), reason="a try", by="ann")
    api = with_key()
    api.post("/match-models/1/activate", x_user_id="bob")
    rolled_back, put_in_force, made = read(api, "?kind=match_model")[:3]
    assert (told(made), made["by"]) == (("match_model", "version 2", "made", {}, {"reason": "a try"}), "ann")
    assert told(put_in_force)[1:] == ("version 2", "put_in_force", {"version": 1}, {"version": 2})
    assert told(rolled_back)[1:] == ("version 1", "put_in_force", {"version": 2}, {"version": 1})
    assert (put_in_force["door"], rolled_back["by"], rolled_back["door"]) == ("command", "bob", "api")


def test_opening_a_tenant_is_told_there() -> None:
    api = operator()
    made = api.post("/tenants", {"name": "north"}, x_user_id="ada").json()["id"]
    api.post(f"/tenants/{made}/subtenants", {"name": "shops"}, x_user_id="bob")
    found = [
        (deed["kind"], deed["name"], deed["action"], deed["by"])
        for deed in api.get("/administration", x_tenant_id="north").json()
    ]
    assert found == [
        ("subtenant", "shops", "made", "bob"),
        ("match_model", "version 1", "put_in_force", "ada"),
        ("match_model", "version 1", "made", "ada"),
        ("tenant", "north", "made", "ada"),
    ]


def test_who_was_let_in_and_given_which_role(django_user_model: Any) -> None:
    user, north = django_user_model.objects.create_user("stella"), another_tenant()
    enrol(user, tenant=default_tenant(), role="steward", by="ann")
    enrol(user, tenant=default_tenant(), role="steward", by="ann")
    enrol(user, tenant=default_tenant(), role="admin", by="bob")
    enrol(user, tenant=north, role="admin", by="cleo")
    dismiss(user, by="dan")
    dismiss(user, by="dan")
    rows = Deed.objects.filter(kind="membership", name="stella").order_by("pk")
    assert [(deed.tenant_id, deed.action, deed.before, deed.after, deed.by) for deed in rows] == [
        (default_tenant().pk, "made", {}, {"role": "steward"}, "ann"),
        (default_tenant().pk, "changed", {"role": "steward"}, {"role": "admin"}, "bob"),
        (default_tenant().pk, "removed", {"role": "admin"}, {}, "cleo"),
        (north.pk, "made", {}, {"role": "admin"}, "cleo"),
        (north.pk, "removed", {"role": "admin"}, {}, "dan"),
    ]


def test_administrators_read_their_own_tenant_s() -> None:
    api, north = with_key(), with_key(tenant=another_tenant())
    made = api.post("/sources", CRM).json()["id"]
    assert not read(north, f"?kind=source&subject_id={made}")
    assert with_key("read", "write", "review").get("/administration").status_code == 403


def test_it_narrows_and_pages() -> None:
    api = with_key()
    for name in ("A", "B", "C"):
        api.post("/sources", {"name": name}, x_user_id=name)
    assert [deed["name"] for deed in read(api, "?kind=source")] == ["C", "B", "A"]
    page = api.get("/administration?kind=source&limit=2")
    assert [deed["name"] for deed in page.json()] == ["C", "B"]
    assert page["X-Total-Count"] == "3"
    following = page["Link"].split('>; rel="next"')[0].rpartition("<")[2].removeprefix("http://testserver")
    assert [deed["name"] for deed in api.get(following).json()] == ["A"]
    at = read(api, "?name=B")[0]["at"]
    assert [deed["name"] for deed in read(api, f"?kind=source&since={at}")] == ["C", "B"]
    assert [deed["name"] for deed in read(api, f"?kind=source&until={at}")] == ["A"]
    assert not read(api, "?door=console")
    assert not read(api, "?subject_id=99999999999999999999")


@pytest.mark.parametrize("query", ["kind=nothing", "since=yesterday", "door=back"])
def test_what_it_cannot_read_is_refused(query: str) -> None:
    assert with_key().get(f"/administration?{query}").status_code == 400


def test_it_only_grows() -> None:
    source_id = with_key().post("/sources", CRM).json()["id"]
    rows = Deed.objects.filter(kind="source", subject_id=source_id)
    for attempt in (lambda: rows.update(by="nobody"), rows.delete):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            attempt()
    assert rows.get().by == "anonymous"


def _put(api: Api) -> Any:
    return api.put(f"/sources/{SourceSystem.objects.get(name='CRM').pk}", {"name": "CRM 2"})


def _settings(api: Api) -> Any:
    return api.patch(f"/tenants/{default_tenant().pk}", {"region": "DE"})


@pytest.mark.parametrize("change", [_put, _settings])
def test_where_it_cannot_be_told_nothing_is_changed(
    change: Callable[[Api], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    source("CRM")
    api = with_key()

    def broken(*_: Any, **__: Any) -> None:
        raise DatabaseError("no room")

    monkeypatch.setattr(deeds, "record_change", broken)
    with pytest.raises(DatabaseError):
        change(api)
    assert SourceSystem.objects.filter(name="CRM").exists()
    assert Tenant.objects.get(pk=default_tenant().pk).region == "US"

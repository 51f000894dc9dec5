"""The admin: every page opens, nothing that verbs write can be written there, no page crosses a tenant."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from contacts.models import Change, Contact, Customer, Event
from imports.models import Import, RejectedRow
from matching.active import active_model
from matching.models import CandidatePair, Constraint, MatchModel, Merge, Split
from review.models import Decision, Feedback
from review.verdicts import merge
from sources.admin import SourceForm
from sources.keys import issue
from sources.memberships import enrol
from sources.models import ApiKey, Deed, Membership, Reviewer, SourceSystem, Subtenant, Tenant
from sources.systems import retire
from tests.identity.api.callers import another_tenant
from tests.registry import default_tenant, post, source

pytestmark = pytest.mark.django_db

OURS = {"imports", "sources", "contacts", "matching", "review"}
WRITTEN_BY_VERBS = (
    Customer,
    Contact,
    Change,
    Event,
    Merge,
    Split,
    MatchModel,
    CandidatePair,
    Constraint,
    Feedback,
    Decision,
    Import,
    RejectedRow,
    ApiKey,
    Reviewer,
    Deed,
)


# What a form says that was asked first.
SURE = {"confirmed": "yes"}


def address(model: Any, page: str, *arguments: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=arguments)


def registered() -> list[Any]:
    return [model for model in admin.site._registry if model._meta.app_label in OURS]


def listed(client: Client, model: Any, **query: str) -> set[Any]:
    return {row.pk for row in client.get(address(model, "changelist"), query).context["cl"].result_list}


@pytest.fixture
def boss() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("boss", password="a password"))
    return client


@pytest.fixture
def staff() -> Client:
    """May see everything there is, of the tenant `default`."""
    user = User.objects.create_user("staff", password="a password", is_staff=True)
    user.user_permissions.set(Permission.objects.all())
    Membership.objects.create(user=user, tenant=default_tenant(), role="admin")
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def merged() -> Customer:
    """A registry with a little of everything."""
    first, second = post().customer, post(to="ERP", key="2", email="other@example.com").customer
    merge(target_id=first.pk, source_id=second.pk, tenant=default_tenant(), by="tester")
    issue(name="sync", scopes=["read"], tenant=None, by="test")
    Reviewer.objects.create(source=source(), first_name="Jane", last_name="Smith", email="jane@example.com")
    imported = Import.objects.create(tenant=default_tenant(), name="people.csv", by="test")
    RejectedRow.objects.create(imported=imported, line=2, raw="a,b", errors=["email is required"])
    return first


@pytest.mark.usefixtures("merged")
@pytest.mark.parametrize("model", registered(), ids=lambda model: model.__name__)
def test_it_lists_searches_and_shows(boss: Client, model: Any) -> None:
    listing = boss.get(address(model, "changelist"))
    assert listing.status_code == 200
    for term in ("Sylvia", "12", "x\0y", "%", "'"):
        assert boss.get(address(model, "changelist"), {"q": term}).status_code == 200
    for row in model.objects.all()[:3]:
        assert boss.get(address(model, "change", row.pk)).status_code == 200


@pytest.mark.usefixtures("merged")
@pytest.mark.parametrize("model", WRITTEN_BY_VERBS, ids=lambda model: model.__name__)
def test_it_writes_nothing_that_verbs_write(boss: Client, model: Any) -> None:
    before = list(model.objects.order_by("pk").values())
    assert boss.get(address(model, "add")).status_code == 403
    for row in model.objects.all():
        assert boss.post(address(model, "change", row.pk), {}).status_code == 403
        assert boss.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert list(model.objects.order_by("pk").values()) == before


@pytest.mark.usefixtures("merged")
@pytest.mark.parametrize("model", registered(), ids=lambda model: model.__name__)
def test_it_lets_staff_look_but_not_write(staff: Client, model: Any) -> None:
    assert staff.get(address(model, "changelist")).status_code == 200
    assert staff.get(address(model, "add")).status_code == 403
    for row in model.objects.all()[:1]:
        assert staff.post(address(model, "change", row.pk), {}).status_code in (302, 403)


@pytest.mark.usefixtures("merged")
def test_it_shows_no_other_tenant(staff: Client, boss: Client) -> None:
    north = another_tenant()
    theirs = post(tenant=north).customer
    for model, row in ((Customer, theirs), (Tenant, north), (Contact, theirs.contacts.get())):
        assert boss.get(address(model, "change", row.pk)).status_code == 200
        assert staff.get(address(model, "change", row.pk)).status_code == 302, "sent away as if it were not there"
    assert theirs.pk not in listed(staff, Customer, q="Sylvia")
    assert theirs.pk in listed(boss, Customer, q="Sylvia")


@pytest.mark.parametrize("model", registered(), ids=lambda model: model.__name__)
def test_it_names_no_other_tenant(staff: Client, model: Any) -> None:
    source("secret source", tenant=another_tenant("secret tenant"))
    assert "secret" not in staff.get(address(model, "changelist")).content.decode()


@pytest.mark.parametrize("term", ["sylvia", "Abern", "sylvia.abernathy@EXAMPLE.org", "(214) 867-5309"])
def test_it_finds_customers(boss: Client, merged: Customer, term: str) -> None:
    assert merged.pk in listed(boss, Customer, q=term)


def test_it_finds_a_customer_by_id_and_nobody_by_a_strange_word(boss: Client, merged: Customer) -> None:
    assert listed(boss, Customer, q=str(merged.pk)) == {merged.pk}
    for term in ("Zzyzx", "nobody@example.org", "+12125550100"):
        assert not listed(boss, Customer, q=term)


def test_it_leads_from_a_customer_to_its_history(boss: Client, merged: Customer) -> None:
    page = boss.get(address(Customer, "change", merged.pk)).content.decode()
    for path in (
        f"{address(Change, 'changelist')}?customer__id__exact={merged.pk}",
        f"{address(Event, 'changelist')}?customer_id={merged.pk}",
    ):
        assert path in page
        assert boss.get(path).status_code == 200


def test_it_shows_no_digest(boss: Client) -> None:
    issued = issue(name="sync", scopes=["read"], tenant=default_tenant(), by="test")
    for page in (address(ApiKey, "changelist"), address(ApiKey, "change", issued.key.pk)):
        text = boss.get(page).content.decode()
        assert issued.key.prefix in text
        assert issued.key.digest not in text
        assert issued.secret not in text


def test_it_opens_a_tenant_with_its_sources_and_model(boss: Client) -> None:
    answer = boss.post(address(Tenant, "add"), {"name": "north", "region": "de"})
    assert answer.status_code == 302, answer.content
    tenant = Tenant.objects.get(name="north")
    assert (tenant.region, tenant.created_by) == ("DE", "boss")
    assert active_model(tenant).version == 1
    assert boss.post(address(Tenant, "add"), {"name": "12", "region": "XX"}).status_code == 200
    assert boss.post(address(Tenant, "add"), {"name": "north", "region": "US"}).status_code == 200
    boss.post(address(Tenant, "change", tenant.pk), {"name": "south", "region": "FR"})
    assert list(Tenant.objects.filter(pk=tenant.pk).values_list("name", "region")) == [("north", "FR")]


def source_form(name: str, **fields: Any) -> dict[str, Any]:
    empty = {"reviewers-TOTAL_FORMS": "0", "reviewers-INITIAL_FORMS": "0"}
    return {"name": name, "entra_ad_group": "", "tenant": default_tenant().pk, **empty, **fields}


def test_it_registers_and_changes_a_source(boss: Client) -> None:
    reviewer = {"first_name": "Jane", "last_name": "Smith", "email": "Jane@Example.COM"}
    rows = {f"reviewers-0-{name}": value for name, value in reviewer.items()} | {"reviewers-TOTAL_FORMS": "1"}
    answer = boss.post(address(SourceSystem, "add"), source_form("CRM", required_fields=["email"], **rows))
    assert answer.status_code == 302, answer.content
    made = SourceSystem.objects.get(name="CRM")
    assert (made.created_by, made.required_fields, made.updated_by) == ("boss", ["email"], None)
    assert made.reviewers.get().email == "jane@example.com"
    assert boss.post(address(SourceSystem, "add"), source_form("CRM")).status_code == 200, "the name is taken"
    boss.post(address(SourceSystem, "change", made.pk), source_form("CRM 2"))
    made.refresh_from_db()
    assert (made.name, made.updated_by) == ("CRM 2", "boss")


def test_a_source_that_is_retired_while_it_is_changed_stays_retired(
    boss: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    crm, clean = source("CRM"), SourceForm.clean

    def meanwhile(form: SourceForm) -> dict[str, Any] | None:
        retire(crm.pk, tenant=crm.tenant, by="joan")
        return clean(form)

    monkeypatch.setattr(SourceForm, "clean", meanwhile)
    boss.post(address(SourceSystem, "change", crm.pk), source_form("CRM", required_fields=["phone"]))
    crm.refresh_from_db()
    assert (crm.required_fields, crm.deleted_by) == (["phone"], "joan")


def test_it_retires_sources_but_not_built_in_ones(boss: Client) -> None:
    crm, storefront = source("CRM"), SourceSystem.objects.get(name="storefront")
    chosen = {"action": "retire_selected", "_selected_action": [crm.pk, storefront.pk], **SURE}
    answer = boss.post(address(SourceSystem, "changelist"), chosen, follow=True)
    assert "A built-in source cannot be deleted" in answer.content.decode()
    assert list(SourceSystem.objects.filter(deleted_by="boss")) == [crm]


def test_it_revokes_keys_an_operators_too(boss: Client) -> None:
    keys = [issue(name="x", scopes=["read"], tenant=tenant, by="test").key for tenant in (None, default_tenant())]
    chosen = {"action": "revoke_selected", "_selected_action": [key.pk for key in keys]}
    asked = boss.post(address(ApiKey, "changelist"), chosen)
    assert "Revoke for good?" in asked.content.decode()
    assert ApiKey.objects.filter(revoked_at=None).count() == 2, "asked, and not done"
    boss.post(address(ApiKey, "changelist"), {**chosen, **SURE})
    assert not ApiKey.objects.filter(revoked_at=None).exists()


def test_it_opens_a_subtenant(boss: Client) -> None:
    boss.post(address(Subtenant, "add"), {"tenant": default_tenant().pk, "name": "shops"})
    assert Subtenant.objects.get().created_by == "boss"


def journal(**asked: Any) -> list[tuple[Any, ...]]:
    rows = Deed.objects.filter(door="admin", **asked).order_by("pk")
    return [(deed.kind, deed.name, deed.action, deed.before, deed.after) for deed in rows if deed.by == "boss"]


def test_its_changes_stand_in_the_journal(boss: Client) -> None:
    tenant = default_tenant()
    reviewer = {"first_name": "Jane", "last_name": "Smith", "email": "jane@example.com"}
    rows = {f"reviewers-0-{name}": value for name, value in reviewer.items()} | {"reviewers-TOTAL_FORMS": "1"}
    boss.post(address(SourceSystem, "add"), source_form("CRM", required_fields=["email"], **rows))
    crm = SourceSystem.objects.get(name="CRM")
    boss.post(address(SourceSystem, "change", crm.pk), source_form("CRM", required_fields=["phone"]))
    boss.post(address(SourceSystem, "changelist"), {"action": "retire_selected", "_selected_action": [crm.pk], **SURE})
    boss.post(address(Subtenant, "add"), {"tenant": tenant.pk, "name": "shops"})
    boss.post(address(Tenant, "change", tenant.pk), {"region": "FR"})
    assert [told[:3] for told in journal()] == [
        ("source", "CRM", "made"),
        ("source", "CRM", "changed"),
        ("source", "CRM", "removed"),
        ("subtenant", "shops", "made"),
        ("tenant", "default", "changed"),
    ]
    made, changed = journal(kind="source")[:2]
    assert made[4]["reviewers"] == 1
    assert changed[3:] == ({"required_fields": ["email"]}, {"required_fields": ["phone"]})
    assert journal(kind="tenant")[0][3:] == ({"region": "US"}, {"region": "FR"})


def test_who_is_let_in_stands_in_the_journal(boss: Client) -> None:
    stella, tenant = User.objects.create_user("stella", password="a password"), default_tenant()
    boss.post(address(Membership, "add"), {"user": stella.pk, "tenant": tenant.pk, "role": "steward"})
    held = Membership.objects.get(user=stella)
    boss.post(address(Membership, "change", held.pk), {"tenant": tenant.pk, "role": "admin"})
    boss.post(address(Membership, "delete", held.pk), {"post": "yes"})
    assert not Membership.objects.filter(user=stella).exists()
    assert journal(kind="membership") == [
        ("membership", "stella", "made", {}, {"role": "steward"}),
        ("membership", "stella", "changed", {"role": "steward"}, {"role": "admin"}),
        ("membership", "stella", "removed", {"role": "admin"}, {}),
    ]


def test_what_an_account_may_do_stands_in_the_journal(boss: Client) -> None:
    stella = User.objects.create_user("stella", password="a password")
    enrol(stella, tenant=default_tenant(), role="steward")
    times = {"date_joined_0": "2026-01-01", "date_joined_1": "12:00:00"}
    changed = boss.post(
        address(User, "change", stella.pk), {"username": "stella", "is_active": "on", "is_superuser": "on", **times}
    )
    assert changed.status_code == 302, changed.content
    boss.post(address(User, "delete", stella.pk), {"post": "yes"})
    assert not User.objects.filter(username="stella").exists()
    assert [told[:3] for told in journal(name="stella")] == [
        ("account", "stella", "changed"),
        ("membership", "stella", "removed"),
        ("account", "stella", "removed"),
    ]
    assert journal(kind="account")[0][3:] == ({"is_superuser": False}, {"is_superuser": True})

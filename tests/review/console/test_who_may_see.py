"""A steward, another source's steward, a stranger, somebody of another tenant: who sees and decides what."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from matching.models import CandidatePair
from review import verdicts
from review.models import Claim, Decision
from sources.models import Reviewer, Tenant
from tests.registry import default_tenant
from tests.review.desk import admin, client_of, form_of, near_miss, somebody, steward

pytestmark = pytest.mark.django_db

PAGES = ["/console/", "/console/counts", "/console/keys", "/console/queue/decisions"]


def case_address(contact_id: int) -> str:
    return reverse("console:queue-case", args=[contact_id])


@pytest.mark.parametrize("address", [*PAGES, "/console/queue/1"])
def test_a_stranger_is_asked_to_sign_in(client: Client, address: str) -> None:
    answer = client.get(address)
    assert (answer.status_code, answer["Location"]) == (302, f"/console/login?next={address}")


@pytest.mark.parametrize(
    ("referer", "back"),
    [
        ("http://testserver/console/queue/7?candidate=3", "/console/queue/7%3Fcandidate%3D3"),
        ("http://elsewhere.example/console/queue/7", "/console/"),
        ("", "/console/"),
    ],
)
def test_after_a_form_of_an_ended_session_one_is_back_at_its_page(client: Client, referer: str, back: str) -> None:
    answer = client.post("/console/queue/7/3", headers={"Referer": referer})
    assert (answer.status_code, answer["Location"]) == (302, f"/console/login?next={back}")


def test_a_script_of_an_ended_session_takes_the_whole_window_to_the_door(client: Client) -> None:
    scripted = {"HX-Request": "true", "Referer": "http://testserver/console/queue/7"}
    boosted = scripted | {"HX-Boosted": "true"}
    pressed = client.post("/console/queue/7/3", headers=boosted)
    assert (pressed.status_code, pressed["HX-Redirect"]) == (401, "/console/login?next=/console/queue/7")
    followed = client.get("/console/disputes", headers=boosted)
    assert followed["HX-Redirect"] == "/console/login?next=/console/disputes"
    typed = client.post("/console/search/suggestions", {"q": "abe"}, headers=scripted)
    assert typed["HX-Redirect"] == "/console/login?next=/console/queue/7"
    polled = client.get("/console/counts", headers=scripted)
    assert (polled.status_code, "HX-Redirect" in polled) == (204, False)
    back = client.get("/console/disputes", headers=scripted | {"HX-History-Restore-Request": "true"})
    assert (back.status_code, back["Location"]) == (302, "/console/login?next=/console/disputes")


@pytest.mark.parametrize("address", PAGES)
def test_an_account_without_a_tenant_sees_nothing(address: str) -> None:
    user = get_user_model().objects.create_user("newcomer")
    answer = client_of(user).get(address)
    assert answer.status_code == 403
    assert "not yours" in answer.content.decode()


def test_the_front_door_leads_to_the_queue(client: Client) -> None:
    assert client.get("/")["Location"] == "/console/"


def test_a_steward_sees_their_own_record_and_another_source_s_not() -> None:
    mine, another = near_miss(1), near_miss(2, to="SHOP")
    jane = client_of(steward("jane", of=("BILLING",)))
    listed = jane.get("/console/").content.decode()
    assert case_address(mine.contact.pk) in listed
    assert case_address(another.contact.pk) not in listed
    assert jane.get(case_address(mine.contact.pk)).status_code == 200
    assert jane.get(case_address(another.contact.pk)).status_code == 404


def test_an_admin_sees_everything_of_their_tenant() -> None:
    record = near_miss(1)
    assert client_of(admin()).get(case_address(record.contact.pk)).status_code == 200


@pytest.mark.parametrize("role", ["steward", "admin"])
def test_nobody_sees_another_tenant_s_records(role: str) -> None:
    record = near_miss(1)
    outsider = client_of(somebody("outsider", role=role, tenant=Tenant.objects.create(name="others")))
    assert outsider.get(case_address(record.contact.pk)).status_code == 404
    assert case_address(record.contact.pk) not in outsider.get("/console/").content.decode()


@pytest.mark.parametrize("verdict", ["approved", "rejected", "deferred"])
def test_nobody_decides_on_what_they_may_not_see(verdict: str) -> None:
    record = near_miss(1)
    pair = record.candidates[0]
    form = form_of(client_of(admin()).get(case_address(record.contact.pk)))
    joan = client_of(steward("joan", of=("SHOP",)))
    address = reverse("console:queue-decide", args=[record.contact.pk, pair.pk])
    assert joan.post(address, {**form, "verdict": verdict}).status_code == 404
    assert joan.post(reverse("console:queue-claim", args=[record.contact.pk])).status_code == 404
    assert CandidatePair.objects.get(pk=pair.pk).status == "pending"
    assert not Decision.objects.exists()
    assert not Claim.objects.exists()


def test_nobody_takes_back_a_decision_on_what_they_may_not_see() -> None:
    record = near_miss(1)
    verdicts.reject(
        customer_id=record.customer.pk,
        alias_id=record.contact.pk,
        candidate_id=record.candidates[0].pk,
        tenant=default_tenant(),
        by="jane",
    )
    decision = Decision.objects.get()
    address = reverse("console:queue-undo", args=[decision.pk])
    assert client_of(steward("joan", of=("SHOP",))).post(address).status_code == 404
    outsider = client_of(somebody("outsider", role="admin", tenant=Tenant.objects.create(name="others")))
    assert outsider.post(address).status_code == 404
    decision.refresh_from_db()
    assert decision.undone_at is None


def test_who_reviews_a_source_no_longer_is_shown_no_decision_on_its_records_nor_a_way_back() -> None:
    record = near_miss(1)
    pair = record.candidates[0]
    jane = client_of(steward("jane", of=("BILLING",)))
    decided = {**form_of(jane.get(case_address(record.contact.pk))), "verdict": "rejected"}
    jane.post(reverse("console:queue-decide", args=[record.contact.pk, pair.pk]), decided)
    undo = reverse("console:queue-undo", args=[Decision.objects.get().pk])
    pages = ["/console/", "/console/queue/decisions"]
    assert all(undo in jane.get(page).content.decode() for page in pages)
    Reviewer.objects.all().delete()
    assert not any(undo in jane.get(page).content.decode() for page in pages)


def test_signing_in_leads_where_one_wanted_to_go_and_nowhere_else(client: Client) -> None:
    steward("jane")
    form = {"username": "jane", "password": "a long made-up password"}
    assert client.post("/console/login", {**form, "next": "/console/keys"})["Location"] == "/console/keys"
    client.post("/console/logout")
    assert client.get("/console/").status_code == 302
    assert client.post("/console/login", {**form, "next": "https://elsewhere.example/"})["Location"] == "/console/"


def test_a_wrong_password_says_nothing_about_which_half_was_wrong(client: Client) -> None:
    steward("jane")
    known = client.post("/console/login", {"username": "jane", "password": "wrong"}).content.decode()
    unknown = client.post("/console/login", {"username": "jill", "password": "wrong"}).content.decode()
    said = "do not go together"
    assert said in known
    assert said in unknown

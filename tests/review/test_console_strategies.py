"""Lookups and media types are kept by administrators; the bench tells who would be found, and writes nothing."""

from __future__ import annotations

import pytest
from django.test import Client

from contacts.models import Contact
from matching.models import Lookup
from sources.models import MediaType
from tests.identity.api.callers import another_tenant
from tests.jobs import work
from tests.registry import default_tenant, post, source
from tests.review.console_callers import admin, nobody, steward, text_of

pytestmark = pytest.mark.django_db

HERE = "/console/strategies"
SURE = {"confirmed": "yes"}


def media(name: str = "voice") -> MediaType:
    return MediaType.objects.get(tenant=default_tenant(), name=name)


def test_only_administrators_enter() -> None:
    assert admin().get(HERE).status_code == 200
    for other in (steward(source("CRM")), nobody()):
        assert other.get(HERE).status_code == 403
        assert other.post(f"{HERE}/bench").status_code == 403
    assert Client().get(HERE).status_code == 302


def test_an_administrator_adds_a_lookup_and_tries_it() -> None:
    customer, boss = post(last_name="<b>Quill").customer, admin()
    asked = {"attributes": "LastName, EmailAddress", "kind": "unique", "name": ""}
    assert boss.post(f"{HERE}/lookups", asked).status_code == 302
    made = Lookup.objects.get(name="LastNameEmailAddressLookup")
    assert made.state == "building"
    assert "It waits for a worker" in text_of(boss.get(HERE))
    work()
    boss.post(f"{HERE}/media-types/{media('chat').pk}", {"strategy": made.name, "create_contact": "on"})
    assert media("chat").strategy == [made.name]
    tried = {"media": "chat", "LastName": "<b>quill", "EmailAddress": "sylvia.abernathy@example.org"}
    answer = text_of(boss.post(f"{HERE}/bench", tried))
    assert "Found" in answer
    assert str(customer.pk) in answer
    assert "&lt;b&gt;Quill" in answer
    assert "<b>Quill" not in answer


def test_the_bench_creates_nobody() -> None:
    before = Contact.objects.count()
    boss = admin()
    answer = boss.post(f"{HERE}/bench", {"media": "voice", "PhoneNumber": "2148675309"})
    assert "would create a customer" in text_of(answer)
    assert Contact.objects.count() == before
    for wrong, words in (
        ({"media": "voice"}, "no identifying attribute"),
        ({"media": "telex", "PhoneNumber": "2148675309"}, "not known"),
        ({"media": "voice", "others": "x"}, "no line of the form"),
    ):
        refused = boss.post(f"{HERE}/bench", wrong)
        assert refused.status_code == 400
        assert words in text_of(refused)


def test_it_keeps_what_was_typed_when_it_is_refused() -> None:
    boss = admin()
    answer = boss.post(f"{HERE}/lookups", {"attributes": "Nonsense<", "kind": "regular"})
    assert answer.status_code == 400
    assert "Nonsense&lt;" in text_of(answer)
    refused = boss.post(f"{HERE}/media-types/{media('any').pk}", {"strategy": ""})
    assert refused.status_code == 400
    assert media("any").strategy


def test_what_is_in_use_or_built_in_stays() -> None:
    boss = admin()
    built_in = Lookup.objects.get(tenant=default_tenant(), name="FirstNameLookup")
    assert boss.post(f"{HERE}/lookups/{built_in.pk}/remove", SURE).status_code == 409
    boss.post(f"{HERE}/lookups", {"attributes": "Title", "kind": "regular", "name": "by title"})
    made = Lookup.objects.get(name="by title")
    boss.post(f"{HERE}/media-types/{media().pk}", {"strategy": "by title"})
    refused = boss.post(f"{HERE}/lookups/{made.pk}/remove", SURE)
    assert refused.status_code == 409
    for told in (refused, boss.get(f"{HERE}/lookups/{made.pk}/remove")):
        assert "by title stays" in text_of(told)
        assert f'href="{HERE}/media-types/{media().pk}">voice</a>' in text_of(told)
        assert "confirmed" not in text_of(told), "nothing to press that would be refused"
    boss.post(f"{HERE}/media-types/{media().pk}", {"strategy": ""})
    for ask in (boss.get, boss.post):
        asked = ask(f"{HERE}/lookups/{made.pk}/remove")
        assert "Remove by title?" in text_of(asked)
    made.refresh_from_db()
    assert made.state != "removing", "asked, and not done"
    assert boss.post(f"{HERE}/lookups/{made.pk}/remove", SURE).status_code == 302
    made.refresh_from_db()
    assert made.state == "removing"


def test_nothing_of_another_tenant_is_reached() -> None:
    north = admin("north-boss", tenant=another_tenant())
    lookup = Lookup.objects.filter(tenant=default_tenant()).first()
    assert lookup
    assert north.post(f"{HERE}/lookups/{lookup.pk}/remove", SURE).status_code == 404
    assert north.post(f"{HERE}/lookups/{lookup.pk}/settle").status_code == 404
    assert north.get(f"{HERE}/media-types/{media().pk}").status_code == 404


def test_it_writes_nothing_without_a_token() -> None:
    strict = admin(strict=True)
    for address in ("lookups", "bench", f"media-types/{media().pk}", "lookups/1/remove", "lookups/1/settle"):
        assert strict.post(f"{HERE}/{address}", {"attributes": "Title"}).status_code == 403


def test_it_tells_how_many_customers_a_lookup_holds_before_it_is_removed() -> None:
    boss = admin()
    boss.post(f"{HERE}/lookups", {"attributes": "EmailAddress,PhoneNumber", "kind": "unique", "name": "both"})
    work()
    post(), post(key="2", email="z@example.org", phone="+12145550123", first_name="Zoe", last_name="Quill")
    made = Lookup.objects.get(name="both")
    assert "<b>2</b> entries of customers" in text_of(boss.get(f"{HERE}/lookups/{made.pk}/remove"))


def test_it_names_the_customers_that_keep_a_unique_lookup_from_answering() -> None:
    boss = admin()
    for number in range(12):
        post(key=str(number), email=f"z{number}@example.org", phone="+12145550123", first_name=f"Zoe{number}")
    shared = Contact.objects.values("customer").distinct().count()
    boss.post(f"{HERE}/lookups", {"attributes": "PhoneNumber", "kind": "unique", "name": "by phone"})
    work()
    told = text_of(boss.get(HERE))
    assert "1 value is shared by several customers" in told
    assert "+12145550123" in told
    assert told.count("Abernathy</a>") == 10
    assert f"and {shared - 10} more" in told


def test_a_media_type_shows_which_of_its_lookups_answer_nothing() -> None:
    boss = admin()
    boss.post(f"{HERE}/lookups", {"attributes": "LastName, EmailAddress", "kind": "unique", "name": "Slow"})
    boss.post(f"{HERE}/media-types/{media('chat').pk}", {"strategy": "Slow", "create_contact": "on"})
    assert "answers nothing</span>" in text_of(boss.get(HERE))
    assert "(building: answers nothing)" in text_of(boss.get(f"{HERE}/media-types/{media('chat').pk}"))
    work()
    assert "answers nothing</span>" not in text_of(boss.get(HERE))


def test_a_failed_lookup_that_nobody_violates_any_more_says_what_to_do() -> None:
    boss = admin()
    boss.post(f"{HERE}/lookups", {"attributes": "LastName, EmailAddress", "kind": "unique", "name": "Fails"})
    Lookup.objects.filter(name="Fails").update(state="failed")
    assert "<b>Look again</b> puts it in force" in text_of(boss.get(HERE))


def test_the_forms_tell_what_saving_does() -> None:
    post()
    boss = admin()
    assert "builds its index over 1 customers" in text_of(boss.get(HERE))
    anybody = text_of(boss.get(f"{HERE}/media-types/{media('any').pk}"))
    assert "the media types without one of their own: chat." in anybody
    assert "It cannot be empty." in anybody
    voice = text_of(boss.get(f"{HERE}/media-types/{media('voice').pk}"))
    assert f"The strategy of <code>any</code> is {', '.join(media('any').strategy)}." in voice

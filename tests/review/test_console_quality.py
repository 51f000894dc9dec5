"""The quality page: figures that add up, pictures that have their tables, a handful of queries, and nobody else's."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from contacts.models import Contact
from matching.models import CandidatePair
from review import feedback, verdicts
from review.console import charts
from review.figures import KEPT_FOR, LOOKED_AT_WITHIN, Bin, Figures, figures, read, refresh
from review.models import KeptFigures
from review.quality import quality
from tests.identity.api.callers import another_tenant
from tests.registry import aliases_of, default_tenant, pending, post, source
from tests.review.console_callers import admin, nobody, steward, text_of

pytestmark = pytest.mark.django_db

HERE = "/console/quality"


@pytest.fixture
def some() -> Figures:
    """Sylvia at CRM; BILLING's record linked to her and disputed; of two of SHOP one approved, one waiting."""
    customer = post().customer
    post(to="BILLING", key="B")
    billing = aliases_of(customer)[1]
    feedback.report(customer_id=customer.pk, alias_id=billing.pk, notes=None, tenant=default_tenant(), by="ann")
    shop = post(to="SHOP", key="S", email="new@example.com")
    pair = pending()[0]
    verdicts.approve(
        customer_id=shop.customer.pk, alias_id=shop.contact.pk, candidate_id=pair.pk, tenant=default_tenant(), by="ann"
    )
    post(to="SHOP", key="T", email="newer@example.com")
    return read(default_tenant())


def test_the_figures_are_those_of_the_api(some: Figures) -> None:
    assert some.now == quality(default_tenant())
    assert (some.now.false_positives, some.now.false_negatives) == (1, 1)
    assert len(some.months) == 12


def test_the_figures_add_up(some: Figures) -> None:
    assert sum(share.total for share in some.shares) == Contact.objects.live().count()
    shares = {share.source: (share.linked, share.proposed, share.new) for share in some.shares}
    assert shares["CRM"] == (0, 0, 1)
    assert shares["BILLING"] == (1, 0, 0)
    assert shares["SHOP"] == (0, 2, 0)
    assert sum(each.proposed for each in some.bins) == CandidatePair.objects.exclude(status="superseded").count()
    assert sum(each.linked for each in some.bins) == 1
    assert some.waiting == 1
    assert (some.weeks[-1].same, some.weeks[-1].other) == (1, 0)
    found = {each.key: (each.approved, each.right) for each in some.yields}
    assert found["phone"] == (1, 1.0)


def test_the_thresholds_are_where_their_scores_are() -> None:
    bins = [Bin(place / 20, (place + 1) / 20, 0, int(place >= 14)) for place in range(20)]
    chart = charts.histogram(bins, match=0.95, review=0.7)
    by_title = {column.title[:4]: column for column in chart.columns}
    assert [mark.x for mark in chart.marks] == [by_title["0.70"].x, by_title["0.95"].x]
    assert all(column.upper[0] >= charts.TOP for column in chart.columns)


@pytest.mark.usefixtures("some")
def test_every_picture_has_its_table() -> None:
    text = text_of(admin().get(HERE))
    assert text.count('role="img"') == text.count("<summary>Table</summary>") == 4
    assert "style=" not in text


def test_an_empty_registry_says_what_would_be_here() -> None:
    assert "Nothing to measure yet" in text_of(admin().get(HERE))


@pytest.mark.usefixtures("some")
def test_it_is_read_once_in_ten_minutes(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    boss = admin()
    with django_assert_max_num_queries(15):
        first = boss.get(HERE)
    with django_assert_max_num_queries(8):
        again = boss.get(HERE)
    assert again.context["figures"] == first.context["figures"]


@pytest.mark.usefixtures("some")
def test_a_worker_reads_anew_what_somebody_looks_at() -> None:
    figures(default_tenant())
    KeptFigures.objects.update(as_of=timezone.now() - KEPT_FOR / 2)
    post(to="SHOP", key="U", email="newest@example.com", phone="+13125550199", address=None)
    refresh()
    assert sum(share.total for share in figures(default_tenant()).shares) == Contact.objects.live().count()
    KeptFigures.objects.update(looked_at=timezone.now() - 2 * LOOKED_AT_WITHIN, as_of=timezone.now() - KEPT_FOR / 2)
    before = KeptFigures.objects.get().as_of
    refresh()
    assert KeptFigures.objects.get().as_of == before, "nobody has looked for two days"
    figures(default_tenant())
    assert KeptFigures.objects.get().looked_at > timezone.now() - KEPT_FOR


@pytest.mark.usefixtures("some")
def test_it_is_for_administrators_of_the_tenant() -> None:
    assert steward(source("CRM")).get(HERE).status_code == 403
    assert nobody().get(HERE).status_code == 403
    assert Client().get(HERE).status_code == 302
    assert "Nothing to measure yet" in text_of(admin("north-boss", tenant=another_tenant()).get(HERE))

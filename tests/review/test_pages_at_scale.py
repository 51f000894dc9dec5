"""Every page beside the queue reads what it shows: few queries, none of which goes through a growing table."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin as django_admin
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from contacts.models import Contact
from matching.models import CandidatePair
from review.models import KeptFigures
from sources.admin_pages import MOST_ROWS
from tests.review.crowd import crowd
from tests.review.desk import admin, client_of, steward
from tests.review.test_queue_at_scale import plans, scans

pytestmark = pytest.mark.django_db

# Thirty thousand are enough for the planner to prefer an index wherever there is one.
CUSTOMERS, PENDING = 30_000, 3_000
FEW = 15


@pytest.fixture
def crowded() -> None:
    crowd(customers=CUSTOMERS, pending=PENDING)


def checked(client: Client, address: str, body: dict[str, str] | None = None) -> None:
    with CaptureQueriesContext(connection) as context:
        answer: Any = client.post(address, body) if body else client.get(address)
    assert answer.status_code == 200, address
    assert len(context) <= FEW, address
    for sql, plan in plans(context):
        # What the admin leafs through is counted up to so many, and the scan stops there.
        bounded = f"LIMIT {MOST_ROWS})" in sql
        assert bounded or scans(plan) == [], f"{address}: {sql}"


@pytest.mark.usefixtures("crowded")
def test_every_page_of_an_administrator_goes_by_indexes() -> None:
    pair, client = CandidatePair.objects.select_related("contact").order_by("pk")[100], client_of(admin())
    for address in (
        f"/console/customers/{pair.customer_id}",
        f"/console/customers/{pair.contact.customer_id}/everything.json",
        *(
            f"/console/{page}"
            for page in ("disputes", "customers", "model", "strategies", "imports", "sources", "keys-of-programs")
        ),
        *(f"/console/{page}" for page in ("audit", "audit/administration", "audit?kind=merged", "audit?by=nobody")),
        *("/console/counts", "/console/queue/decisions"),
    ):
        checked(client, address)


@pytest.mark.usefixtures("crowded")
@pytest.mark.parametrize("of", ["BILLING", "NOBODYS"])
def test_every_page_of_a_steward_goes_by_indexes_however_few_records_are_theirs(of: str) -> None:
    client = client_of(steward(of=(of,)))
    for address in ("/console/", "/console/customers", "/console/disputes", "/console/counts"):
        checked(client, address)


@pytest.mark.usefixtures("crowded")
@pytest.mark.parametrize("asked", ["first1 last1", "c77@example.org", "+12140000077", "77", "nobody at all"])
def test_a_search_goes_by_indexes(asked: str) -> None:
    for user in (admin(), steward()):
        checked(client_of(user), "/console/search", {"q": asked})
        checked(client_of(user), "/console/search/suggestions", {"q": asked})


@pytest.mark.usefixtures("crowded")
def test_the_quality_page_reads_what_was_kept() -> None:
    client = client_of(admin())
    client.get("/console/quality")
    assert KeptFigures.objects.count() == 1
    checked(client, "/console/quality")


@pytest.mark.usefixtures("crowded")
def test_every_list_of_the_admin_goes_by_indexes() -> None:
    operator = get_user_model().objects.create_superuser("op", "op@example.org", "a password")
    client, record = client_of(operator), Contact.objects.order_by("pk")[100]
    lists = [reverse(f"admin:{m._meta.app_label}_{m._meta.model_name}_changelist") for m in django_admin.site._registry]
    contact, customer = reverse("admin:contacts_contact_changelist"), reverse("admin:contacts_customer_changelist")
    for address in (*lists, f"{contact}?q={record.source_key}", f"{customer}?q=last77"):
        checked(client, address)

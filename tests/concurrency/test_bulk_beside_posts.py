"""Chunks and single posts of the same people at the same moment: nobody is made twice, and nobody waits for ever."""

from __future__ import annotations

from functools import partial
from unittest.mock import patch

import pytest

from contacts.models import Contact
from matching.bulk import beginning
from matching.bulk.identify_many import identify_many
from sources.models import Tenant
from tests.concurrency.threads import at_once
from tests.matching.bulk.test_like_one_by_one import submission
from tests.properties.invariants import breaches
from tests.registry import SYLVIA, live_customers, post, source

pytestmark = pytest.mark.django_db(transaction=True)

SOURCES = [f"source {number}" for number in range(12)]


@pytest.mark.parametrize("few", [0, beginning.FEW], ids=["all values by one lock", "value by value"])
def test_one_person_from_chunks_and_posts_is_one_customer(tenant: Tenant, few: int) -> None:
    for name in SOURCES:
        source(name)
    chunk = [submission(SYLVIA, name, "chunk") for name in SOURCES]
    chunks = [partial(identify_many, chunk[start::3], tenant=tenant, by="importer") for start in range(3)]
    posts = [partial(post, to=name, key="post") for name in SOURCES]
    with patch.object(beginning, "FEW", few):
        at_once([*chunks, *posts])
    assert live_customers() == 1
    assert Contact.objects.live().count() == 2 * len(SOURCES)
    assert breaches(tenant) == []

"""People whom nobody knew are written as text: every character must arrive, and no key may be missing."""

from __future__ import annotations

import pytest

from contacts.copying import MANY
from contacts.plain_records import plain
from matching.active import active_model
from matching.bulk.identify_many import bring_in
from matching.bulk.incoming import Incoming
from matching.model_definition import SEED_MODEL, ModelDefinition
from matching.models import MatchKey
from matching.plan import Plan
from tests.matching.bulk import portrait
from tests.matching.bulk.test_like_one_by_one import at_once, left_by, one_by_one, submission
from tests.registry import default_tenant, source

pytestmark = pytest.mark.django_db

AWKWARD = ("\\", "\\N", "a\\tb", 'O"Neill', "back\\slash", "línea", "\\.", "x\ty", "x\ny", "x\r\ny")


def test_every_character_arrives_as_it_would_alone() -> None:
    people = [
        submission(
            {"first_name": f"Ann {sign}", "last_name": f"{number}{sign}", "email": f"{number}@example.org"},
            "CRM",
            f"{number}{sign}",
        )
        for number, sign in enumerate(AWKWARD * (MANY // len(AWKWARD) + 1))
    ]
    left = left_by(at_once(len(people)), people)
    assert portrait.differences(left, left_by(one_by_one, people)) == []


def test_keys_by_a_model_that_is_not_in_force_are_made_again() -> None:
    tenant = default_tenant()
    other = Plan.from_model(ModelDefinition(SEED_MODEL.comparisons[:1], review_threshold=0.5))
    record = submission({"first_name": "Otto", "last_name": "Zimmer"}, "CRM", "1").record
    wrong = other.both_keys(record.facts, tenant.pk)
    right = active_model(tenant).plan.both_keys(record.facts, tenant.pk)
    assert set(right.stored) != set(wrong.stored)
    bring_in([Incoming(plain(record), wrong, source("CRM"))], keyed_by=other, tenant=tenant, by="tester")
    assert set(MatchKey.objects.values_list("key", flat=True)) == set(right.stored)

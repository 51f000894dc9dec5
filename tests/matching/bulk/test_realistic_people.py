"""Like one by one, on people as they are: unevenly spread names, misspelt ones, records that lack much."""

from __future__ import annotations

import pytest

from benchmarks.people import body_of, misspelt
from matching.bulk.identify_many import Submission
from tests.matching.bulk import portrait
from tests.matching.bulk.test_like_one_by_one import at_once, left_by, one_by_one, submission

pytestmark = pytest.mark.django_db

PEOPLE = 120


def submissions() -> list[Submission]:
    """Everybody once, every third a second time and misspelt, every tenth a third time by the first source."""
    first = [submission(body_of(number), "CRM", str(number)) for number in range(PEOPLE)]
    again = [submission(misspelt(number), "SHOP", str(number)) for number in range(0, PEOPLE, 3)]
    return [*first, *again, *first[::10]]


def test_it_leaves_what_one_after_the_other_leaves() -> None:
    everybody = submissions()
    left = left_by(at_once(70), everybody)
    outcomes = {answer["outcome"] for answer in left[0]}
    assert outcomes >= {"created", "linked", "updated"}
    assert portrait.differences(left, left_by(one_by_one, everybody)) == []

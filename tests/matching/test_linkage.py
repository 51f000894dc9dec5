"""Measures of linkage, by hand on a few records."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.linkage import ClusterMeasures, PairMeasures, cluster_measures, pair_measures

# Ann's three records: two together, one apart. Bob's one stands with Cyd's first.
MEMBERS = [("1", "ann"), ("1", "ann"), ("2", "ann"), ("3", "bob"), ("3", "cyd"), ("4", "cyd")]


def test_it_counts_pairs_of_what_stands_together() -> None:
    measures = pair_measures(MEMBERS)
    assert measures == PairMeasures(joined=2, hits=1, true=4)
    assert measures.precision == pytest.approx(1 / 2)
    assert measures.recall == pytest.approx(1 / 4)
    assert measures.f1 == pytest.approx(1 / 3)


def test_it_joins_all_of_one_customer_with_all_of_a_proposed_one() -> None:
    measures = pair_measures(MEMBERS, bridges=[("1", "2"), ("4", "3")])
    assert measures == PairMeasures(joined=2 + 2 + 2, hits=1 + 2 + 1, true=4)


def test_it_counts_a_proposal_once_and_none_of_a_customer_to_itself() -> None:
    assert pair_measures(MEMBERS, bridges=[("1", "2"), ("2", "1"), ("1", "1")]).joined == 4


def test_it_takes_no_proposal_further_than_it_goes() -> None:
    chain = [("1", "ann"), ("2", "ann"), ("3", "ann")]
    assert pair_measures(chain, bridges=[("1", "2"), ("2", "3")]) == PairMeasures(joined=2, hits=2, true=3)


def test_it_overlooks_a_proposal_about_records_it_was_not_asked_about() -> None:
    assert pair_measures(MEMBERS, bridges=[("1", "elsewhere")]) == pair_measures(MEMBERS)


def test_nothing_joined_is_nothing_wrong() -> None:
    measures = pair_measures([("1", "ann"), ("2", "ann")])
    assert (measures.precision, measures.recall, measures.f1) == (1.0, 0.0, 0.0)
    assert pair_measures([]).f1 == 1.0


def test_it_counts_groups_found_exactly_mixed_and_scattered() -> None:
    exact = [("5", "dot"), ("5", "dot")]
    assert cluster_measures([*MEMBERS, *exact]) == ClusterMeasures(found=5, true=4, whole=1, mixed=1, scattered=2)


@given(st.lists(st.tuples(st.sampled_from("123"), st.sampled_from("abc")), max_size=12))
def test_it_agrees_with_listing_every_pair(members: list[tuple[str, str]]) -> None:
    pairs = list(combinations(members, 2))
    joined = [(one, other) for one, other in pairs if one[0] == other[0]]
    assert pair_measures(members) == PairMeasures(
        joined=len(joined),
        hits=sum(one[1] == other[1] for one, other in joined),
        true=sum(one[1] == other[1] for one, other in pairs),
    )

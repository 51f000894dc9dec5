"""What is drawn and said of a pair: relations, marked characters, the waterfall's places, groups, histories."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.record import Facts
from matching.comparison import compare
from matching.evidence import Evidence
from matching.model_definition import SEED_MODEL
from review.console import differences
from review.console.batches import in_words
from review.console.histories import sentences
from review.console.labels import address_line, field_label, full_name
from review.console.odds import odds
from review.console.waterfall import waterfall
from review.queue import COUNTED, in_figures
from review.templatetags.console import bits, score

KATHERINE = Facts("Katherine", "Doyle", "k.doyle@example.org", "+12148675309", "12 Oak AVE", "Dallas", "TX", "75201")
FACTS = st.builds(
    Facts,
    first_name=st.sampled_from(["", "Katherine", "Katharine", "Bob"]),
    last_name=st.sampled_from(["", "Doyle", "Doyl", "Smith"]),
    email=st.sampled_from(["", "k.doyle@example.org", "other@example.com"]),
    phone=st.sampled_from(["", "+12148675309", "+12065550199"]),
    street=st.sampled_from(["", "12 Oak AVE", "1 Elm ST"]),
)


def evidence(other: Facts, ours: Facts = KATHERINE) -> Evidence:
    return compare(SEED_MODEL, ours, other)


def marked(pieces: list[differences.Piece]) -> str:
    return "".join(f"[{piece.text}]" if piece.marked else piece.text for piece in pieces)


@pytest.mark.parametrize(
    ("left", "right", "ours", "theirs"),
    [
        ("Katherine", "Katharine", "Kath[e]rine", "Kath[a]rine"),
        ("Doyle", "Doyle-Smith", "Doyle", "Doyle[-Smith]"),
        ("Doyle", "DOYLE", "Doyle", "DOYLE"),
        ("Doyle", "Smith", "Doyle", "Smith"),
        ("Doyle", "", "Doyle", ""),
        ("", "", "", ""),
    ],
)
def test_the_characters_that_differ_are_marked(left: str, right: str, ours: str, theirs: str) -> None:
    first, second = differences.pieces(left, right)
    assert (marked(first), marked(second)) == (ours, theirs)


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_character_is_lost_or_added_by_marking(left: str, right: str) -> None:
    first, second = differences.pieces(left, right)
    assert "".join(piece.text for piece in first) == left
    assert "".join(piece.text for piece in second) == right


def test_relations_follow_the_model_s_judgement() -> None:
    other = Facts("Katharine", "Doyle", "other@example.com", "", "12 Oak AVE", "Dallas", "TX", "75201")
    told = [differences.relation(field) for field in evidence(other).fields]
    assert [each.kind for each in told] == ["close", "same", "differs", "unknown", "same"]
    assert told[0].words.startswith("close 0.9")


@given(FACTS, FACTS)
def test_the_waterfall_falls_from_nothing_to_the_total_within_its_axis(ours: Facts, theirs: Facts) -> None:
    weighed = evidence(theirs, ours)
    chart = waterfall(weighed)
    assert len(chart.bars) == len(weighed.fields)
    for bar in (*chart.bars, chart.total):
        assert -0.01 <= bar.x <= 100
        assert bar.x + bar.width <= 100.7
    if weighed.maximum > weighed.minimum:
        assert chart.total.width == pytest.approx(max(100 * weighed.score, 0.6), abs=0.02)


def test_each_bar_begins_where_the_one_before_ended() -> None:
    chart = waterfall(evidence(Facts("Katherine", "Doyle", "other@example.com", "+12148675309", "12 Oak AVE")))
    first, last, email, *_ = chart.bars
    assert first.x == pytest.approx(chart.start.x, abs=0.02)
    assert last.x == pytest.approx(first.x + first.width, abs=0.02)
    assert (email.kind, last.kind) == ("against", "for")
    assert email.x + email.width == pytest.approx(last.x + last.width, abs=0.02)


def test_the_odds_run_from_the_prior_to_the_total_in_bits() -> None:
    weighed = evidence(Facts("Katherine", "Doyle", "other@example.com", "+12148675309"))
    told = odds(weighed, customers=1024)
    by_field = {field.field: field for field in weighed.fields}
    compared = [field for field in weighed.fields if field.level in ("agrees", "disagrees")]
    assert told.prior.sum == -10
    assert told.total.sum == pytest.approx(-10 + sum(field.weight or 0 for field in compared))
    lacking = next(step for step in told.steps if step.label == "Address")
    assert (lacking.bits, by_field["address_composite"].level) == (0, "one side missing")
    assert told.probability == pytest.approx(1 / (1 + 2**-told.total.sum))
    ends = [told.prior.sum, *(step.sum for step in told.steps)]
    assert [after - before for before, after in pairwise(ends)] == pytest.approx([step.bits for step in told.steps])
    assert 0 < told.even < 100
    first = told.steps[0].bar
    assert first.x == pytest.approx(told.prior.bar.x, abs=0.02), "the first begins where the prior ends"


@pytest.mark.parametrize(
    ("customers", "words"),
    [(2, "more than 1,000,000 times likelier one person than two"), (2**60, "times likelier two people than one")],
)
def test_odds_are_told_in_words(customers: int, words: str) -> None:
    assert words in odds(evidence(KATHERINE), customers=customers).words


def test_what_sets_a_group_apart_is_said_in_words() -> None:
    assert in_words([("first name", "agrees"), ("e-mail", "disagrees"), ("phone", "one side missing")]) == (
        "e-mail differs, phone on one side only"
    )
    assert in_words([("first name", "agrees"), ("phone", "both missing")]) == "everything agrees"


@pytest.mark.parametrize(
    ("delta", "told"),
    [
        ({"soft_delete": True}, ["Deleted."]),
        ({"email": {"from": None, "to": "a@example.org"}}, ["E-mail: not known → a@example.org."]),
        (
            {
                "merge": {"action": "merged", "aliases_transferred": 1},
                "address.city": {"from": "Boise", "to": "Dallas"},
            },
            ["Another customer was merged into this one: 1 record came.", "City: Boise → Dallas."],
        ),
        ({"merge": {"action": "undone"}}, ["A merge was undone: the two are kept apart."]),
        ({"split": {"action": "split", "aliases_transferred": 2}}, ["Split: 2 records left."]),
        ({"aliases": {"action": "added", "source_system": "CRM", "source_key": "7"}}, ["CRM 7 joined."]),
        ({"aliases": {"action": "updated", "source_system": "CRM", "source_key": None}}, ["CRM was corrected."]),
    ],
)
def test_history_reads_as_sentences(delta: dict[str, object], told: list[str]) -> None:
    assert list(sentences(delta)) == told


def test_labels() -> None:
    assert field_label("attributes._loyalty_number") == "Loyalty number"
    assert full_name(Facts()) == "No name"
    assert address_line(KATHERINE) == "12 Oak AVE, Dallas TX 75201"


def test_figures_are_cut_and_signed() -> None:
    assert score(0.9499) == "0.94"
    assert score(0.95) == "0.95"
    assert bits(-3.27) == "−3.3"
    assert bits(None) == "0.0"
    assert in_figures(COUNTED) == "1,000"
    assert in_figures(COUNTED + 1) == "1,000+"

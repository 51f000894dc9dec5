"""Publication 28: a word is abbreviated for the place it stands in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.normalisation.addresses import standardise_state, standardise_street, standardise_zip

WORDS = st.one_of(
    st.sampled_from(["12", "12A", "1/2", "One", "42nd", "61", "4B", "#7", "No"]),
    st.sampled_from(["North", "N", "SE", "East"]),
    st.sampled_from(["Main", "Front", "Park", "Lake", "Highway", "County", "Road", "Street", "Ave.", "Apt,", "Rear"]),
)


@pytest.mark.parametrize(
    ("sent", "standard"),
    [
        # The document's table, which is binding.
        ("123 Main Street", "123 Main ST"),
        ("North Oak Avenue", "N Oak AVE"),
        ("456 Elm Boulevard Apartment 4", "456 Elm BLVD APT 4"),
        ("789 Cedar Blvd.", "789 Cedar BLVD"),
        # Names stay names.
        ("12 Front Street", "12 Front ST"),
        ("12 N Front", "12 N Front"),
        ("123 North Avenue", "123 North AVE"),
        ("1201 N Street NW", "1201 N ST NW"),
        ("5 Green Valley Crossing", "5 Green Valley XING"),
        ("100 Park", "100 Park"),
        ("789 Main Avenue Drive", "789 Main Avenue DR"),
        # Directionals, alone and in pairs.
        ("123 North Main Street", "123 N Main ST"),
        ("123 North East Main St", "123 NE Main ST"),
        ("123 N.W. 5th Ave", "123 NW 5th AVE"),
        ("5 Avenue North", "5 AVE N"),
        # Units.
        ("12 Elm St Front", "12 Elm ST FRNT"),
        ("12 Elm St, Building A, Apt 4", "12 Elm ST BLDG A APT 4"),
        ("123 1/2 N Main St Apt E", "123 1/2 N Main ST APT E"),
        # Numbered highways and boxes.
        ("10 Highway 61", "10 HWY 61"),
        ("Post Office Box 9280", "PO Box 9280"),
        ("P.O. Box 12", "PO Box 12"),
        ("", ""),
        (" , . ", ""),
    ],
)
def test_it_abbreviates_by_place(sent: str, standard: str) -> None:
    assert standardise_street(sent) == standard


def test_it_leaves_the_words_of_other_countries_alone() -> None:
    assert standardise_street("12  North Street", "GB") == "12 North Street"
    assert standardise_state("new  york", "GB") == "NEW YORK"


@pytest.mark.parametrize(
    ("sent", "code"), [("il", "IL"), ("New York", "NY"), ("D.C.", "DC"), ("", ""), ("ab cd", "AB CD")]
)
def test_it_writes_states_as_codes(sent: str, code: str) -> None:
    assert standardise_state(sent) == code


@pytest.mark.parametrize(
    ("sent", "code"), [("627011234", "62701-1234"), ("K1A 0B1", "K1A0B1"), ("1234567890", "1234567890")]
)
def test_it_hyphenates_zip_plus_4_only(sent: str, code: str) -> None:
    assert standardise_zip(sent) == code


@given(st.lists(WORDS, max_size=8).map(" ".join))
def test_it_keeps_every_word_in_order(street: str) -> None:
    """Initials only: abbreviation never reorders or drops a word, it may join two directionals."""
    before = [word[0].lower() for word in street.replace(",", " ").split()]
    after = [word[0].lower() for word in standardise_street(street).split()]
    positions = iter(before)
    assert all(initial in positions for initial in after)


@given(st.text(max_size=60))
def test_it_survives_any_text(street: str) -> None:
    assert len(standardise_street(street)) <= len(street) * 3

"""Text, e-mails, phones, names, sounds, dates and numbers, each in its one normalised form."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.normalisation.dates import parse_day, parse_instant
from contacts.normalisation.email import is_valid_email, normalise_email
from contacts.normalisation.json_values import (
    BAD_CHARACTER,
    BAD_NUMBER,
    TOO_DEEP,
    number_text,
    plain_decimal,
    storage_faults,
)
from contacts.normalisation.names import formal_key, formal_name, typeahead_prefixes
from contacts.normalisation.nicknames import FORMAL_NAMES
from contacts.normalisation.phone import _by_library, to_e164
from contacts.normalisation.phonetics import metaphone_codes
from contacts.normalisation.similarity import exact, jaro_winkler


@pytest.mark.parametrize(
    "email", ["a@b", "a b@c.de", "a@b.co\0", "a@b.co\x07", "@b.co", "a@b@c.de", "a" * 250 + "@b.co", ""]
)
def test_it_refuses_what_is_no_email(email: str) -> None:
    assert not is_valid_email(email)


@given(st.emails())
def test_it_accepts_emails_and_normalises_them_once(email: str) -> None:
    normalised = normalise_email(f" {email}\t")
    assert normalise_email(normalised) == normalised
    assert is_valid_email(normalised)


@pytest.mark.parametrize(
    ("raw", "region", "number"),
    [
        ("(214) 867-5309", "US", "+12148675309"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("+44 20 7946 0958", "US", "+442079460958"),
        ("214-867-5309 (home)", "US", "+12148675309"),
        ("0000000000", "US", ""),
        ("214-011-1234", "US", ""),
        ("N/A", "US", ""),
        ("2148675309", "XX", ""),
    ],
)
def test_it_writes_phones_in_e164(raw: str, region: str, number: str) -> None:
    assert to_e164(raw, region) == number


@given(
    st.from_regex(r"(\+1)?[ .-]?\(?([2-9][0-9]{2}|800|900|983|500)\)?[ .-]?[0-9]{3}[ .-]?[0-9]{4}", fullmatch=True),
    st.sampled_from(["US", "CA", "JM", "GB"]),
)
def test_it_reads_american_phones_as_the_library_does(raw: str, region: str) -> None:
    assert to_e164(raw, region) == _by_library(raw, region)


@pytest.mark.parametrize(
    ("sent", "formal"), [("Chuck", "Charles"), ("BECKY", "Rebecca"), ("Zoë", "Zoë"), ("constructor", "constructor")]
)
def test_it_knows_the_formal_name(sent: str, formal: str) -> None:
    assert formal_name(sent) == formal
    assert formal_key(sent) == formal.lower()


def test_it_needs_one_step_to_the_formal_name() -> None:
    assert {formal for formal in FORMAL_NAMES.values() if FORMAL_NAMES.get(formal, formal) != formal} == set()


def test_it_searches_for_the_formal_name_as_well() -> None:
    assert typeahead_prefixes(" Chuck") == ["chuck", "charles"]
    assert typeahead_prefixes("mary") == ["mary"]
    assert typeahead_prefixes("c") == []


@pytest.mark.parametrize(
    ("word", "codes"),
    [
        ("Smith", ("SM0", "XMT")),
        ("Schmidt", ("XMT", "SMT")),
        ("Dumb", ("TM", "TM")),
        ("Plumber", ("PLMR", "PLMR")),
        ("Rogier", ("RJ", "RJR")),
        ("José", ("HS", "HS")),
        ("François", ("FRNS", "FRNS")),
        ("李", ("", "")),
    ],
)
def test_it_hears_double_metaphone(word: str, codes: tuple[str, str]) -> None:
    assert metaphone_codes(word) == codes


def test_it_compares_without_regard_to_case() -> None:
    assert jaro_winkler("MARTHA", "marhta") == pytest.approx(0.9611, abs=1e-4)
    assert exact("A@b.co", "a@B.co")
    assert not exact("", "")


@given(st.text(), st.text())
def test_it_is_a_symmetric_similarity(a: str, b: str) -> None:
    assert jaro_winkler(a, b) == pytest.approx(jaro_winkler(b, a))
    assert 0 <= jaro_winkler(a, b) <= 1


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2024-01-15", datetime(2024, 1, 15, tzinfo=UTC)),
        ("2024-01-15T10:00:00+02:00", datetime(2024, 1, 15, 8, tzinfo=UTC)),
        ("2024-01-15T10:00", datetime(2024, 1, 15, 10, tzinfo=UTC)),
        (1700000000000, datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)),
    ],
)
def test_it_reads_points_in_time(value: object, moment: datetime) -> None:
    assert parse_instant(value) == moment


@pytest.mark.parametrize(
    "value",
    [
        "2020-02-30",
        "soon",
        "",
        True,
        None,
        [],
        1e300,
        10**400,
        float("nan"),
        "0001-01-01T00:00+14:00",
        "9999-12-31T23:59-14:00",
    ],
)
def test_it_refuses_what_is_no_point_in_time(value: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_instant(value)


def test_a_birthday_does_not_move_with_its_offset() -> None:
    assert parse_day("1990-05-01T00:30:00+02:00") == date(1990, 5, 1)


@pytest.mark.parametrize(("number", "text"), [(5, "5"), (5.0, "5"), (1.5, "1.5"), (1e21, "1e+21"), (1e-7, "1e-7")])
def test_it_writes_numbers_as_javascript_does(number: float, text: str) -> None:
    assert number_text(number) == text


@pytest.mark.parametrize(("value", "text"), [("1e3", "1000"), (2.50, "2.5"), ("-0", "0"), (" 007 ", "7")])
def test_it_writes_plain_decimals(value: object, text: str) -> None:
    assert plain_decimal(value) == text


@pytest.mark.parametrize("value", ["", "1_000", "٣", "1e999", True, "nan", None])
def test_it_refuses_what_is_no_number(value: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        plain_decimal(value)


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"a": "x\0"}, BAD_CHARACTER),
        ({"a": [{"\ud800": 1}]}, BAD_CHARACTER),
        ({"a": float("inf")}, BAD_NUMBER),
        ({"a": 10**5000}, BAD_NUMBER),
    ],
)
def test_it_sees_what_the_database_would_refuse(body: object, fault: str) -> None:
    assert storage_faults(body) == [fault]


def test_it_sees_nesting_however_deep() -> None:
    nested: object = "x"
    for _ in range(100_000):
        nested = [nested]
    assert storage_faults(nested) == [TOO_DEEP]
    assert storage_faults({"name": "Zoë 😀", "list": [1, None, True, {"deep": 1.5}]}) == []

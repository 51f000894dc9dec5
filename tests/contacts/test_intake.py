"""Raw JSON becomes a record, or every error at once; never anything in between."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.intake import ABSENT, InvalidSubmission, read_revision, read_submission, submitted_source
from contacts.record import Facts

USUAL = ("first_name", "last_name", "email")
BODY: dict[str, Any] = {
    "source_system": " CRM ",
    "source_key": 42,
    "first_name": " Chuck ",
    "last_name": "O'Brien",
    "email": " C@Example.COM ",
    "phone": "(214) 867-5309",
    "address": {"street": "123 Main Street", "city": " New  York", "state": "ny", "zip": "627011234"},
}
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)
FIELD = st.sampled_from([*BODY, "country", "attributes", "source_of_truth", "effective_date"])


def errors_of(body: object, **options: Any) -> list[str]:
    with pytest.raises(InvalidSubmission) as caught:
        read_submission(body, **{"required_fields": USUAL, **options})
    return caught.value.errors


def revision_errors_of(body: object) -> list[str]:
    with pytest.raises(InvalidSubmission) as caught:
        read_revision(body)
    return caught.value.errors


def test_it_normalises_a_record_and_keeps_it_as_sent() -> None:
    record = read_submission(BODY, required_fields=USUAL)
    assert record.facts == Facts(
        "Charles", "O'Brien", "c@example.com", "+12148675309", "123 Main ST", "New York", "NY", "62701-1234"
    )
    assert (record.source_system, record.source_key) == ("CRM", "42")
    assert record.original_payload is BODY
    assert (record.source_of_truth, record.effective_date) == (False, None)


def test_it_names_every_error_at_once() -> None:
    assert errors_of({"email": "x", "phone": "abc", "effective_date": "soon"}) == [
        "source_system and source_key are required",
        "first_name is required",
        "last_name is required",
        "email format is invalid",
        "effective_date is not a valid date",
        "phone format is invalid or unrecognized",
    ]


@pytest.mark.parametrize("body", [None, [], "x", 5, True])
def test_it_takes_nothing_but_an_object(body: object) -> None:
    assert errors_of(body) == ["body must be a JSON object"]


@pytest.mark.parametrize("wrong", [True, {}, [], {"a": 1}])
def test_it_takes_no_object_or_truth_value_for_a_name(wrong: object) -> None:
    assert errors_of(BODY | {"first_name": wrong}) == ["first_name must be a string"]


def test_it_takes_a_number_and_a_programmers_word_for_a_name() -> None:
    record = read_submission(BODY | {"first_name": "constructor", "last_name": 5}, required_fields=USUAL)
    assert (record.facts.first_name, record.facts.last_name) == ("constructor", "5")


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"first_name": "x" * 201}, "first_name is too long (at most 200 characters)"),
        ({"email": "x" * 255}, "email is too long (at most 254 characters)"),
        ({"phone": "1" * 51}, "phone is too long (at most 50 characters)"),
        ({"source_key": "x" * 256}, "source_key is too long (at most 255 characters)"),
        ({"address": {"street": "x" * 501}}, "address.street is too long (at most 500 characters)"),
        ({"address": "1 Main St"}, "address must be an object"),
        ({"address": {"city": ["x"]}}, "address.city must be a string"),
        ({"country": "UK"}, "country is not an ISO 3166-1 alpha-2 code"),
        ({"address": {"country": 1}}, "country is not an ISO 3166-1 alpha-2 code"),
        ({"first_name": "a\0b"}, "body contains a character that cannot be stored"),
        ({"note": {"\ud800": 1}}, "body contains a character that cannot be stored"),
        ({"attributes": []}, "attributes must be an object"),
        ({"attributes": {"shoe": 1}}, "attributes.shoe is not defined"),
        ({"attributes": {"s" * 5000: 1}}, f"attributes.{'s' * 100} is not defined"),
        ({"source_of_truth": {}}, "source_of_truth must be true or false"),
    ],
)
def test_it_says_what_is_wrong(change: dict[str, Any], error: str) -> None:
    assert errors_of(BODY | change) == [error]


def test_it_requires_what_the_source_requires() -> None:
    bare = {"source_system": "POS", "source_key": "1", "phone": ""}
    assert errors_of(bare, required_fields=["phone", "address"]) == ["phone is required", "address is required"]
    assert errors_of(bare | {"country": "US"}, required_fields=["address"]) == ["address is required"]


def test_a_source_that_requires_nothing_must_still_say_something() -> None:
    bare = {"source_system": "POS", "source_key": "1"}
    message = "at least one of first_name, last_name, email, phone or address is required"
    assert errors_of(bare | {"first_name": " ", "phone": "N/A"}, required_fields=[]) == [message]
    assert read_submission(bare | {"last_name": "X"}, required_fields=[]).facts == Facts(last_name="X")


def test_a_source_that_requires_nothing_may_send_a_phone_that_is_none() -> None:
    record = read_submission(BODY | {"phone": "0000000000"}, required_fields=[])
    assert (record.facts.phone, record.original_payload["phone"]) == ("", "0000000000")


def test_it_reads_phones_and_addresses_by_the_country() -> None:
    here = read_submission(BODY | {"phone": "020 7946 0958", "country": "gb"}, required_fields=USUAL).facts
    assert (here.phone, here.country, here.street) == ("+442079460958", "GB", "123 Main Street")
    tenant = read_submission(BODY | {"phone": "020 7946 0958"}, required_fields=USUAL, region="GB").facts
    assert (tenant.phone, tenant.country) == ("+442079460958", "")


def test_it_reads_attributes_by_their_types() -> None:
    types = {"born": "date", "points": "number", "tier": "string"}
    given_ = {"born": "1990-05-01T00:30:00+02:00", "points": "1e3", "tier": " gold ", "none": None}
    record = read_submission(
        BODY | {"attributes": given_}, required_fields=USUAL, attribute_types={**types, "none": "date"}
    )
    assert record.facts.attributes == {"born": "1990-05-01", "points": "1000", "tier": "gold"}
    wrong = {"born": "1990-02-30", "points": "many"}
    assert errors_of(BODY | {"attributes": wrong}, attribute_types=types) == [
        "attributes.born is not a valid date",
        "attributes.points is not a valid number",
    ]


@pytest.mark.parametrize(
    ("body", "name"), [(BODY, "CRM"), ({}, ""), (None, ""), ({"source_system": {}}, ""), ({"source_system": "\0"}, "")]
)
def test_it_says_whose_a_submission_claims_to_be(body: object, name: str) -> None:
    assert submitted_source(body) == name


def test_a_revision_changes_only_what_it_mentions() -> None:
    before = Facts(
        "Ann", "Lee", "a@b.co", "+12148675309", "1 Oak ST", "Rome", "GA", attributes={"tier": "gold", "x": "1"}
    )
    revision = read_revision(
        {"last_name": "Doe", "phone": "", "address": {"zip": "301611234"}, "attributes": {"tier": None}},
        attribute_types={"tier": "string"},
    )
    after = revision.apply(before)
    assert after == Facts("Ann", "Doe", "a@b.co", "", "1 Oak ST", "Rome", "GA", "30161-1234", attributes={"x": "1"})
    assert (revision.source_of_truth, revision.effective_date) == (None, ABSENT)


def test_a_revision_may_say_how_far_to_trust_it() -> None:
    revision = read_revision({"source_of_truth": True, "effective_date": "2025-06-15"})
    assert (revision.source_of_truth, revision.effective_date) == (True, datetime(2025, 6, 15, tzinfo=UTC))
    assert read_revision({"effective_date": None}).effective_date is None


def test_a_revision_cannot_empty_names_and_email() -> None:
    assert revision_errors_of({"first_name": "", "last_name": None, "email": " ", "phone": "12"}) == [
        "first_name cannot be empty",
        "last_name cannot be empty",
        "email cannot be empty",
        "phone format is invalid or unrecognized",
    ]


@given(st.dictionaries(FIELD, JSON) | JSON)
def test_any_json_is_read_or_refused(body: object) -> None:
    for read in (lambda: read_submission(body, required_fields=[]), lambda: read_revision(body)):
        complaints = _complaints(read)
        assert complaints is None or complaints
        assert not complaints or len(complaints) == len(set(complaints))


def _complaints(read: Callable[[], object]) -> list[str] | None:
    try:
        read()
    except InvalidSubmission as invalid:
        return invalid.errors
    return None

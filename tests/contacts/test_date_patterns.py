"""Dates in the letters of Java's SimpleDateFormat."""

from __future__ import annotations

from datetime import date

import pytest

from contacts.normalisation.date_patterns import DEFAULT_PATTERN, day_reader

MARCH = date(2003, 3, 5)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (DEFAULT_PATTERN, "2003-03-05T23:59:59-1100"),
        ("dd/MM/yyyy", "05/03/2003"),
        ("d.M.yy", "5.3.03"),
        ("yyyyMMdd", "20030305"),
        ("EEE, d MMM yyyy HH:mm:ss z", "Wed, 5 Mar 2003 10:00:00 GMT"),
        ("EEEE d MMMM yyyy", "Wednesday 5 March 2003"),
        ("yyyy-DDD", "2003-064"),
        ("yyyy 'o''clock' MM dd", "2003 o'clock 3 5"),
        ("yyyy''MM''dd", "2003'03'05"),
        ("yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "2003-03-05T00:00:00.123+01:00"),
        ("yyyy-MM-dd'T'HH:mm:ssX", "2003-03-05T00:00:00Z"),
        ("hh:mm a, dd.MM.yyyy", "12:30 PM, 05.03.2003"),
        ("kk KK dd.MM.yyyy", "24 11 05.03.2003"),
    ],
)
def test_it_reads_the_day_as_written(pattern: str, text: str) -> None:
    assert day_reader(pattern)(text) == MARCH


def test_two_digits_of_a_year_mean_eighty_years_back_to_twenty_ahead() -> None:
    this_year = date.today().year  # noqa: DTZ011
    read = day_reader("yy-MM-dd")
    assert read(f"{(this_year + 20) % 100:02}-01-01").year == this_year + 20
    assert read(f"{(this_year + 21) % 100:02}-01-01").year == this_year - 79


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("dd/MM/yyyy", "2003-03-05"),
        ("dd/MM/yyyy", "31/02/2003"),
        ("dd/MM/yyyy", "05/03/03"),
        ("dd/MM/yyyy", "05/03/2003 "[::-1]),
        ("dd/MM/yyyy", "٠٥/٠٣/٢٠٠٣"),
        ("d MMM yyyy", "5 Mrz 2003"),
        ("yyyy-DDD", "2003-366"),
        (DEFAULT_PATTERN, "2003-03-05T25:00:00+0000"),
        (DEFAULT_PATTERN, "2003-03-05T23:00:00"),
        ("dd/MM/yyyy", ""),
    ],
)
def test_it_refuses_what_does_not_fit(pattern: str, text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        day_reader(pattern)(text)


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("YYYY-MM-dd", "letter 'Y'"),
        ("yyyy-MM-dd G", "letter 'G'"),
        ("yyyy-MM", "names no day"),
        ("HH:mm", "names no day"),
        ("", "names no day"),
        ("yyyy-MM-dd'T", "quotation mark"),
        ("yyyy-MM-dd" + " " * 100, "too long"),
    ],
)
def test_it_says_why_a_pattern_cannot_be_read(pattern: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        day_reader(pattern)

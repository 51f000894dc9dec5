"""Every recorded vector agrees with the product, or is listed as a deviation that was chosen and still holds."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.reference_vectors.comparison import FOLDER, Vector, deviations, vectors
from tests.reference_vectors.reasons import REASONS
from tests.reference_vectors.report import PAGE, report

ALL = list(vectors())
LISTED = deviations()


@pytest.mark.parametrize("file", sorted({vector.file for vector in ALL}))
def test_it_agrees_unless_a_deviation_is_listed(file: str) -> None:
    surprises = [
        f"{vector.function}{vector.arguments!r}: {vector.ours!r}, reference {vector.reference!r}"
        for vector in ALL
        if vector.file == file and vector.key not in LISTED and not vector.agrees()
    ]
    assert surprises == []


def test_it_still_deviates_as_listed() -> None:
    by_key = {vector.key: vector for vector in ALL}
    assert [key for key in LISTED if key not in by_key] == []
    assert [key for key, listed in LISTED.items() if by_key[key].agrees() or by_key[key].ours != listed.ours] == []


def test_it_gives_a_known_reason_for_every_deviation() -> None:
    used = Counter(reason for listed in LISTED.values() for reason in listed.reasons)
    assert all(listed.reasons for listed in LISTED.values())
    assert set(used) == set(REASONS)


def test_it_reads_every_line_of_every_file() -> None:
    lines = sum(
        len(path.read_text(encoding="utf-8").rstrip("\n").split("\n")) for path in (FOLDER / "vectors").glob("*.jsonl")
    )
    assert len(ALL) == lines


def test_it_notices_a_wrong_answer() -> None:
    assert not Vector("sanitizer_phones", "normalizePhoneToE164", ["2148675309"], "+12148675300").agrees()


def test_the_page_in_docs_is_what_the_vectors_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == report()

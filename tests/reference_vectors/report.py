"""docs/reference-vectors.md: how far the product agrees with the reference program, and where it chose not to."""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.reference_vectors.comparison import Deviation, Vector, deviations, vectors
from tests.reference_vectors.reasons import REASONS

PAGE = Path(__file__).parents[2] / "docs" / "reference-vectors.md"

_INTRODUCTION = """\
# Agreement with the reference program

The S14S document describes rules whose details its own reference program settles. Recorded calls of that program are
kept under `tests/reference_vectors`, and a test runs every one of them against the product. Where a recorded answer
contradicts the document, a standard (E.164, USPS Publication 28, the definitions of Jaro-Winkler and Double Metaphone)
or common sense, the latter win; each such vector is listed, one by one, in `tests/reference_vectors/deviations.jsonl`.

This page is printed by `python -m tests.reference_vectors.report`; a test keeps it true. Scores are compared in
`tests/matching`.
"""


def report() -> str:
    listed = deviations()
    ran = list(vectors())
    return "\n".join([_INTRODUCTION, *_agreement(ran, listed), "", "## Deviations", "", *_reasons(ran, listed)])


def _agreement(ran: Iterable[Vector], listed: dict[str, Deviation]) -> list[str]:
    total: Counter[str] = Counter()
    deviating: Counter[str] = Counter()
    for vector in ran:
        total[vector.function] += 1
        deviating[vector.function] += vector.key in listed
    rows = [f"| `{name}` | {total[name]} | {total[name] - deviating[name]} | {deviating[name]} |" for name in total]
    sums = f"| all | {total.total()} | {total.total() - deviating.total()} | {deviating.total()} |"
    return ["| function | vectors | agree | deviate |", "|---|---|---|---|", *rows, sums]


def _reasons(ran: Iterable[Vector], listed: dict[str, Deviation]) -> list[str]:
    examples: dict[str, list[Vector]] = defaultdict(list)
    for vector in ran:
        for reason in listed[vector.key].reasons if vector.key in listed else ():
            examples[reason].append(vector)
    return [line for reason in REASONS for line in _reason(reason, examples[reason], listed)]


def _reason(reason: str, found: list[Vector], listed: dict[str, Deviation]) -> list[str]:
    """The shortest vector stands for the others, which may deviate for further reasons at once."""
    shown = min(found, key=lambda vector: (len(listed[vector.key].reasons), len(vector.key)))
    example = f"`{_brief(shown.arguments)}`: `{_brief(listed[shown.key].ours)}`, reference `{_brief(shown.reference)}`"
    return [f"**{reason}** ({len(found)} vectors). {REASONS[reason]}", "", f"Example: {example}", ""]


def _brief(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True)


if __name__ == "__main__":
    sys.stdout.write(report())

"""A file of made-up records, as a company's first export to the registry: NDJSON, one POST body a line.

    python -m benchmarks.people_file --records 1000000 --to people.ndjson

Of a hundred lines 80 are somebody new, said by CRM, and 20 somebody of an earlier line, said by ERP with a slip. For a
registry that `benchmarks.filling` filled with so many people (`--known`), the 80 are none of those, and the 20 are
anybody of all people so far.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import people

NEW, EVERY = 4, 5  # so many of so many lines
SOURCES = ("CRM", "ERP")


def records(count: int, known: int = 0) -> Iterator[dict[str, Any]]:
    for line in range(count):
        if line % EVERY < NEW:
            number = known + line // EVERY * NEW + line % EVERY + 1
            yield {**people.body_of(number), "source_system": "CRM", "source_key": f"K{number}"}
        else:
            number = people.bits(line, 11) % (known + line // EVERY * NEW + NEW) + 1
            yield {**people.misspelt(number), "source_system": "ERP", "source_key": f"E{known + line + 1}"}


def write(path: Path, count: int, known: int = 0) -> None:
    with path.open("w") as file:
        file.writelines(json.dumps(record) + "\n" for record in records(count, known))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--records", type=int, required=True)
    parser.add_argument("--known", type=int, default=0, help="people that the registry was filled with")
    parser.add_argument("--to", type=Path, required=True)
    asked = parser.parse_args()
    write(asked.to, asked.records, asked.known)
    return 0


if __name__ == "__main__":
    sys.exit(main())

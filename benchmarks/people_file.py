"""A file of made-up records, as a company's first export to the registry: NDJSON, one POST body a line.

    python -m benchmarks.people_file --records 1000000 --to people.ndjson

Of a hundred lines 80 are somebody new, said by CRM, and 20 somebody of an earlier line, said by ERP with a slip.
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


def records(count: int) -> Iterator[dict[str, Any]]:
    for line in range(count):
        if line % EVERY < NEW:
            number = line // EVERY * NEW + line % EVERY
            yield {**people.body_of(number), "source_system": "CRM", "source_key": f"K{number}"}
        else:
            known = people.bits(line, 11) % (line // EVERY * NEW + NEW)
            yield {**people.misspelt(known), "source_system": "ERP", "source_key": f"E{line}"}


def write(path: Path, count: int) -> None:
    with path.open("w") as file:
        file.writelines(json.dumps(record) + "\n" for record in records(count))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--records", type=int, required=True)
    parser.add_argument("--to", type=Path, required=True)
    asked = parser.parse_args()
    write(asked.to, asked.records)
    return 0


if __name__ == "__main__":
    sys.exit(main())

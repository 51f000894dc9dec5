"""`python -m benchmarks.filling --size N`: see the package."""

from __future__ import annotations

import argparse
import os
import sys

from benchmarks.filling.copying import fill


def main() -> int:
    parser = argparse.ArgumentParser(description="Fill an empty, migrated registry with made-up people.")
    parser.add_argument("--size", type=int, required=True, help="customers")
    parser.add_argument("--url", default=os.environ.get("DATABASE_URL"), help="default: DATABASE_URL")
    asked = parser.parse_args()
    if not asked.url:
        parser.error("name the database with --url or DATABASE_URL")
    fill(asked.url, asked.size)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""What a filled registry weighs: bytes for each customer of every table and index, and what of it is ever read.

    python -m benchmarks.disk [--url postgresql://…]

Sizes are what PostgreSQL keeps on disk, free space within pages included. `scans` are those since the statistics were
last reset: after traffic of every kind, an index of none is one that nothing asks (unless it keeps something unique).
"""

from __future__ import annotations

import argparse
import os
import sys

import psycopg

from benchmarks import results
from benchmarks.registry import size_of

_CUSTOMERS = "SELECT count(*) FROM contacts_customer"
_SIZES = """
SELECT owner.relname, relation.relname, relation.relkind = 'i', pg_relation_size(relation.oid)
           + CASE WHEN relation.reltoastrelid = 0 THEN 0 ELSE pg_total_relation_size(relation.reltoastrelid) END,
       coalesce(used.idx_scan, 0), coalesce(index.indisunique, false)
FROM pg_class AS relation
LEFT JOIN pg_index AS index ON index.indexrelid = relation.oid
JOIN pg_class AS owner ON owner.oid = coalesce(index.indrelid, relation.oid)
LEFT JOIN pg_stat_user_indexes AS used ON used.indexrelid = relation.oid
WHERE relation.relnamespace = 'public'::regnamespace AND relation.relkind IN ('r', 'i')
ORDER BY sum(pg_relation_size(relation.oid)) OVER (PARTITION BY owner.oid) DESC, 1, 3, 4 DESC
"""
HEAD = ["table", "index", "MiB", "bytes a customer", "scans"]
# Relations smaller than this are told of in one line.
SMALL_MIB = 1


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--url", default=os.environ.get("DATABASE_URL"), help="default: DATABASE_URL")
    parser.add_argument("--keep", action="store_true", help="Keep the figures for the report.")
    asked = parser.parse_args()
    if not asked.url:
        parser.error("name the database with --url or DATABASE_URL")
    with psycopg.connect(asked.url) as connection:
        told = "\n".join("| " + " | ".join(cells) + " |" for cells in _lines(connection))
        print(told)
        if asked.keep:
            results.keep_table("disk", told, size=size_of(connection))
    return 0


def _lines(connection: psycopg.Connection) -> list[list[str]]:
    row = connection.execute(_CUSTOMERS).fetchone()
    customers = max(1, row[0] if row else 0)
    lines, small, total = [HEAD, ["---"] * len(HEAD)], 0, 0
    for table, name, is_index, size, scans, unique in connection.execute(_SIZES):
        total += size
        if size < SMALL_MIB << 20:
            small += size
            continue
        told = f"{scans:,}{' (unique)' if unique else ''}" if is_index else ""
        lines.append([table, name if is_index else "", f"{size / 2**20:,.0f}", f"{size / customers:.1f}", told])
    lines.append(["all smaller ones", "", f"{small / 2**20:,.0f}", f"{small / customers:.1f}", ""])
    lines.append([f"all, {customers:,} customers", "", f"{total / 2**20:,.0f}", f"{total / customers:.1f}", ""])
    return lines


if __name__ == "__main__":
    sys.exit(main())

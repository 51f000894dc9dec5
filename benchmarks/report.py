"""The page of what was measured: `python -m benchmarks.report` writes docs/benchmarks.md and its pictures.

No figure is written by hand: tables and plots are made from what the benchmarks kept (benchmarks/measured).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import results
from benchmarks.bulk import WRITING
from benchmarks.plots import flatness, shares

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "benchmarks.md"
PICTURES = ROOT / "docs" / "benchmarks"

Row = Mapping[str, Any]
Column = tuple[str, Callable[[Row], str]]

INTRODUCTION = """# How quick it is

Made by `python -m benchmarks.report` from what the benchmarks kept. Server, database and clients share the machine's
cores, and machines are noisy: read the ratios, each taken within one run. *By hand* is the least SQL that could do
the same, sent by pgbench (`benchmarks/doors/by_hand.py`): what PostgreSQL alone can do.
"""


def main() -> int:
    sections = [INTRODUCTION, *(section for make in SECTIONS if (section := make()))]
    PAGE.write_text("\n".join(sections))
    return 0


def doors() -> str:
    rows = sorted(results.kept("doors"), key=lambda row: (row["door"], row["clients"], row["size"]))
    if not rows:
        return ""
    PICTURES.mkdir(exist_ok=True)
    flatness(rows, PICTURES / "flatness.svg")
    shares(rows, PICTURES / "floor.svg")
    columns: list[Column] = [
        ("door and traffic", lambda row: row["door"]),
        ("customers", lambda row: f"{row['size']:,}"),
        ("clients", lambda row: str(row["clients"])),
        ("a second", lambda row: f"{row['rate']:,.0f}"),
        ("of the floor", lambda row: f"{row['of_floor']:.2f}"),
        ("of SQL by hand", lambda row: f"{row['rate'] / row['by_hand']:.2f}"),
        ("p50 ms", lambda row: f"{row['p50']:.1f}"),
        ("p95 ms", lambda row: f"{row['p95']:.1f}"),
        ("p99 ms", lambda row: f"{row['p99']:.1f}"),
        ("failed", lambda row: f"{row['failed']:.0f}"),
    ]
    return f"""## The doors

`python -m benchmarks.doors`. *Of the floor* is the rate beside that of the same server answering an authenticated POST
that does nothing but one insert, measured right before and right after (`benchmarks/doors/floor.py`). What each
traffic sends is in `benchmarks/doors/traffic.py`. Each row is one measurement of some seconds, or the median of as many
as `benchmarks/measured/doors.jsonl` says in `rounds`; single ones are uncertain by a third, p99 by more. Of ten million
customers the database's files were read into memory beforehand: cold, it is the disk that is measured. {_how(rows)}

{table(columns, rows)}

![The slowest one in a hundred requests, by the number of customers](benchmarks/flatness.svg)

![Requests a second as a share of the server's floor](benchmarks/floor.svg)
"""


def bulk() -> str:
    rows = sorted(results.kept("bulk"), key=lambda row: (row.get("known", 0), row["records"]))
    if not rows:
        return ""
    columns: list[Column] = [
        ("people known before", lambda row: f"{row.get('known', 0):,}"),
        ("records", lambda row: f"{row['records']:,}"),
        ("normalising alone, s", lambda row: f"{row['floor_seconds']:,.0f}"),
        ("writing alone, s", lambda row: _if_known(row, "writing_seconds", ",.0f")),
        ("import, s", lambda row: f"{row['seconds']:,.0f}"),
        ("times normalising", lambda row: f"{row['of_floor']:.1f}"),
        ("times writing", lambda row: _if_known(row, "of_writing", ".1f")),
        ("records a second", lambda row: f"{row['rate']:,}"),
        ("most memory, MiB", lambda row: f"{row['mebibytes']:,.0f}"),
        ("customers", lambda row: f"{row['customers']:,.0f}"),
        ("left for review", lambda row: f"{row['waiting']:,.0f}"),
    ]
    return f"""## Bulk import

`python -m benchmarks.bulk`: `manage.py import_customers` of a file of made-up records into an empty registry, or one
that is filled, until all are resolved. There are two floors: reading and normalising the same file in as many
processes, and writing the rows that the import left, by COPY into an empty registry of the same PostgreSQL, with all
indexes and constraints and a commit for each chunk (`benchmarks/writing_alone.py`). {_how(rows)}

{table(columns, rows)}
{_writing_alone([row for row in rows if "writing_seconds" in row])}"""


def _if_known(row: Row, name: str, shape: str) -> str:
    return format(row[name], shape) if name in row else "–"


def _writing_alone(rows: Sequence[Row]) -> str:
    """What each part of it takes, and what is taken by all of them."""
    if not rows:
        return ""
    parts = [name for name in rows[-1] if name.startswith(WRITING)]
    columns: list[Column] = [("what is written", lambda part: part["part"])]
    for row in rows:
        columns.append((f"{row['records']:,} records", partial(_microseconds, row)))
    told = [{"part": name.removeprefix(WRITING), "names": [name]} for name in parts]
    return f"""
Of writing alone, PostgreSQL's processor time for each record, in µs:

{table(columns, [*told, {"part": "all", "names": parts}])}
"""


def _microseconds(row: Row, part: Row) -> str:
    return f"{1e6 * sum(row.get(name, 0) for name in part['names']) / row['records']:.1f}"


def _tables(benchmark: str, introduction: str) -> str:
    """What a benchmark printed, for each size it was kept of."""
    rows = sorted(results.kept(benchmark), key=lambda row: row["size"])
    if not rows:
        return ""
    parts = [introduction, _how(rows)]
    for row in rows:
        parts += ["", f"### {row['size']:,} customers: {benchmark}", "", row["table"]]
    return "\n".join(parts) + "\n"


def typeahead() -> str:
    return _tables(
        "typeahead",
        """## Finding people while their names are typed

`python -m benchmarks.typeahead`: the search itself, beside a bare prefix query through psycopg in the same rounds.""",
    )


def lists() -> str:
    return _tables(
        "lists",
        """## Lists

`python -m benchmarks.lists`: pages of a hundred of `GET /customers`, whole answers in one process, beside the bare
first page through psycopg.""",
    )


def disk() -> str:
    return _tables(
        "disk",
        """## Disk

`python -m benchmarks.disk`, after filling: bytes for each customer of every table and index. Of ten customers five have
a name and a record of CRM, one of these another record of ERP, and five are nameless shoppers.""",
    )


def kills() -> str:
    rows = sorted(results.kept("kills"), key=lambda row: (row["records"], row["kills"], row["seed"]))
    if not rows:
        return ""
    columns: list[Column] = [
        ("kills", lambda row: str(row["kills"])),
        ("what was killed", lambda row: ", ".join(f"{what} {times}" for what, times in sorted(row["killed"].items()))),
        ("records of the file", lambda row: f"{row['records']:,}"),
        ("single records", lambda row: f"{row['single']:,}"),
        ("sent again", lambda row: f"{row['sent_again']:,}"),
        ("done before", lambda row: f"{row['replayed']:,}"),
        ("seconds", lambda row: f"{row['seconds']:,}"),
        ("rows that differ", lambda row: f"{sum(row['different'].values()):,}"),
    ]
    return f"""## Killed in the middle

`python -m benchmarks.kills`: `manage.py serve` with a file sent to `POST /imports` and single records to
`POST /customers` beside it, while its processes are killed by SIGKILL at random moments; in the end its registry is
compared row for row with that of a run that nobody disturbed (`benchmarks/kills/comparing.py`). *Sent again* are
attempts without an answer, *done before* those answered from what an earlier attempt had done. {_how(rows)}

{table(columns, rows)}
"""


def whole_registry() -> str:
    rows = sorted(results.kept("whole_registry"), key=lambda row: row["size"])
    if not rows:
        return ""
    stages = ("preparing", "comparing", "proposing")
    columns: list[Column] = [
        ("customers", lambda row: f"{row['size']:,}"),
        ("statements", lambda row: f"{row['statements']:,}"),
        ("pairs compared", lambda row: f"{row['pairs']:,}"),
        ("pairs found", lambda row: f"{row['found']:,}"),
        ("preparing, s", lambda row: f"{row['preparing']:,.0f}"),
        ("comparing, s", lambda row: f"{row['comparing']:,.0f}"),
        ("proposing, s", lambda row: f"{row['proposing']:,.0f}"),
        ("µs a statement", lambda row: f"{1e6 * sum(row[stage] for stage in stages) / row['statements']:,.0f}"),
        ("most memory, MiB", lambda row: f"{row['mebibytes']:,}"),
        ("most files, MiB", lambda row: f"{row['files']:,}"),
    ]
    return f"""## The whole registry

`python -m benchmarks.whole_registry`: `manage.py match_registry` on DuckDB, from the registry's rows to the pairs that
it would propose. Seconds are processor time of its processes, PostgreSQL's not counted: *preparing* is reading and
working out keys, *comparing* finding who shares a key with somebody and weighing the pairs, *proposing* choosing the
best of each two customers. {_how(rows)}

{table(columns, rows)}
"""


SECTIONS: Sequence[Callable[[], str]] = (doors, bulk, whole_registry, typeahead, lists, disk, kills)


def table(columns: Sequence[Column], rows: Iterable[Row]) -> str:
    lines = [[name for name, _ in columns], ["---"] * len(columns)]
    lines += [[told(row) for _, told in columns] for row in rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _how(rows: Iterable[Row]) -> str:
    """Days and machines of the rows."""
    known = sorted({(row["on"], row["machine"]) for row in rows})
    return "Measured " + "; ".join(f"on {day}: {machine}" for day, machine in known) + "."


if __name__ == "__main__":
    sys.exit(main())

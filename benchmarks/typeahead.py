"""How long finding people takes while somebody types their names, beside the bare prefix query.

    python -m benchmarks.typeahead [--url postgresql://…] [--prompts 2000]

Against a registry that is already filled (benchmarks.filling). The floor, in the same rounds and for the same prompts,
is one prefix query through psycopg that reads as many rows of one index. What is measured is the search itself
(contacts.typeahead), and with `--answers` the whole answer of `GET /customers/search` as well, which asks for two
letters at least; in this process and without a network.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import psycopg

from benchmarks import people
from benchmarks.figures import Series, statements
from benchmarks.in_process import parser, tell

LIMIT = 20
KINDS = 8
_BARE = """
SELECT * FROM contacts_customer
WHERE tenant_id = %s AND deleted_at IS NULL AND NOT (last_name = '') AND lower(last_name) LIKE lower(%s) || '%%'
ORDER BY lower(last_name) USING ~<~ LIMIT 20
"""
_NICKNAMES = ("bob", "chuck", "liz", "bill", "peggy")


def prompts(number: int, seed: int) -> Iterator[tuple[str, str]]:
    """What is typed, and of which kind, evenly of all kinds; always the same for the same seed."""
    rng = random.Random(seed)
    for place in range(number):
        somebody = people.facts_of(2 * rng.randrange(1, 50_000_000))
        first, last = somebody.first_name.lower(), somebody.last_name.lower()
        kinds = {
            "one letter": last[:1],
            "two letters": rng.choice((first, last))[:2],
            "beginning of a name": last[: rng.randint(3, len(last))],
            "both beginnings": f"{first[: rng.randint(1, len(first))]} {last[: rng.randint(1, len(last))]}",
            "whole name": f"{last} {first}",
            "a letter each": f"{first[:1]} {last[:1]}",
            "nickname and beginning": f"{rng.choice(_NICKNAMES)} {last[:2]}",
            "nobody": f"q{last[:2]}x {first[:2]}",
        }
        kind = list(kinds)[place % len(kinds)]
        yield kind, kinds[kind]


def main() -> int:
    options = parser(__doc__)
    options.add_argument("--prompts", type=int, default=2000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--answers", action="store_true", help="Measure whole answers of the API, too.")
    asked = options.parse_args()
    tell("typeahead", asked, lambda connection: _measured(connection, asked))
    return 0


def _measured(connection: psycopg.Connection, asked: argparse.Namespace) -> list[Series]:
    floor, every, answers = Series("bare prefix query through psycopg"), Series("all prompts"), Series("whole answers")
    by_kind: dict[str, Series] = {}
    search, answered = _search(), _answers()
    tenant = _tenant(connection)
    for place, (kind, typed) in enumerate(prompts(asked.prompts, asked.seed)):
        takes = [
            partial(floor.take, partial(_bare, connection, tenant, typed)),
            partial(every.take, partial(search, typed), counted=statements),
        ]
        # Whichever comes second finds in memory what the first has read: of every kind each comes second as often.
        for take in takes if place // KINDS % 2 else reversed(takes):
            take()
        each = by_kind.setdefault(kind, Series(kind))
        each.statements = every.statements
        each.seconds.append(every.seconds[-1])
        if asked.answers and len(typed) > 1:
            answers.take(partial(answered, typed), counted=statements)
    return [floor, every, *by_kind.values(), *([answers] if asked.answers else [])]


def _bare(connection: psycopg.Connection, tenant: int, typed: str) -> list[Any]:
    return connection.execute(_BARE, [tenant, typed.split(" ")[-1]]).fetchall()


def _tenant(connection: psycopg.Connection) -> int:
    row = connection.execute("SELECT id FROM sources_tenant ORDER BY id LIMIT 1").fetchone()
    return int(row[0]) if row else 0


def _search() -> Callable[[str], Any]:
    from contacts import typeahead
    from sources.models import Tenant

    tenant = Tenant.objects.order_by("pk")[0]
    return lambda typed: typeahead.search(typed, tenant=tenant, limit=LIMIT)


def _answers() -> Callable[[str], Any]:
    from django.test import Client

    client = Client()
    return lambda typed: client.get("/customers/search", {"q": typed, "limit": str(LIMIT)})


if __name__ == "__main__":
    sys.exit(main())

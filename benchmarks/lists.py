"""How long a page of `GET /customers` takes, near the beginning and far from it, with every order and filter.

    python -m benchmarks.lists [--url postgresql://…] [--rounds 20]

Against a registry that is already filled (benchmarks.filling). The application answers in this process, without a
network. Beside each: the ratio to the floor, which is the bare first page through psycopg, measured in the same rounds;
and how many statements it sent. A deep page is asked for by number, and by the cursor that `Link` carries.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import psycopg

from benchmarks.figures import Series, statements
from benchmarks.in_process import parser, tell

LIMIT = 100
_BARE = """
SELECT * FROM contacts_customer WHERE tenant_id = %s AND deleted_at IS NULL ORDER BY id LIMIT 100
"""
DEEP = (1, 100, 50_000)
ORDERS = ("id", "-id", "created_at", "-created_at", "updated_at", "first_name", "-first_name", "last_name")


def main() -> int:
    options = parser(__doc__)
    options.add_argument("--rounds", type=int, default=20)
    asked = options.parse_args()
    tell("lists", asked, lambda connection: _measured(asked.rounds, connection))
    return 0


def _measured(rounds: int, connection: psycopg.Connection) -> list[Series]:
    row = connection.execute("SELECT id FROM sources_tenant ORDER BY id LIMIT 1").fetchone()
    tenant = row[0] if row else 0
    floor = Series("bare first page through psycopg")
    series = [floor, *(Series(name) for name in dict(_pages()))]
    addresses = dict(_pages())
    _answered("/customers?page=2000")  # whoever asks first has the positions marked
    for _ in range(rounds):
        floor.take(lambda: connection.execute(_BARE, [tenant]).fetchall())
        for each in series[1:]:
            each.take(_ask(addresses[each.name]), counted=statements)
    return series


def _pages() -> Iterator[tuple[str, str]]:
    for page in DEEP:
        yield f"page {page:,}", f"/customers?page={page}"
    yield "past the end", "/customers?page=900000000"
    for order in ORDERS:
        yield f"by {order}", f"/customers?ordering={order}"
        yield f"by {order}, page 5,000", f"/customers?ordering={order}&page=5000"
        yield f"by {order}, page 5,001 by its cursor", _next(f"/customers?ordering={order}&page=5000")
    for name, query in _filters().items():
        for order in ("", *ORDERS):
            yield (
                f"{name}{f' by {order}' if order else ''}",
                f"/customers?{query}{f'&ordering={order}' if order else ''}",
            )


def _filters() -> dict[str, str]:
    """One frequent and one rare value for each, from what the registry holds."""
    newest = _answered("/customers?ordering=-id&limit=1").json()[0]
    named = _answered("/customers?ordering=-last_name&limit=1").json()[0]
    return {
        "e-mail": f"email={newest['email']}",
        "phone": f"phone={newest['phone']}".replace("+", "%2B"),
        "frequent last name": "last_name=Smith",
        "rare last name": f"last_name={named['last_name']}",
        "frequent first name": "first_name=James",
        "frequent beginning": "last_name_prefix=s",
        "frequent and rare beginning": "last_name_prefix=s&first_name_prefix=zz",
        "both names": "first_name=James&last_name=Smith",
        "frequent source": "source_system=CRM",
        "built-in source": "source_system=storefront",
        "all by time": "created_after=2000-01-01T00:00:00Z",
        "newest by time": f"created_after={newest['created_at']}",
        "changed": "updated_after=2000-01-01T00:00:00Z",
        "changed, frequent name": "updated_after=2000-01-01T00:00:00Z&last_name=Smith",
        "deleted too": "include_deleted=true",
    }


def _next(address: str) -> str:
    found = re.search(r'<([^>]*)>; rel="next"', _answered(address)["Link"])
    if found is None:
        return address
    parts = urlsplit(found.group(1))
    return f"{parts.path}?{parts.query}"


def _ask(address: str) -> Callable[[], Any]:
    return lambda: _answered(address)


def _answered(address: str) -> Any:
    from django.test import Client

    return Client().get(address)


if __name__ == "__main__":
    sys.exit(main())

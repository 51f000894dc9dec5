"""Posts records one after the other until it is done or killed; a program of its own, for the tests to kill.

Usage: python -m tests.concurrency.posting_process TENANT NUMBER. Prints a line for each record posted.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from random import Random
from typing import Any

import django

SEED = 2026


def records(number: int) -> Iterator[dict[str, Any]]:
    """The same ones in the same order every time, each under a key of its own."""
    from tests.properties.people import SOURCES, somebody

    rng = Random(SEED)
    for key in range(number):
        yield {"body": somebody(rng), "to": rng.choice(SOURCES), "key": str(key)}


def main(tenant_name: str, number: str) -> None:
    django.setup()
    from sources.models import Tenant
    from tests.registry import post

    tenant = Tenant.objects.get(name=tenant_name)
    for record in records(int(number)):
        post(**record, tenant=tenant)
        sys.stdout.write("posted\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])

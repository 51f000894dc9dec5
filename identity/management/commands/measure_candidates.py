"""Measures candidate search on the registry as it is: how many customers a request reads, and whom it overlooks."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from statistics import median
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from contacts.models import Contact, Customer
from identity.management import arguments
from identity.progress import Progress
from matching.active import active_model
from matching.completeness import Probe, probe
from matching.search import lookup_keys, neighbourhood
from sources.models import DEFAULT_TENANT, Tenant

SEED = 1


class Command(BaseCommand):
    help = (
        "Looks a sample of records up as if they were posted now: by the planned keys and by comparing them with "
        "everybody. Prints the customers read per request and the pairs that the keys missed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        sample = arguments.whole_number(least=1)
        parser.add_argument("--sample", type=sample, default=300, help="How many records (default 300).")
        parser.add_argument("--seed", type=int, default=SEED, help="Which records.")
        parser.add_argument("--tenant", default=DEFAULT_TENANT)
        parser.add_argument("--explain", action="store_true", help="Also print how PostgreSQL ran the widest search.")

    def handle(self, *args: Any, **options: Any) -> None:
        tenant = Tenant.objects.filter(name=options["tenant"]).first()
        if tenant is None:
            raise CommandError(f"There is no tenant {options['tenant']!r}.")
        sample = _sample(tenant, options["sample"], seed=options["seed"])
        if not sample:
            raise CommandError("The registry is empty.")
        told = Progress(self.stderr, "records looked up")
        probes = []
        for result in probe(sample, tenant=tenant):
            probes.append(result)
            told(len(probes), len(sample))
        self.stdout.write("\n".join(_lines(probes, tenant)))
        if options["explain"]:
            widest = max(probes, key=lambda each: each.read)
            contact = next(each for each in sample if each.pk == widest.contact)
            self.stdout.write(f"\nThe search that read most, {widest.read} customers:\n")
            self.stdout.write("\n".join(_plan(contact, tenant)))


def _sample(tenant: Tenant, size: int, *, seed: int) -> list[Contact]:
    ids = list(Contact.objects.of(tenant).live().order_by("pk").values_list("pk", flat=True))
    chosen = random.Random(seed).sample(ids, min(size, len(ids)))  # noqa: S311  # a repeatable sample
    return list(Contact.objects.filter(pk__in=chosen).order_by("pk"))


def _lines(probes: Sequence[Probe], tenant: Tenant) -> Iterator[str]:
    read = sorted(each.read for each in probes)
    near, missed = sum(len(each.near) for each in probes), sum(len(each.missed) for each in probes)
    yield f"customers          {Customer.objects.of(tenant).live().count():>10,}"
    yield f"records            {Contact.objects.of(tenant).live().count():>10,}"
    yield f"requests sampled   {len(probes):>10,}"
    marks = f"p95 {_share(read, 0.95)}, p99 {_share(read, 0.99)}, max {read[-1]}"
    yield f"customers read     median {median(read):g}, {marks}"
    yield f"capped requests    {sum(bool(each.capped) for each in probes):>10,}"
    yield f"pairs at or above the review threshold, by comparing with everybody   {near:,}"
    yield f"of these missed by the keys                                           {missed:,}"


def _share(ordered: Sequence[int], share: float) -> int:
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def _plan(contact: Contact, tenant: Tenant) -> Iterator[str]:
    """How PostgreSQL runs the statement that reads a record's neighbourhood, with times and buffers."""
    keys = lookup_keys(active_model(tenant).plan, contact.facts, tenant=tenant)
    read: list[tuple[str, Any]] = []

    def remember(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        read.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(remember):
        neighbourhood(tenant=tenant, keys=keys)
    with connection.cursor() as cursor:
        for sql, params in read:
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {sql}", params)
            yield from (row[0] for row in cursor.fetchall())

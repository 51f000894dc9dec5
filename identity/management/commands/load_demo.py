"""Fills a registry with made-up people, by the same way in that every record takes."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from contacts.models import Contact, Customer
from identity.demo import loading
from identity.demo.steps import Step
from identity.management import arguments
from identity.progress import Progress
from matching.models import CandidatePair
from sources.models import DEFAULT_TENANT, Tenant

PEOPLE = 3000


class Command(BaseCommand):
    help = (
        "Loads some thousands of made-up people from five source systems, through the engine. "
        "A load that was broken off is continued; a complete one is left alone."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        people = arguments.whole_number(least=0)
        parser.add_argument("--people", type=people, default=PEOPLE, help=f"How many residents (default {PEOPLE}).")

    def handle(self, *args: Any, **options: Any) -> None:
        tenant = Tenant.objects.get(name=DEFAULT_TENANT)
        if loading.is_complete(tenant):
            self.stdout.write("The demo is loaded already: nothing to do.")
            return
        begun = time.monotonic()
        steps = loading.load(tenant, people=options["people"], report=Progress(self.stdout, "steps"), warn=self._warn)
        self.stdout.write(f"  {steps:,} steps in {time.monotonic() - begun:.1f} s: {_holdings(tenant)}.")

    def _warn(self, step: Step, error: Exception) -> None:
        self.stderr.write(f"  Left out, as it no longer fits: {step.system} {step.key}, {step.at:%d %B %Y}: {error}")


def _holdings(tenant: Tenant) -> str:
    records = Contact.objects.of(tenant).live().count()
    customers = Customer.objects.of(tenant).live().count()
    pending = CandidatePair.objects.filter(tenant=tenant, status=CandidatePair.Status.PENDING).count()
    return f"{records:,} records of {customers:,} customers, {pending:,} candidates to review"

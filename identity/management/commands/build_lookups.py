"""`manage.py build_lookups`: finish the indexes of new lookups now, and clear those of removed ones."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from matching.lookup_building import run_pending
from matching.models import Lookup


class Command(BaseCommand):
    help = "Build the indexes of new identification keys and clear those of deleted ones."

    def handle(self, *args: Any, **options: Any) -> None:
        done = run_pending(told=self._tell)
        self.stdout.write(f"{done} finished")

    def _tell(self, lookup: Lookup) -> None:
        self.stdout.write(f"{lookup.name}: {lookup.customers_built} of {lookup.customers_total or 0}")

"""Stores customers anew under the keys that candidate search reads, and finishes models that are being prepared."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from identity.progress import Progress
from matching import rekeying
from sources.errors import DomainError
from sources.tenants import find_tenant, tenants


class Command(BaseCommand):
    help = (
        "Finishes putting in force a match model whose keys were not built to the end, or else stores every customer "
        "anew under the keys of the model in force. May run while the registry is in use."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tenant", help="Its name or id; all tenants where none is named.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            wanted = [find_tenant(options["tenant"])] if options["tenant"] else list(tenants())
        except DomainError as error:
            raise CommandError(f"{error}.") from error
        for tenant in wanted:
            progress = Progress(self.stdout, f"customers of {tenant}")
            if rekeying.finish(tenant, report=progress):
                self.stdout.write(f"The model that {tenant} was waiting for is in force.")
            else:
                self.stdout.write(
                    f"{rekeying.rebuild(tenant, report=progress):,} customers of {tenant} are stored anew."
                )

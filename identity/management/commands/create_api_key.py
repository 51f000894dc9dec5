"""The first key of an installation, which no API call could make: there would be no key to call with."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from sources.errors import DomainError
from sources.keys import NAME_LIMIT, issue
from sources.models import DEFAULT_TENANT, Scope, SourceSystem, Tenant
from sources.systems import SourceNotFound
from sources.tenants import find_tenant


class Command(BaseCommand):
    help = "Makes an API key and prints it, and nothing else, on standard output. It cannot be shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="what the key is for")
        parser.add_argument(
            "--scopes", nargs="+", choices=Scope.values, default=[Scope.READ.value], help="default: read"
        )
        whose = parser.add_mutually_exclusive_group()
        whose.add_argument("--tenant", help=f"name or id; default: {DEFAULT_TENANT}")
        whose.add_argument("--operator", action="store_true", help="a key of no tenant: each request names one")
        parser.add_argument("--source", help="name of the only source the key may submit for")

    def handle(self, *args: Any, **options: Any) -> str:
        name = options["name"].strip()
        if options["operator"] and options["source"]:
            raise CommandError("A key of one source belongs to that source's tenant: leave out --operator or --source.")
        if not 0 < len(name) <= NAME_LIMIT:
            raise CommandError(f"The name must have 1 to {NAME_LIMIT} characters.")
        try:
            tenant = None if options["operator"] else find_tenant(options["tenant"] or DEFAULT_TENANT)
            source = _source(options["source"], tenant) if tenant and options["source"] else None
            return issue(name=name, scopes=options["scopes"], tenant=tenant, source=source, by="command line").secret
        except DomainError as error:
            raise CommandError(str(error)) from error


def _source(name: str, tenant: Tenant) -> SourceSystem:
    found = SourceSystem.objects.of(tenant).live().filter(name=name).first()
    if found is None:
        raise SourceNotFound
    return found

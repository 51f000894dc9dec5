"""A file of records into the registry, in the foreground; begun again after a kill, it goes on where it was."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from contacts.errors import DomainError
from identity.import_progress import ImportProgress, summary
from imports.models import Import
from imports.options import Options
from imports.packing import BLOCK_BYTES
from imports.receiving import receive, unfinished_twin
from imports.rejects import as_ndjson
from imports.running import DatabaseLost, carry_out
from imports.steering import cancel, resume, start
from sources.models import DEFAULT_TENANT, SourceSystem, Tenant
from sources.systems import SourceNotFound
from sources.tenants import find_tenant

STDIN = "-"


class Command(BaseCommand):
    help = (
        "Imports a file of records: NDJSON or CSV, gzip or not. Killed, the same command goes on where it was. Records"
        " that are not taken are written, with every reason, to a file beside it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help=f"'{STDIN}': standard input")
        parser.add_argument("--source", help="whose the records are that name no source_system")
        parser.add_argument("--format", choices=Import.Format.values, help="default: by name and content")
        parser.add_argument(
            "--map", action="append", default=[], metavar="COLUMN=FIELD", help="CSV; an empty field leaves a column out"
        )
        parser.add_argument("--dry-run", action="store_true", help="count what would become of them, write nothing")
        parser.add_argument("--rejected", type=Path, help="where to write rejected rows; default: FILE.rejected.ndjson")
        parser.add_argument("--tenant", default=DEFAULT_TENANT, help=f"name or id; default: {DEFAULT_TENANT}")
        parser.add_argument("--by", default="command line", help="who acts, for the audit trail")

    def handle(self, *args: Any, **options: Any) -> None:
        rejected = options["rejected"] or _beside(options["file"])
        if options["file"] == STDIN or Path(options["file"]).exists():
            _refuse_unwritable(rejected)
        try:
            tenant = find_tenant(options["tenant"])
            waiting = self._received(options, tenant)
            done = carry_out(waiting.pk, told=ImportProgress(self.stderr))
        except (DomainError, OSError) as error:
            raise CommandError(str(error)) from error
        except DatabaseLost as error:
            raise CommandError("The database does not answer. The same command goes on where this one was.") from error
        self._tell(done, rejected)

    def _received(self, options: dict[str, Any], tenant: Tenant) -> Import:
        """The import of the file, queued: a new one, or the one that an earlier call did not finish."""
        asked = Options(
            format=options["format"] or "",
            mapping=_mapping(options["map"]),
            source=_source(options["source"], tenant) if options["source"] else None,
            dry_run=options["dry_run"],
        )
        name = Path(options["file"]).name
        received = receive(_pieces(options["file"]), asked, name=name, tenant=tenant, by=options["by"])
        earlier = unfinished_twin(received)
        if earlier is None:
            return start(received.pk, tenant=tenant, in_background=False)
        cancel(received.pk, tenant=tenant)
        self.stderr.write(f"Going on with import {earlier.pk}, which stands at line {earlier.lines:,}.")
        return (
            earlier if earlier.state == Import.State.QUEUED else resume(earlier.pk, tenant=tenant, in_background=False)
        )

    def _tell(self, done: Import, rejected: Path) -> None:
        self.stdout.write(summary(done))
        if done.rejected:
            try:
                with rejected.open("wb") as file:
                    file.writelines(as_ndjson(done))
            except OSError as error:
                raise CommandError(f"{error}. GET /imports/{done.pk}/rejected has the rejected rows.") from error
            self.stdout.write(f"Rejected rows with their reasons are in {rejected}")
        if done.state != Import.State.DONE:
            raise CommandError(f"The import is {done.state}.")


def _pieces(file: str) -> Iterator[bytes]:
    if file == STDIN:
        yield from iter(lambda: sys.stdin.buffer.read(BLOCK_BYTES), b"")
        return
    with Path(file).open("rb") as content:
        yield from iter(lambda: content.read(BLOCK_BYTES), b"")


def _beside(file: str) -> Path:
    return Path("stdin.rejected.ndjson") if file == STDIN else Path(f"{file}.rejected.ndjson")


def _refuse_unwritable(rejected: Path) -> None:
    """Raises CommandError now, and not when the whole file is through."""
    if rejected.is_dir() or not os.access(rejected if rejected.exists() else rejected.parent, os.W_OK):
        raise CommandError(f"{rejected} cannot be written. --rejected names another place for rejected rows.")


def _mapping(pairs: list[str]) -> dict[str, str]:
    if wrong := [pair for pair in pairs if "=" not in pair]:
        raise CommandError(f"--map wants COLUMN=FIELD, not {', '.join(wrong)}")
    return {column: field for column, _, field in (pair.rpartition("=") for pair in pairs)}


def _source(name: str, tenant: Tenant) -> SourceSystem:
    found = SourceSystem.objects.of(tenant).live().filter(name=name, built_in=False).first()
    if found is None:
        raise SourceNotFound
    return found

"""What the commands that export have in common: where the file goes, in which form, and how far it has come."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, ClassVar

from django.core.management.base import BaseCommand, CommandError, CommandParser

from contacts.exports.exporting import export
from contacts.exports.formats import FORMATS, Format, gzipped
from contacts.exports.tables import Table
from identity.progress import Counted
from sources.errors import DomainError
from sources.models import DEFAULT_TENANT
from sources.tenants import find_tenant

STANDARD_OUTPUT = "-"
GZIP = ".gz"


class ExportCommand(BaseCommand):
    """Writes `table` to FILE, which is there under its name only once it is whole."""

    table: ClassVar[Table]

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help=f"{STANDARD_OUTPUT}: standard output; .gz at the end: gzip")
        parser.add_argument(
            "--format", choices=FORMATS, help="default: by the ending, .csv, .ndjson or .parquet; else csv"
        )
        parser.add_argument("--tenant", default=DEFAULT_TENANT, help="name or id; default: %(default)s")

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["file"]
        form, gzip = _form(name, options["format"]), name.endswith(GZIP)
        if gzip and not form.is_text:
            raise CommandError("Parquet is compressed inside; leave out .gz")
        try:
            tenant = find_tenant(options["tenant"])
        except DomainError as error:
            raise CommandError(str(error)) from error
        counted = Counted(self.stderr, "rows")
        with _destination(name) as out:
            pieces = export(self.table, tenant=tenant, form=form, told=counted)
            out.writelines(gzipped(pieces) if gzip else pieces)
        counted.finish()


def _form(name: str, asked: str | None) -> Format:
    ending = name.removesuffix(GZIP).rpartition(".")[2]
    return FORMATS[asked or (ending if ending in FORMATS else "csv")]


@contextmanager
def _destination(name: str) -> Iterator[IO[bytes]]:
    """Raises CommandError where FILE cannot be written. A pipe or a device is written as it is."""
    if name == STANDARD_OUTPUT:
        yield sys.stdout.buffer
        return
    whole = Path(name)
    in_place = whole.exists() and not whole.is_file()
    part = whole if in_place else whole.with_name(f"{whole.name}.part")
    try:
        with part.open("wb") as out:
            yield out
        if not in_place:
            part.replace(whole)
    except OSError as error:
        raise CommandError(f"{name} cannot be written: {error.strerror}") from error
    finally:
        if not in_place:
            part.unlink(missing_ok=True)

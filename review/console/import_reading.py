"""How a file is to be read, as the forms of the console ask it and answer it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.db.models import QuerySet

from contacts.attributes import types_of
from imports.columns import ATTRIBUTE, FIELDS
from imports.models import Import
from imports.normalising import legible
from imports.options import Options
from imports.previewing import Preview
from review.console.labels import field_label
from review.console.pages import SeatedRequest
from sources.models import SourceSystem, Tenant

SAMPLES = 3

# The word of the form: the format, empty where the file itself tells, and what it is called.
FORMAT_WORDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "": ("", "Tell by the file"),
        "csv": (str(Import.Format.CSV), "CSV: a header, then a record on each line"),
        "ndjson": (str(Import.Format.NDJSON), "NDJSON: a JSON object on each line"),
    }
)
_FIELD_WORDS = {
    "source_system": "Source",
    "source_key": "Key in the source",
    "effective_date": "Since when it is so",
    "source_of_truth": "Source of truth",
}


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """A column of the file, the field it is mapped to (empty: none) and its first values."""

    input_name: str
    name: str
    field: str
    samples: list[str]


def sources_of(tenant: Tenant) -> QuerySet[SourceSystem]:
    """Those a record can be of."""
    return SourceSystem.objects.of(tenant).live().filter(built_in=False).order_by("name")


def asked_source(request: SeatedRequest) -> SourceSystem | None:
    return sources_of(request.seat.tenant).filter(name=request.POST.get("source", "")).first()


def field_choices(tenant: Tenant) -> list[tuple[str, str]]:
    """The fields that a column can be, the tenant's own among them."""
    usual = [(field, _FIELD_WORDS.get(field) or field_label(field)) for field in FIELDS]
    own = [(ATTRIBUTE + name, f"{name} (your own)") for name in sorted(types_of(tenant))]
    return [*usual, *own]


def column_choices(preview: Preview) -> Iterator[ColumnChoice]:
    for place, (name, field) in enumerate(preview.columns):
        cells = [row.cells[place] for row in preview.rows if row.cells and len(row.cells) > place]
        samples = [_legible(cell) for cell in cells if cell.strip()][:SAMPLES]
        yield ColumnChoice(f"column-{place}", name, field or "", samples)


def _legible(cell: str) -> str:
    """Bytes that are no UTF-8 are told as bytes: they cannot be written into a page."""
    return legible(cell.encode("utf-8", "surrogateescape"))


def asked_options(request: SeatedRequest, imported: Import, *, dry_run: bool) -> Options:
    """What the form of the import's page asks; columns it does not mention stay as they are."""
    asked = request.POST
    columns = enumerate(imported.columns or [])
    mapping = {name: asked.get(f"column-{place}", field or "") for place, (name, field) in columns}
    kept = FORMAT_WORDS.get(asked.get("format", ""), ("", ""))[0] or imported.format
    return Options(
        format=kept,
        mapping=mapping if kept == Import.Format.CSV else {},
        source=asked_source(request),
        only_source=imported.only_source,
        dry_run=dry_run,
    )


def same_options(imported: Import) -> Options:
    """As it is read now."""
    return Options(
        format=imported.format,
        mapping={name: field or "" for name, field in imported.columns or []},
        source=imported.source,
        only_source=imported.only_source,
        dry_run=imported.dry_run,
        columns_follow=True,
    )

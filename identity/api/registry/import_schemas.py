"""How imports look in answers and in the OpenAPI document."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from imports.columns import FIELDS
from imports.models import Import
from imports.progress import progress_of

COUNTERS = ("lines", "records", "rejected", "collisions", "created", "linked", "updated", "found", "candidates")

FILE: dict[str, Any] = {
    **dict.fromkeys(
        ("application/x-ndjson", "text/csv", "application/gzip", "application/octet-stream"), OpenApiTypes.BINARY
    ),
    "multipart/form-data": {
        "type": "object",
        "properties": {"file": {"type": "string", "format": "binary"}},
        "required": ["file"],
    },
}
OPTIONS = (
    OpenApiParameter("source", str, description="The source of records that name none."),
    OpenApiParameter(
        "format", str, enum=Import.Format.values, description="By default what the type, name or content say."
    ),
    OpenApiParameter(
        "map",
        str,
        many=True,
        description="CSV: `COLUMN=FIELD`, once for each column; an empty field leaves it out. Fields: "
        f"{', '.join(FIELDS)} and `attributes.NAME`. Columns that are not mapped are known by their usual names.",
    ),
    OpenApiParameter("dry_run", bool, description="Count what would become of the records, and write nothing."),
    OpenApiParameter("start", bool, description="`false`: check the file only, and wait for `POST …/start`."),
    OpenApiParameter("name", str, description="What the file is called. A form's file has its own name."),
)


class ColumnBody(serializers.Serializer[Any]):
    """A column of a CSV file and the field it is; null: kept with the record as sent, and not read."""

    name = serializers.CharField()
    field = serializers.CharField(allow_null=True)


class ImportBody(serializers.Serializer[Import]):
    """A file of records on its way into the registry. In a dry run the counters tell what would become of it."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    state = serializers.ChoiceField(choices=Import.State.values)
    format = serializers.ChoiceField(choices=Import.Format.values)
    source = serializers.CharField(allow_null=True)  # type: ignore[assignment]  # the answer's name
    columns = ColumnBody(many=True, allow_null=True)
    dry_run = serializers.BooleanField()
    size = serializers.IntegerField(help_text="Bytes, unpacked.")
    lines = serializers.IntegerField(help_text="Lines of the file dealt with.")
    records = serializers.IntegerField(help_text="Records dealt with, the rejected among them.")
    rejected = serializers.IntegerField()
    collisions = serializers.IntegerField(help_text="Rejected because their source key is another person's.")
    created = serializers.IntegerField()
    linked = serializers.IntegerField()
    updated = serializers.IntegerField()
    found = serializers.IntegerField(help_text="Records that said nothing new.")
    candidates = serializers.IntegerField(help_text="Pairs opened for review.")
    progress = serializers.FloatField(help_text="Share of the file dealt with, 0 to 1.")
    rate = serializers.FloatField(allow_null=True, help_text="Records a second while it ran.")
    seconds_left = serializers.FloatField(allow_null=True, help_text="At that pace.")
    expected_end = serializers.DateTimeField(allow_null=True)
    error = serializers.CharField(allow_null=True, help_text="Of a failed import: what kind of error it was.")
    created_by = serializers.CharField()
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)


def import_body(imported: Import) -> dict[str, Any]:
    progress = progress_of(imported)
    return {
        "id": imported.pk,
        "name": imported.name,
        "state": imported.state,
        "format": imported.format,
        "source": imported.source.name if imported.source else None,
        "columns": imported.columns and [{"name": name, "field": field} for name, field in imported.columns],
        "dry_run": imported.dry_run,
        "size": imported.size,
        **{counter: getattr(imported, counter) for counter in COUNTERS},
        "progress": progress.share,
        "rate": progress.rate,
        "seconds_left": progress.seconds_left,
        "expected_end": progress.expected_end,
        "error": imported.error or None,
        "created_by": imported.by,
        "created_at": imported.created_at,
        "started_at": imported.started_at,
        "finished_at": imported.finished_at,
    }


class RejectedBody(serializers.Serializer[Any]):
    """A row that was not taken."""

    line = serializers.IntegerField(help_text="Where it begins in the file, from 1.")
    raw = serializers.CharField(help_text="As it stands there; bytes that are no text are escaped.")
    errors = serializers.ListField(child=serializers.CharField())  # type: ignore[assignment]  # the contract's name

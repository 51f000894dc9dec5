"""`/imports`: whole files of records, carried out in the background."""

from __future__ import annotations

from typing import Any

from django.db.models import prefetch_related_objects
from django.http import HttpResponseBase, StreamingHttpResponse
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import ParseError
from rest_framework.request import Request

from identity.api.documentation import ErrorSerializer, answered, breaches, refused
from identity.api.idempotency import REPLAYED, Answer
from identity.api.listings import Listing
from identity.api.orders import BY_ID
from identity.api.paging import PAGING, page_of
from identity.api.registry.import_schemas import FILE, OPTIONS, ImportBody, import_body
from identity.api.rendering import Response
from identity.api.uploads import (
    CsvUpload,
    FormUpload,
    GzipUpload,
    NdjsonUpload,
    NdjsonUploadByItsOtherName,
    Upload,
    UploadParser,
)
from identity.api.views import ApiView, Call
from imports import steering
from imports.models import Import
from imports.rejects import as_csv, as_ndjson

EXAMPLE = {
    "id": 7,
    "name": "crm.ndjson.gz",
    "state": "running",
    "format": "ndjson",
    "source": "CRM",
    "columns": None,
    "dry_run": False,
    "size": 412_000_000,
    "lines": 600_000,
    "records": 600_000,
    "rejected": 112,
    "collisions": 9,
    "created": 431_208,
    "linked": 168_680,
    "updated": 0,
    "found": 0,
    "candidates": 5_310,
    "progress": 0.58,
    "rate": 4_211.0,
    "seconds_left": 103.2,
    "expected_end": "2026-03-06T14:34:12Z",
    "error": None,
    "created_by": "jane.smith",
    "created_at": "2026-03-06T14:29:58Z",
    "started_at": "2026-03-06T14:30:00Z",
    "finished_at": None,
}
NOT_FOUND = refused("Import not found")
REJECTED = '{"line": 17, "raw": "{\\"first_name\\": 1", "errors": ["the line is not valid JSON"]}\n'
FILES = [
    OpenApiExample(
        "NDJSON",
        value='{"source_system": "CRM", "source_key": "C-1001", "last_name": "Abernathy", "email": "c@a.example"}\n',
        media_type="application/x-ndjson",
        request_only=True,
    ),
    OpenApiExample(
        "CSV",
        value="source_system,source_key,last_name,email\nCRM,C-1001,Abernathy,c@a.example\n",
        media_type="text/csv",
        request_only=True,
    ),
]


def _or_withdrawn(answer: Answer, upload: Upload) -> Answer:
    """The same method; nothing stays of a file that was sent again, or whose request was refused."""

    def answered(request: Call) -> Response:
        done = None
        try:
            done = answer(request)
            return done
        finally:
            if done is None or REPLAYED in done.headers:
                steering.withdraw(upload.imported)

    return answered


class Imports(ApiView):
    parser_classes = [NdjsonUpload, NdjsonUploadByItsOtherName, CsvUpload, FormUpload, GzipUpload, UploadParser]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """The file is received before anything is decided, and outside of every transaction."""
        super().initial(request, *args, **kwargs)
        if request.method == "POST" and isinstance(request.data, Upload):
            self.post = _or_withdrawn(self.post, request.data)  # type: ignore[method-assign]  # for this request

    @extend_schema(
        operation_id="import_file",
        summary="Import a file of records",
        description=(
            "The body is NDJSON (one record as of `POST /customers` on each line) or CSV with a header, gzip or not,"
            " as it is or as the file of a form. It is received whole, and its records are resolved in the background"
            " in the order of the file, as if each had been posted; `Location` tells how far that is. Records that are"
            " refused do not stop the others. The same file again makes no duplicates."
        ),
        parameters=[
            *OPTIONS,
            OpenApiParameter("Location", str, "header", response=[201, 202], description="Tells how far it is."),
        ],
        request=FILE,
        responses={
            202: OpenApiResponse(ImportBody, description="Received; it is carried out in the background."),
            201: OpenApiResponse(ImportBody, description="Received and checked; it waits to be started."),
            400: breaches("the file holds no records", "column 'mail' is not in the file"),
            413: refused("The file is larger than 21,474,836,480 bytes unpacked"),
            415: OpenApiResponse(ErrorSerializer, description="The body's type or encoding is none of these."),
        },
        examples=[*FILES, answered({**EXAMPLE, "state": "queued"}, 202)],
    )
    def post(self, request: Call) -> Response:
        upload = request.data
        if not isinstance(upload, Upload):
            raise ParseError("The body holds no file")
        imported = upload.imported
        if not upload.waits:
            imported = steering.start(imported.pk, tenant=request.tenant)
        headers = {"Location": reverse("import", args=[imported.pk])}
        return Response(import_body(imported), status=201 if upload.waits else 202, headers=headers)

    @extend_schema(
        operation_id="list_imports",
        summary="List imports",
        description="The newest first.",
        parameters=[*PAGING, OpenApiParameter("state", str, enum=Import.State.values)],
        responses={200: ImportBody(many=True)},
        examples=[answered(EXAMPLE)],
    )
    def get(self, request: Call) -> Response:
        rows = steering.imports_of(request.tenant)
        if state := request.query_params.get("state"):
            rows = rows.filter(state=state)
        page = page_of(request, Listing(rows, BY_ID.backwards))
        prefetch_related_objects(list(page.rows), "source")
        return Response([import_body(imported) for imported in page.rows], headers=page.headers)


class ImportById(ApiView):
    @extend_schema(
        operation_id="read_import",
        summary="See how far an import is",
        description="Its state, what became of the records so far, and when it will be done.",
        responses={200: ImportBody, 404: NOT_FOUND},
        examples=[answered(EXAMPLE)],
    )
    def get(self, request: Call, import_id: str) -> Response:
        return Response(import_body(steering.find_import(import_id, tenant=request.tenant)))


class Start(ApiView):
    @extend_schema(
        operation_id="start_import",
        summary="Start an import",
        description="One that was only checked; or, for real, one whose dry run is done.",
        request=None,
        responses={200: ImportBody, 404: NOT_FOUND, 409: refused("An import that is running cannot be started")},
        examples=[answered({**EXAMPLE, "state": "queued"})],
    )
    def post(self, request: Call, import_id: str) -> Response:
        return Response(import_body(steering.start(import_id, tenant=request.tenant)))


class Pause(ApiView):
    @extend_schema(
        operation_id="pause_import",
        summary="Pause an import",
        description="At once: what is being resolved at this moment is taken back, and resolved when it goes on.",
        request=None,
        responses={200: ImportBody, 404: NOT_FOUND, 409: refused("An import that is done cannot be paused")},
        examples=[answered({**EXAMPLE, "state": "paused"})],
    )
    def post(self, request: Call, import_id: str) -> Response:
        return Response(import_body(steering.pause(import_id, tenant=request.tenant)))


class Resume(ApiView):
    @extend_schema(
        operation_id="resume_import",
        summary="Let an import go on",
        description="Where it stands: one that is paused, has failed, or has not got on for two minutes.",
        request=None,
        responses={200: ImportBody, 404: NOT_FOUND, 409: refused("An import that is done cannot be resumed")},
        examples=[answered({**EXAMPLE, "state": "queued"})],
    )
    def post(self, request: Call, import_id: str) -> Response:
        return Response(import_body(steering.resume(import_id, tenant=request.tenant)))


class Cancel(ApiView):
    @extend_schema(
        operation_id="cancel_import",
        summary="Give an import up",
        description="What was resolved stays; the rest of the file is thrown away.",
        request=None,
        responses={200: ImportBody, 404: NOT_FOUND, 409: refused("An import that is done cannot be cancelled")},
        examples=[answered({**EXAMPLE, "state": "cancelled"})],
    )
    def post(self, request: Call, import_id: str) -> Response:
        return Response(import_body(steering.cancel(import_id, tenant=request.tenant)))


class Rejected(ApiView):
    @extend_schema(
        operation_id="list_rejected_rows",
        summary="Download the rows that were not taken",
        description=(
            "With the line each stands on and everything that is wrong with it: NDJSON (`line`, `raw`, `errors`), or"
            " with `format=csv` CSV of the same columns."
        ),
        parameters=[OpenApiParameter("format", str, enum=Import.Format.values)],
        responses={
            (200, "application/x-ndjson"): OpenApiTypes.STR,
            (200, "text/csv"): OpenApiTypes.STR,
            404: NOT_FOUND,
        },
        examples=[
            OpenApiExample(
                "rows", value=REJECTED, media_type="application/x-ndjson", response_only=True, status_codes=["200"]
            )
        ],
    )
    def get(self, request: Call, import_id: str) -> HttpResponseBase:
        imported = steering.find_import(import_id, tenant=request.tenant)
        as_table = request.query_params.get("format") == Import.Format.CSV
        rows, kind, suffix = (
            (as_csv(imported), "text/csv", "csv")
            if as_table
            else (as_ndjson(imported), "application/x-ndjson", "ndjson")
        )
        response = StreamingHttpResponse(rows, content_type=kind)
        response["Content-Disposition"] = f'attachment; filename="import-{imported.pk}-rejected.{suffix}"'
        return response

"""`/exports`: a tenant's crosswalk and golden records as one file, streamed."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import ClassVar

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema

from contacts.errors import Invalid
from contacts.exports.exporting import export
from contacts.exports.formats import FORMATS, Format, gzipped
from contacts.exports.tables import CROSSWALK, CUSTOMERS, Table
from identity.api.registry.customer_examples import AT, ID
from identity.api.views import ApiView, Call
from sources.models import Tenant

logger = logging.getLogger(__name__)

USUAL_FORMAT = "csv"
# A snapshot that stays open longer keeps the database from clearing away what was changed since.
MOST_SECONDS = 60 * 60.0

_ACCEPTS_GZIP = re.compile(r"(^|,)\s*(gzip|x-gzip)\s*(;\s*q=(1|0\.0*[1-9])[0-9.]*\s*)?(,|$)", re.IGNORECASE)

PARAMETERS = [
    OpenApiParameter(
        "format",
        str,
        enum=list(FORMATS),
        default=USUAL_FORMAT,
        description=(
            "`csv` (RFC 4180, every value exactly as it is held), `spreadsheet` (CSV for Excel and its like: a cell"
            " that would be read as a formula begins with an apostrophe), `ndjson` or `parquet`."
        ),
    ),
    OpenApiParameter(
        "Accept-Encoding", str, OpenApiParameter.HEADER, description="`gzip` is honoured, but for Parquet."
    ),
]
FILES = {
    (200, "text/csv"): OpenApiTypes.STR,
    (200, "application/x-ndjson"): OpenApiTypes.STR,
    (200, "application/vnd.apache.parquet"): OpenApiTypes.BINARY,
}


def _lines(*lines: str) -> OpenApiExample:
    return OpenApiExample(
        "as CSV", value="\r\n".join([*lines, ""]), media_type="text/csv", response_only=True, status_codes=["200"]
    )


class UnknownFormat(Invalid):
    def __init__(self) -> None:
        super().__init__(f"format must be one of {', '.join(FORMATS)}")


class Export(ApiView):
    """A file of `table`; see contacts.exports."""

    table: ClassVar[Table]

    def get(self, request: Call) -> StreamingHttpResponse:
        form = FORMATS.get(request.query_params.get("format", USUAL_FORMAT))
        if form is None:
            raise UnknownFormat
        gzip = form.is_text and bool(_ACCEPTS_GZIP.search(request.headers.get("Accept-Encoding", "")))
        body = iter(()) if request.method == "HEAD" else _Streamed(self.table, request.tenant, form, gzip=gzip)
        return StreamingHttpResponse(body, headers=self._headers(form, gzip))

    def _headers(self, form: Format, gzip: bool) -> dict[str, str]:
        headers = {
            "Content-Type": form.content_type,
            "Content-Disposition": f'attachment; filename="{self.table.name}.{form.extension}"',
            "Cache-Control": "no-store",
            "Vary": "Accept-Encoding",
        }
        return {**headers, "Content-Encoding": "gzip"} if gzip else headers


class _Streamed:
    """The answer's pieces. The first is made at once: a database which is busy is answered 503 and not half a file.

    Once the answer is under way its status is told, and the server ends it as if it were whole, whatever is raised.
    """

    def __init__(self, table: Table, tenant: Tenant, form: Format, *, gzip: bool) -> None:
        self._export = export(table, tenant=tenant, form=form, seconds=MOST_SECONDS)
        pieces = self._or_broken_off(next(self._export, b""), form.broken_off(table.columns))
        self._pieces = gzipped(pieces) if gzip else pieces

    def _or_broken_off(self, first: bytes, broken_off: bytes) -> Iterator[bytes]:
        yield first
        try:
            yield from self._export
        except Exception:
            logger.exception("an export broke off")
            yield broken_off

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    def close(self) -> None:
        """Called by the server when the answer is sent or its reader is gone: the snapshot ends."""
        self._export.close()


class Crosswalk(Export):
    table = CROSSWALK

    @extend_schema(
        operation_id="export_crosswalk",
        summary="Export the crosswalk",
        description=(
            "`source_system`, `source_key` and `customer_id` of every live alias, in one consistent snapshot,"
            " streamed. Without `source_key`: records of doors whose callers send none (storefront, contact centre)."
        ),
        parameters=PARAMETERS,
        responses=FILES,
        examples=[_lines("source_system,source_key,customer_id", f"CRM,C-1001,{ID}")],
    )
    def get(self, request: Call) -> StreamingHttpResponse:
        return super().get(request)


class GoldenRecords(Export):
    table = CUSTOMERS

    @extend_schema(
        operation_id="export_customers",
        summary="Export the golden records",
        description="The golden record of every live customer, in one consistent snapshot, streamed.",
        parameters=PARAMETERS,
        responses=FILES,
        examples=[_lines(",".join(CUSTOMERS.columns), f"{ID},Charles,Abernathy,,+12148675309,,,,,,{{}},1,{AT},")],
    )
    def get(self, request: Call) -> StreamingHttpResponse:
        return super().get(request)

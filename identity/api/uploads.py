"""Files as request bodies, of any size: kept piece by piece while they come in, never whole in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import IO, TYPE_CHECKING, Any, cast

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import QueryDict, UnreadablePostError
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from rest_framework.exceptions import ParseError, UnsupportedMediaType
from rest_framework.parsers import BaseParser

from contacts.errors import InvalidBody
from identity.api.callers import Caller
from imports.errors import FileTooLarge
from imports.models import Import
from imports.options import Options
from imports.packing import BLOCK_BYTES
from imports.receiving import Receiver
from sources.errors import Forbidden
from sources.models import SourceSystem

if TYPE_CHECKING:
    from identity.api.views import Call  # which imports the parsers' settings

TRUE, FALSE = {"true", "1"}, {"false", "0"}
SWITCHES = ("dry_run", "start")


class Upload:
    """A file that is here; `waits`: whether its sender wants to start it later.

    As text it is what makes a repeated request the same.
    """

    def __init__(self, imported: Import, asked: QueryDict) -> None:
        self.imported = imported
        self.waits = (asked.get("start") or "").lower() in FALSE

    def __str__(self) -> str:
        return self.imported.digest


class UploadParser(BaseParser):
    """The body is the file. Options come in the query."""

    media_type = "application/octet-stream"
    file_format = ""

    def parse(  # type: ignore[override]  # the stubs know mappings only
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Upload:
        """Raises what receiving and reading the options raise, ParseError, UnsupportedMediaType."""
        request: Call = (parser_context or {})["request"]
        _refuse_other_encodings(request)
        options = options_of(request.query_params, request, file_format=self.file_format)
        receiver = Receiver(request.query_params.get("name") or "upload", tenant=request.tenant, by=request.actor)
        for piece in _pieces(stream, receiver):
            receiver.write(piece)
        return Upload(receiver.close(options), request.query_params)


class NdjsonUpload(UploadParser):
    media_type = "application/x-ndjson"
    file_format = Import.Format.NDJSON


class NdjsonUploadByItsOtherName(NdjsonUpload):
    media_type = "application/jsonl"


class CsvUpload(UploadParser):
    media_type = "text/csv"
    file_format = Import.Format.CSV


class GzipUpload(UploadParser):
    media_type = "application/gzip"


class FormUpload(BaseParser):
    """A form with one file; its other fields are options, as those of the query are."""

    media_type = "multipart/form-data"

    def parse(  # type: ignore[override]  # the stubs know mappings only
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Upload:
        request: Call = (parser_context or {})["request"]
        _refuse_other_encodings(request)
        keeping = Keeping(request)
        try:
            form, _ = MultiPartParser(request.META, cast(Any, stream), [keeping], "utf-8").parse()
            if keeping.receiver is None:
                raise InvalidBody(["the form must hold a file"])
            asked = request.query_params.copy()
            for name, values in form.lists():
                asked.setlist(name, values)
            options = options_of(asked, request)
        except (MultiPartParserError, UnreadablePostError) as error:
            keeping.discard()
            raise ParseError("The form cannot be read") from error
        except FileTooLarge:
            raise
        except Exception:
            keeping.discard()
            raise
        return Upload(keeping.receiver.close(options), asked)


class Keeping(FileUploadHandler):
    """Django's hook for files in forms: the first file goes to a receiver, a second one is refused."""

    def __init__(self, request: Call) -> None:
        super().__init__()
        self._call = request
        self.receiver: Receiver | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if self.receiver is not None:
            raise InvalidBody(["the form must hold one file only"])
        self.receiver = Receiver(str(self.file_name), tenant=self._call.tenant, by=self._call.actor)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        assert self.receiver is not None  # noqa: S101 - Django calls new_file first
        self.receiver.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile:
        return UploadedFile(name=self.file_name, size=file_size)

    def discard(self) -> None:
        if self.receiver is not None:
            self.receiver.discard()


def _pieces(stream: IO[Any], receiver: Receiver) -> Iterator[bytes]:
    try:
        yield from iter(lambda: stream.read(BLOCK_BYTES), b"")
    except UnreadablePostError as error:
        receiver.discard()
        raise ParseError("The body ended too early") from error


def _refuse_other_encodings(request: Call) -> None:
    if request.META.get("HTTP_CONTENT_ENCODING", "").strip().lower() not in ("", "identity", "gzip", "x-gzip"):
        raise UnsupportedMediaType("", detail="A body may be encoded with gzip only")


def options_of(asked: QueryDict, request: Call, *, file_format: str = "") -> Options:
    """Raises InvalidBody; Forbidden where the caller's key is bound to another source."""
    errors = []
    named, bound = asked.get("source") or "", cast(Caller, request.auth).source
    if named and bound and named != bound.name:
        raise Forbidden("This API key may only submit for the source it is bound to")
    source = bound or (_source(named, request) if named else None)
    if named and source is None:
        errors.append(f"source '{named}' is not registered")
    wanted = asked.get("format") or file_format
    if wanted and wanted not in Import.Format.values:
        errors.append(f"format must be one of {', '.join(Import.Format.values)}")
    # Not forgiven as elsewhere: what was meant to be tried would be done for good.
    unclear = [name for name in SWITCHES if (asked.get(name) or "").lower() not in {"", *TRUE, *FALSE}]
    errors += [f"{name} must be true or false" for name in unclear]
    pairs = [pair for pair in asked.getlist("map") if pair]
    errors += [f"map must be COLUMN=FIELD, not '{pair}'" for pair in pairs if "=" not in pair]
    if errors:
        raise InvalidBody(errors)
    mapping = {column: field for column, _, field in (pair.rpartition("=") for pair in pairs)}
    dry_run = (asked.get("dry_run") or "").lower() in TRUE
    return Options(format=wanted, mapping=mapping, source=source, only_source=bound, dry_run=dry_run)


def _source(name: str, request: Call) -> SourceSystem | None:
    rows = SourceSystem.objects.of(request.tenant).live().filter(built_in=False)
    return None if "\0" in name else rows.filter(name=name).first()

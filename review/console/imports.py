"""Files of records: uploaded, looked at before they are let in, followed while they come in, and what was left over."""

from __future__ import annotations

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from contacts.errors import InvalidBody
from imports import steering
from imports.errors import FileTooLarge
from imports.models import Import
from imports.options import Options
from imports.receiving import receive
from review.console.import_reading import FORMAT_WORDS, asked_source, sources_of
from review.console.import_showing import context_of, shown
from review.console.pages import SeatedRequest, page
from sources.reading import as_id

PAGE = 50


@require_safe
@page(admin=True)
def show(request: SeatedRequest) -> HttpResponse:
    rows = steering.imports_of(request.seat.tenant)
    if before := max(as_id(request.GET.get("before", "")), 0):
        rows = rows.filter(pk__lt=before)
    found = list(rows[: PAGE + 1])
    context = {
        "imports": [shown(imported) for imported in found[:PAGE]],
        "older": found[PAGE - 1].pk if len(found) > PAGE else None,
        "first_page": not before,
    }
    return render(request, "console/imports.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page(admin=True)
def new(request: SeatedRequest) -> HttpResponse:
    if request.method != "POST":
        return _upload(request, [])
    file = request.FILES.get("file")
    if file is None:
        return _upload(request, ["No file was chosen"])
    try:
        imported = _received(request, file)
    except InvalidBody as error:
        return _upload(request, error.errors)
    except FileTooLarge as error:
        return _upload(request, [str(error)])
    messages.success(request, f"{imported.name} is here. Nothing is imported yet: look at how it is read first.")
    return redirect("console:imports-one", imported.pk)


def _received(request: SeatedRequest, file: UploadedFile) -> Import:
    """Whatever the columns are called: which field each is can be said on the next page."""
    options = Options(
        format=FORMAT_WORDS.get(request.POST.get("format", ""), ("", ""))[0],
        source=asked_source(request),
        columns_follow=True,
    )
    name, seat = str(file.name or "file"), request.seat
    return receive(file.chunks(), options, name=name, tenant=seat.tenant, by=seat.name)


def _upload(request: SeatedRequest, errors: list[str]) -> HttpResponse:
    context = {
        "errors": errors,
        "asked": request.POST,
        "formats": [(value, words) for value, (_, words) in FORMAT_WORDS.items()],
        "sources": sources_of(request.seat.tenant),
    }
    return render(request, "console/import_new.html", context, status=400 if errors else 200)


@require_safe
@page(admin=True)
def one(request: SeatedRequest, imported: int) -> HttpResponse:
    found = steering.find_import(imported, tenant=request.seat.tenant)
    return render(request, "console/import.html", context_of(found))


@require_safe
@page(admin=True)
def progress(request: SeatedRequest, imported: int) -> HttpResponse:
    """The figures that move. Once the import is in another state than the page shows, the page as a whole."""
    found = steering.find_import(imported, tenant=request.seat.tenant)
    if found.state == request.GET.get("state"):
        return render(request, "console/_import_figures.html", {"import": shown(found)})
    whole = render(request, "console/import.html", context_of(found))
    for name, value in (("HX-Retarget", "#main"), ("HX-Reselect", "#main"), ("HX-Reswap", "outerHTML")):
        whole.headers[name] = value
    return whole

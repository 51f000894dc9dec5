"""What is done with an import once its file is here: let in, tried dry, held, given up; and its rejected rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.contrib import messages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from contacts.errors import InvalidBody
from imports import rejects, steering
from imports.models import Import
from imports.previewing import choose
from review.console.import_reading import asked_options, same_options
from review.console.import_showing import context_of, rejected, shown
from review.console.pages import SeatedRequest, page
from sources.reading import as_id

PAGE = 100

STEERED: dict[str, tuple[Callable[..., Import], str]] = {
    "pause": (steering.pause, "Paused. What was resolved so far stays."),
    "resume": (steering.resume, "It goes on where it stood."),
    "cancel": (steering.cancel, "Cancelled. What was resolved before stays, the rest of the file is thrown away."),
    "start": (steering.start, "It begins now. You can leave this page; it goes on by itself."),
}
DOWNLOADS: dict[str, tuple[Callable[[Import], Iterator[bytes]], str]] = {
    "csv": (rejects.as_csv, "text/csv; charset=utf-8"),
    "ndjson": (rejects.as_ndjson, "application/x-ndjson"),
}


@require_POST
@page(admin=True)
def begin(request: SeatedRequest, imported: int) -> HttpResponse:
    """Have the file read as the form says; then look again, try it dry or let it in, whichever button was pressed."""
    found = steering.find_import(imported, tenant=request.seat.tenant)
    wanted = request.POST.get("do", "")
    try:
        choose(found, asked_options(request, found, dry_run=wanted == "try"))
    except InvalidBody as error:
        return render(request, "console/import.html", context_of(found, errors=error.errors), status=400)
    if wanted in ("try", "import"):
        steering.start(found.pk, tenant=request.seat.tenant)
        messages.success(request, STEERED["start"][1])
    return redirect("console:imports-one", imported)


@require_POST
@page(admin=True)
def steer(request: SeatedRequest, imported: int, verb: str) -> HttpResponse:
    if verb not in STEERED:
        raise Http404
    do, told = STEERED[verb]
    do(imported, tenant=request.seat.tenant)
    messages.success(request, told)
    return redirect("console:imports-one", imported)


@require_POST
@page(admin=True)
def read_anew(request: SeatedRequest, imported: int) -> HttpResponse:
    """Back to choosing how a file is read that was tried dry."""
    found = steering.find_import(imported, tenant=request.seat.tenant)
    choose(found, same_options(found))
    return redirect("console:imports-one", imported)


@require_safe
@page(admin=True)
def rejected_rows(request: SeatedRequest, imported: int) -> HttpResponse:
    found = steering.find_import(imported, tenant=request.seat.tenant)
    after = max(as_id(request.GET.get("after", "")), 0)
    rows = list(rejected(found, after=after)[: PAGE + 1])
    context = {
        "import": shown(found),
        "rejected": rows[:PAGE],
        "next": rows[PAGE - 1].line if len(rows) > PAGE else None,
        "first_page": not after,
    }
    return render(request, "console/import_rejected.html", context)


@require_safe
@page(admin=True)
def download_rejected(request: SeatedRequest, imported: int, form: str) -> StreamingHttpResponse:
    if form not in DOWNLOADS:
        raise Http404
    found = steering.find_import(imported, tenant=request.seat.tenant)
    write, content_type = DOWNLOADS[form]
    name = f'attachment; filename="import-{found.pk}-rejected.{form}"'
    return StreamingHttpResponse(write(found), headers={"Content-Type": content_type, "Content-Disposition": name})

"""Taking a customer apart: by ticked records, or by undoing a merge. Each shows both results before it is confirmed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from contacts.models import Contact, Customer
from matching.models import Merge
from matching.splitting import InvalidSplit
from matching.undoing import MergeNotFound, NotTheLatest
from review import as_seen, foresight
from review.console import reach
from review.console.customer import rendered
from review.console.pages import SeatedRequest, page
from sources.reading import as_id


@require_http_methods(["GET", "HEAD", "POST"])
@page()
def split(request: SeatedRequest, customer: UUID) -> HttpResponse:
    found = reach.customer(request.seat, customer)
    asked = request.POST if request.method == "POST" else request.GET
    leaving = sorted({as_id(each) for each in asked.getlist("contact")})
    contacts = reach.records(found)
    reach.check_all(request.seat, [contact for contact in contacts if contact.pk in leaving])
    if request.method == "POST":
        return _split(request, found, leaving)
    if not leaving:
        messages.warning(request, "Tick the records that are somebody else's, then split.")
        return redirect("console:customers-one", found.pk)
    if len({contact.pk for contact in contacts} - set(leaving)) == 0:
        raise InvalidSplit("at least one record must stay")
    return _preview(request, found, contacts, leaving, {"contacts": leaving, "what": "split"})


def _split(request: SeatedRequest, found: Customer, leaving: list[int]) -> HttpResponse:
    try:
        _, new, journal = as_seen.split(
            customer_id=found.pk,
            aliases=leaving,
            version=as_id(request.POST.get("version", "")),
            tenant=request.seat.tenant,
            by=request.seat.name,
        )
    except as_seen.ChangedSince:
        return _told_what_changed(request, found)
    number = len(journal.contacts)
    messages.success(
        request,
        f"Split: {number} record{'' if number == 1 else 's'} went to the new customer {new.pk}."
        " The two are kept apart from now on. A merge takes it back.",
    )
    return _to_what_is_left(request, found.pk, new.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@page()
def undo(request: SeatedRequest, merge: int) -> HttpResponse:
    journal = Merge.objects.filter(tenant=request.seat.tenant, pk=merge).first()
    if journal is None:
        raise MergeNotFound
    found = reach.customer(request.seat, journal.target_id)
    contacts = reach.records(found)
    reach.check_any(request.seat, contacts)
    if request.method == "POST":
        return _undo(request, journal, found)
    leaving = foresight.returning(journal, contacts)
    if found.pk != journal.target_id or journal.undone_at or not leaving or len(leaving) == len(contacts):
        raise NotTheLatest("This merge cannot be undone any more: it was undone, or its survivor was changed since")
    return _preview(request, found, contacts, leaving, {"journal": journal, "what": "undo"})


def _undo(request: SeatedRequest, journal: Merge, found: Customer) -> HttpResponse:
    version = as_id(request.POST.get("version", ""))
    try:
        as_seen.undo_merge(journal.pk, version=version, tenant=request.seat.tenant, by=request.seat.name)
    except as_seen.ChangedSince:
        return _told_what_changed(request, found)
    messages.success(request, f"Undone: customer {journal.source_id} has its records back. The two are kept apart.")
    return _to_what_is_left(request, found.pk, journal.source_id)


def _to_what_is_left(request: SeatedRequest, *sides: UUID) -> HttpResponse:
    """The first side that the seat may see: a steward's own records may all have gone to the other."""
    seen = reach.customers(request.seat).in_bulk(sides)
    return redirect("console:customers-one", next(side for side in sides if side in seen))


def _preview(
    request: SeatedRequest, found: Customer, contacts: list[Contact], leaving: list[int], more: dict[str, Any]
) -> HttpResponse:
    stays, goes = foresight.sides(contacts, leaving)
    context = {"customer": found, "stays": stays, "goes": goes, "seen": request.GET.get("seen", "0"), **more}
    return render(request, "console/separating.html", context)


def _told_what_changed(request: SeatedRequest, found: Customer) -> HttpResponse:
    fresh = reach.customer(request.seat, found.pk)
    return rendered(request, fresh, seen=max(0, as_id(request.POST.get("seen", ""))))

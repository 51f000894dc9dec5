"""Pinning a field of the golden record on the customer's page, and letting it go."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from contacts.errors import Invalid
from contacts.models import Customer
from contacts.survivorship import resolve
from matching.pinning import REASON_LIMIT, field_named
from review import as_seen
from review.console import reach
from review.console.customer import rendered
from review.console.pages import SeatedRequest, page
from review.portrait import label_of
from sources.reading import as_id


@require_POST
@page()
def pin(request: SeatedRequest, customer: UUID) -> HttpResponse:
    found = reach.customer(request.seat, customer)
    field = field_named(request.POST.get("field", ""))
    alias = as_id(request.POST.get("contact", ""))
    reach.check_all(request.seat, [each for each in reach.records(found) if each.pk == alias])
    reason = request.POST.get("reason", "").replace("\0", "").strip()[:REASON_LIMIT]
    if not reason:
        raise Invalid("A pin needs a reason")

    def carry_out(version: int) -> None:
        as_seen.pin(
            found.pk,
            field=field,
            alias_id=alias,
            reason=reason,
            version=version,
            tenant=request.seat.tenant,
            by=request.seat.name,
        )

    return _done(request, found, carry_out, f"Pinned: {label_of(field)} stays as it is, until the pin is let go.")


@require_POST
@page()
def unpin(request: SeatedRequest, customer: UUID) -> HttpResponse:
    found = reach.customer(request.seat, customer)
    field = field_named(request.POST.get("field", ""))
    contacts = reach.records(found)
    origin = resolve(contacts).provenance.get(field)
    reach.check_all(request.seat, [each for each in contacts if each.pk == origin])

    def carry_out(version: int) -> None:
        as_seen.unpin(found.pk, field=field, version=version, tenant=request.seat.tenant, by=request.seat.name)

    return _done(request, found, carry_out, f"Let go: {label_of(field)} follows what the sources say again.")


def _done(request: SeatedRequest, found: Customer, carry_out: Callable[[int], None], told: str) -> HttpResponse:
    try:
        carry_out(as_id(request.POST.get("version", "")))
    except as_seen.ChangedSince:
        seen = max(0, as_id(request.POST.get("seen", "")))
        return rendered(request, reach.customer(request.seat, found.pk), seen=seen)
    messages.success(request, told)
    return redirect("console:customers-one", found.pk)

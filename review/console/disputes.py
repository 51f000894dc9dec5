"""Customers under review: somebody said that a machine linked one of their records wrongly."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from contacts import survivorship
from contacts.models import Contact, Customer
from contacts.record import OF_ATTRIBUTE
from review import feedback, portrait
from review.console import reach
from review.console.access import Seat
from review.console.customer import NOTE_LIMIT
from review.console.pages import SeatedRequest, page
from review.models import Feedback
from sources.reading import as_id

PAGE = 25


@dataclass(frozen=True, slots=True)
class Complaint:
    """One open report: what the record says that its customer does not, and whether the seat may settle it."""

    report: Feedback
    differing: Sequence[tuple[str, str, str]]
    reason: str
    mine: bool


@dataclass(frozen=True, slots=True)
class Dispute:
    customer: Customer
    complaints: Sequence[Complaint]


def under_review(seat: Seat) -> QuerySet[Customer, Any]:
    """Those with a disputed record that the seat may decide on, the last disputed first."""
    rows = feedback.customers_under_review(seat.tenant)
    if seat.is_admin:
        return rows
    own = open_reports().filter(alias__customer=OuterRef("pk"), alias__source__in=seat.source_ids)
    return rows.filter(Exists(own))


def open_reports() -> QuerySet[Feedback]:
    return Feedback.objects.filter(type=Feedback.Type.FALSE_POSITIVE, resolved=False)


@require_safe
@page()
def show(request: SeatedRequest) -> HttpResponse:
    number = max(1, min(as_id(request.GET.get("page", "1")), 1000))
    start = (number - 1) * PAGE
    rows = list(under_review(request.seat)[start : start + PAGE + 1])
    context = {
        "disputes": _told(rows[:PAGE], request.seat),
        "earlier": number - 1,
        "later": number + 1 if len(rows) > PAGE else 0,
    }
    return render(request, "console/disputes.html", context)


def _told(customers: Sequence[Customer], seat: Seat) -> list[Dispute]:
    reports: dict[UUID, list[Feedback]] = defaultdict(list)
    rows = open_reports().filter(alias__customer__in=customers).select_related("alias__source").order_by("-reported_at")
    for report in rows:
        if report.alias is not None:
            reports[report.alias.customer_id].append(report)
    records: dict[UUID, list[Contact]] = defaultdict(list)
    for contact in Contact.objects.live().filter(customer__in=customers):
        records[contact.customer_id].append(contact)
    return [
        Dispute(held, [_complaint(each, records[held.pk], seat) for each in reports[held.pk]]) for held in customers
    ]


def _complaint(report: Feedback, records: Sequence[Contact], seat: Seat) -> Complaint:
    """Told against what the customer would be without the record: the golden record may have its values from it."""
    alias = report.alias
    assert alias is not None  # noqa: S101 - the database holds every false positive to an alias
    said = alias.facts
    golden = survivorship.resolve(contact for contact in records if contact.pk != alias.pk).facts
    fields = [*portrait.LABELS, *(f"{OF_ATTRIBUTE}{name}" for name in said.attributes)]
    differing = [
        (portrait.label_of(field), ours, golden.value(field))
        for field in fields
        if (ours := said.value(field)) and ours.casefold() != golden.value(field).casefold()
    ]
    mine = seat.is_admin or alias.source_id in seat.source_ids
    return Complaint(report, differing, portrait.link_reason(alias), mine)


@require_POST
@page()
def dismiss(request: SeatedRequest, report: int) -> HttpResponse:
    """The link was right after all."""
    found = open_reports().filter(tenant=request.seat.tenant, pk=report).first()
    if found is None:
        raise feedback.FeedbackNotFound
    reach.check_all(request.seat, list(Contact.objects.filter(pk=found.alias_id or 0)))
    notes = request.POST.get("notes", "").replace("\0", "").strip()[:NOTE_LIMIT] or None
    feedback.resolve(found.pk, resolved=True, notes=notes, tenant=request.seat.tenant, by=request.seat.name)
    messages.success(request, "Dismissed: the link stands, and the report is settled.")
    return redirect("console:disputes")

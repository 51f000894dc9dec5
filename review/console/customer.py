"""The page of one customer: what is known, from whom, since when, and how it came to be."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from contacts.models import Contact, Customer
from matching.models import CandidatePair
from review import disclosure, feedback, portrait, story
from review.aliases import shown_pairs
from review.console import choices, reach
from review.console.pages import SeatedRequest, page
from review.models import Feedback
from sources.reading import as_id

MOST_CANDIDATES = 50
NOTE_LIMIT = 2000


@require_safe
@page()
def show(request: SeatedRequest, customer: UUID) -> HttpResponse:
    found = reach.customer(request.seat, customer)
    if found.pk != customer:
        messages.info(request, f"{customer} was merged into this customer.")
        return redirect("console:customers-one", found.pk)
    return rendered(request, found)


def rendered(request: SeatedRequest, customer: Customer, *, seen: int | None = None) -> HttpResponse:
    """The whole page; `seen`: the last entry of the history that a refused decision knew."""
    return render(
        request, "console/customer.html", _context(request, customer, seen), status=200 if seen is None else 409
    )


def _context(request: SeatedRequest, customer: Customer, seen: int | None) -> dict[str, Any]:
    seat = request.seat
    contacts = reach.records(customer)
    moments = story.moments(customer, before=as_id(request.GET.get("before", "")) if "before" in request.GET else 0)
    values = portrait.golden_values(customer.facts, contacts)
    cards = portrait.cards(customer, contacts, reach.decidable(seat))
    return {
        "customer": customer,
        "fields": choices.fields(values, customer, contacts, reach.decidable(seat)),
        "cards": cards,
        "may_undo": any(card.mine for card in cards) and customer.deleted_at is None,
        "hidden_records": max(0, len(contacts) - portrait.MOST_RECORDS),
        "may_split": len(contacts) > 1 and customer.deleted_at is None,
        "moments": moments[: story.PAGE],
        "older": moments[story.PAGE - 1].id if len(moments) > story.PAGE else 0,
        "tree": story.merge_tree(customer),
        "candidates": _candidates(customer, contacts),
        "reports": Feedback.objects.filter(_concerning(customer, contacts)).select_related("alias__source")[:50],
        "last_change": moments[0].id if moments else 0,
        "since": story.moments(customer, since=seen)[: story.PAGE] if seen is not None else None,
    }


def _concerning(customer: Customer, contacts: list[Contact]) -> Q:
    return Q(alias__in=[contact.pk for contact in contacts]) | Q(customer=customer, alias=None)


def _candidates(customer: Customer, contacts: list[Contact]) -> list[dict[str, Any]]:
    """Pairs both ways round: proposed for a record of this customer, and this customer proposed for another's."""
    held = [contact.pk for contact in contacts]
    rows: QuerySet[CandidatePair] = shown_pairs().filter(Q(contact__in=held) | Q(customer=customer))
    pairs = rows.select_related("contact__source", "customer")[:MOST_CANDIDATES]
    return [
        {
            "pair": pair,
            "other": pair.customer_id if pair.contact_id in held else pair.contact.customer_id,
            "sentence": portrait.evidence_sentence(pair.evidence),
        }
        for pair in pairs
    ]


@require_POST
@page()
def report(request: SeatedRequest, customer: UUID) -> HttpResponse:
    """Somebody says that a machine's link of one of the customer's records is wrong."""
    found = reach.customer(request.seat, customer)
    alias = as_id(request.POST.get("alias", ""))
    reach.check_all(request.seat, Contact.objects.of(request.seat.tenant).filter(customer=found, pk=alias))
    feedback.report(
        customer_id=found.pk,
        alias_id=alias,
        notes=request.POST.get("notes", "").replace("\0", "").strip()[:NOTE_LIMIT] or None,
        tenant=request.seat.tenant,
        by=request.seat.name,
    )
    messages.success(request, "Reported: the customer is under review, and listed under Disputes.")
    return redirect("console:customers-one", found.pk)


@require_safe
@page()
def download(request: SeatedRequest, customer: UUID) -> HttpResponse:
    """Everything held on this person, as a file."""
    found = reach.customer(request.seat, customer)
    response = JsonResponse(disclosure.everything_about(found), json_dumps_params={"indent": 2, "ensure_ascii": False})
    response["Content-Disposition"] = f'attachment; filename="customer-{found.pk}.json"'
    return response

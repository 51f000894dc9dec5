"""The page of one customer: what is known, from whom, since when, and how it came to be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from contacts.models import Contact, Customer
from matching.models import CandidatePair
from review import disclosure, feedback, portrait, story
from review.aliases import shown_pairs
from review.console import choices, reach
from review.console.access import Seat
from review.console.labels import STATUS_WORDS, full_name
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
    decidable = reach.decidable(seat)
    leaf = Paginator(contacts, choices.RECORDS).get_page(request.GET.get("records"))
    return {
        "customer": customer,
        "fields": choices.fields(values, customer, contacts, decidable),
        "cards": portrait.cards(customer, list(leaf), decidable),
        "leaf": leaf,
        "may_undo": customer.deleted_at is None and reach.decides_on_any(seat, contacts),
        "may_split": len(contacts) > 1 and customer.deleted_at is None,
        "moments": moments[: story.PAGE],
        "older": moments[story.PAGE - 1].id if len(moments) > story.PAGE else 0,
        "tree": story.merge_tree(customer),
        "candidates": _candidates(seat, customer, contacts),
        "reports": Feedback.objects.filter(_concerning(customer, contacts)).select_related("alias__source")[:50],
        "last_change": moments[0].id if moments else 0,
        "since": story.moments(customer, since=seen)[: story.PAGE] if seen is not None else None,
    }


def _concerning(customer: Customer, contacts: list[Contact]) -> Q:
    return Q(alias__in=[contact.pk for contact in contacts]) | Q(customer=customer, alias=None)


@dataclass(frozen=True, slots=True)
class Nearby:
    """A candidate of the customer's, or this customer as another's: `name` is told to those who may see the other.

    `mine`: whether the reader may open the record beside its candidate.
    """

    pair: CandidatePair
    other: UUID
    name: str
    mine: bool

    @property
    def status(self) -> str:
        return STATUS_WORDS[CandidatePair.Status(self.pair.status)]

    @property
    def sentence(self) -> str:
        return portrait.evidence_sentence(self.pair.evidence)


def _candidates(seat: Seat, customer: Customer, contacts: list[Contact]) -> list[Nearby]:
    """Pairs both ways round: proposed for a record of this customer, and this customer proposed for another's."""
    held = {contact.pk for contact in contacts}
    rows: QuerySet[CandidatePair] = shown_pairs().filter(Q(contact__in=held) | Q(customer=customer))
    others = {
        pair: pair.customer_id if pair.contact_id in held else pair.contact.customer_id
        for pair in rows.select_related("contact")[:MOST_CANDIDATES]
    }
    seen = reach.customers(seat).in_bulk(set(others.values())) if others else {}
    return [
        Nearby(
            pair,
            other,
            name=full_name(seen[other].facts) if other in seen else "",
            mine=reach.decides_on_any(seat, [pair.contact]),
        )
        for pair, other in others.items()
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

"""The figures in the top bar, polled while a page is open."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from imports.models import Import
from imports.steering import imports_of
from review.console.access import Seat
from review.console.disputes import under_review
from review.console.pages import SeatedRequest, page
from review.queue import COUNTED, in_figures


@dataclass(frozen=True, slots=True)
class Figure:
    """How many of something wait, and where."""

    label: str
    figure: str
    address: str


def counts(seat: Seat) -> list[Figure]:
    disputed = in_figures(under_review(seat).order_by()[: COUNTED + 1].count())
    return [
        Figure("To review", seat.waiting, reverse("console:queue")),
        Figure("Disputes", disputed, reverse("console:disputes")),
        *_importing(seat),
    ]


def _importing(seat: Seat) -> list[Figure]:
    """Told only while there is something to follow, and to those who may."""
    moving = imports_of(seat.tenant).filter(state__in=(Import.State.QUEUED, Import.State.RUNNING))
    count = moving.count() if seat.is_admin else 0
    return [Figure("Importing", str(count), reverse("console:imports"))] if count else []


@require_safe
@page()
def show_counts(request: SeatedRequest) -> HttpResponse:
    """The partial alone."""
    return render(request, "console/_counts.html")

"""The figures in the top bar, polled while a page is open."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from review.console.access import Seat
from review.console.pages import SeatedRequest, page


@dataclass(frozen=True, slots=True)
class Figure:
    """How many of something wait, and where."""

    label: str
    figure: str
    address: str


def counts(seat: Seat) -> list[Figure]:
    return [Figure("To review", seat.waiting, reverse("console:queue"))]


@require_safe
@page()
def show_counts(request: SeatedRequest) -> HttpResponse:
    """The partial alone."""
    return render(request, "console/_counts.html")

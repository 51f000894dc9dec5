"""How good the links are, how much waits, and which ways of finding candidates are worth it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from matching.active import active_model
from review.console import charts
from review.console.pages import SeatedRequest, page
from review.figures import figures


@require_safe
@page(admin=True)
def show(request: SeatedRequest) -> HttpResponse:
    tenant = request.seat.tenant
    found, definition = figures(tenant), active_model(tenant).definition
    thresholds = {"match": definition.match_threshold, "review": definition.review_threshold}
    context = {
        "figures": found,
        "months": found.months[::-1],
        "used_bins": [each for each in found.bins if each.linked or each.proposed],
        "weeks": found.weeks[::-1],
        "rates": charts.rates(found.months),
        "histogram": charts.histogram(found.bins, **thresholds),
        "strips": charts.strips(found.shares),
        "strips_height": charts.STRIP_HEIGHT * len(found.shares),
        "throughput": charts.throughput(found.weeks),
        **thresholds,
    }
    return render(request, "console/quality.html", context)

"""How the machine decides: weights, thresholds, what it reads; other versions, and what the feedback suggests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from matching import jobs
from matching.active import ActiveModel, active_model
from matching.model_definition import Comparison, ModelDefinition
from matching.models import KeyBuild, MatchModel
from matching.versions import ModelNotFound
from review import as_seen, quality
from review.console.pages import SeatedRequest, page
from sources.models import Tenant
from sources.reading import as_id

VERSIONS_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Row:
    """A compared field: its comparison in one version and in another, either of which may lack it."""

    label: str
    now: Comparison | None
    then: Comparison | None

    @property
    def differs(self) -> bool:
        return self.now != self.then


def rows(now: ModelDefinition, then: ModelDefinition) -> list[Row]:
    """The fields of both, in the order of the first."""
    ours, theirs = ({c.field: c for c in model.comparisons} for model in (now, then))
    fields = [*ours, *(field for field in theirs if field not in ours)]
    return [_row(ours.get(field), theirs.get(field)) for field in fields]


def _row(now: Comparison | None, then: Comparison | None) -> Row:
    either = now or then
    return Row(either.label[0].upper() + either.label[1:] if either else "", now, then)


@dataclass(frozen=True, slots=True)
class Bar:
    """A field's weights on one scale of bits: `against` to the left of zero, `for_` to the right of it."""

    comparison: Comparison
    label: str
    y: int
    left: float
    against: float
    for_: float
    end: float


WIDTH = 600
LABEL_WIDTH = 110
ROW_HEIGHT = 28


@dataclass(frozen=True, slots=True)
class WeightChart:
    bars: Sequence[Bar]
    zero: float
    height: int
    width: int = WIDTH


def weight_chart(model: ModelDefinition) -> WeightChart:
    least = min(c.disagreement_weight for c in model.comparisons)
    most = max(c.agreement_weight for c in model.comparisons)
    unit = (WIDTH - LABEL_WIDTH - 100) / (most - least)
    zero = LABEL_WIDTH + 50 - least * unit
    return WeightChart(list(_bars(model, zero, unit)), round(zero, 1), ROW_HEIGHT * len(model.comparisons))


def _bars(model: ModelDefinition, zero: float, unit: float) -> Iterator[Bar]:
    for place, comparison in enumerate(model.comparisons):
        against, for_ = -comparison.disagreement_weight * unit, comparison.agreement_weight * unit
        label = comparison.label[0].upper() + comparison.label[1:]
        y = place * ROW_HEIGHT
        yield Bar(
            comparison, label, y, round(zero - against, 1), round(against, 1), round(for_, 1), round(zero + for_ + 6, 1)
        )


@require_safe
@page(admin=True)
def show(request: SeatedRequest) -> HttpResponse:
    tenant = request.seat.tenant
    model, suggested = active_model(tenant), quality.suggestion(tenant)
    context = {
        "model": model,
        "build": KeyBuild.objects.filter(tenant=tenant).select_related("model").first(),
        "chart": weight_chart(model.definition),
        "searches": model.plan.describe(),
        "suggestion": suggested,
        "changes": rows(suggested.current, suggested.suggested) if suggested.suggested != suggested.current else [],
        "versions": MatchModel.objects.filter(tenant=tenant).order_by("-version").defer("definition")[:VERSIONS_SHOWN],
    }
    return render(request, "console/model.html", context)


@require_safe
@page(admin=True)
def compare(request: SeatedRequest, version: int) -> HttpResponse:
    """A version beside the one in force, and what putting it in force would change."""
    model = active_model(request.seat.tenant)
    other = _version(version, request.seat.tenant)
    definition = ModelDefinition.from_dict(other.definition)
    context = {"model": model, "other": other, "definition": definition, "rows": rows(model.definition, definition)}
    return render(request, "console/model_compare.html", context)


def _version(version: int, tenant: Tenant) -> MatchModel:
    found = MatchModel.objects.filter(tenant=tenant, version=version).first()
    if found is None:
        raise ModelNotFound
    return found


@require_POST
@page(admin=True)
def apply(request: SeatedRequest) -> HttpResponse:
    """The suggestion becomes the next version."""
    seen, tenant = as_id(request.POST.get("in_force", "")), request.seat.tenant
    made = as_seen.apply_suggestion(in_force=seen, tenant=tenant, by=request.seat.name)
    return _told(request, made)


@require_POST
@page(admin=True)
def activate(request: SeatedRequest, version: int) -> HttpResponse:
    seen, tenant = as_id(request.POST.get("in_force", "")), request.seat.tenant
    return _told(request, as_seen.activate(version, in_force=seen, tenant=tenant, by=request.seat.name))


def _told(request: SeatedRequest, model: MatchModel) -> HttpResponse:
    now: ActiveModel = active_model(request.seat.tenant)
    if now.version == model.version:
        messages.success(request, f"Version {model.version} is in force. Links made before stay as they are.")
    else:
        messages.info(
            request, f"Version {model.version} is being prepared. Version {now.version} stays in force till then."
        )
    return redirect("console:model")


@require_POST
@page(admin=True)
def go_on(request: SeatedRequest) -> HttpResponse:
    """Take up a build that was broken off; one under way is left alone."""
    jobs.build_keys(request.seat.tenant.pk)
    return redirect("console:model")

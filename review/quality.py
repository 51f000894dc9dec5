"""How good the automatic links are by what people said of them, and what to change about the model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count, Q

from contacts.errors import Conflict
from contacts.models import Contact
from contacts.transactions import verb
from matching.active import active_model
from matching.model_definition import Comparison, ModelDefinition
from matching.models import MatchModel
from matching.versions import add_model
from review.feedback import listed
from review.models import Feedback
from sources.models import Tenant

M_RANGE = (0.5, 0.99)
U_RANGE = (0.00001, 0.1)
THRESHOLD_RANGE = (0.80, 0.99)


@dataclass(frozen=True, slots=True)
class Quality:
    """Counts of automatic links, wrong ones reported and matches missed; the rates are 0..1."""

    total_auto_matches: int
    false_positives: int
    false_negatives: int

    @property
    def true_positives(self) -> int:
        return max(0, self.total_auto_matches - self.false_positives)

    @property
    def precision(self) -> float:
        return _share(self.true_positives, self.true_positives + self.false_positives)

    @property
    def recall(self) -> float:
        return _share(self.true_positives, self.true_positives + self.false_negatives)

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall; 0 where both are 0."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def quality(tenant: Tenant) -> Quality:
    """The tenant's figures as of now."""
    total = Contact.objects.of(tenant).live().filter(match_confidence__isnull=False).count()
    counts = listed(tenant).aggregate(
        fp=Count("pk", filter=Q(type=Feedback.Type.FALSE_POSITIVE)),
        fn=Count("pk", filter=Q(type=Feedback.Type.FALSE_NEGATIVE)),
    )
    return Quality(total, counts["fp"], counts["fn"])


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the feedback says of the model in force: an action, its reason, and the model it would make."""

    action: str
    reason: str
    current: ModelDefinition
    suggested: ModelDefinition
    false_positives: int
    false_negatives: int


def suggestion(tenant: Tenant) -> Suggestion:
    """Tighten when over half of the feedback are wrong links, loosen when over half are missed matches."""
    figures = quality(tenant)
    current = active_model(tenant).definition
    fp, fn = figures.false_positives, figures.false_negatives
    action, reason = _diagnosis(fp, fn)
    return Suggestion(action, reason, current, _adjusted(current, action), fp, fn)


def _diagnosis(fp: int, fn: int) -> tuple[str, str]:
    if fp * 2 > fp + fn:
        return "tighten", f"{fp} of {fp + fn} reports are wrong links: ask for more before linking."
    if fn * 2 > fp + fn:
        return "loosen", f"{fn} of {fp + fn} reports are missed matches: link a little more readily."
    return "none", "The feedback is balanced." if fp + fn else "There is no feedback yet."


_STEPS = {"tighten": (-0.02, 0.001, 0.01), "loosen": (0.02, -0.0005, -0.01), "none": (0.0, 0.0, 0.0)}


def _adjusted(model: ModelDefinition, action: str) -> ModelDefinition:
    m_step, u_step, threshold_step = _STEPS[action]
    if action == "none":
        return model
    comparisons = tuple(_stepped(comparison, m_step, u_step) for comparison in model.comparisons)
    threshold = _within(model.match_threshold + threshold_step, THRESHOLD_RANGE)
    return replace(model, comparisons=comparisons, match_threshold=threshold)


def _stepped(comparison: Comparison, m_step: float, u_step: float) -> Comparison:
    m, u = _within(comparison.m + m_step, M_RANGE), _within(comparison.u + u_step, U_RANGE)
    return replace(comparison, m=m, u=u)


def _within(figure: float, bounds: tuple[float, float]) -> float:
    return round(min(max(figure, bounds[0]), bounds[1]), 6)


class NothingToApply(Conflict):
    def __init__(self) -> None:
        super().__init__("There is no adjustment to apply")


@verb
def apply_suggestion(*, tenant: Tenant, by: str) -> MatchModel:
    """Put the suggested model in force as a new version. Raises NothingToApply when nothing is suggested."""
    found = suggestion(tenant)
    if found.suggested == found.current:
        raise NothingToApply
    return add_model(found.suggested, tenant=tenant, reason=f"{found.action}: {found.reason}", by=by)


def weights(model: ModelDefinition) -> dict[str, dict[str, Any]]:
    """The m and u of each field, as the API tells them."""
    return {
        c.field: {"m": c.m, "u": c.u, "comparator": c.comparator, "threshold": c.threshold} for c in model.comparisons
    }

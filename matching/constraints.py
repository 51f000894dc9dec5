"""What humans said of two groups of contacts; no machine undoes it, only a later human verdict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet

from contacts.history import Chronicle
from matching.models import Constraint
from sources.models import Tenant


def standing(
    tenant: Tenant, kind: Constraint.Kind, left: Sequence[int], right: Sequence[int]
) -> QuerySet[Constraint, Any]:
    """The verdicts in force between any contact of one group and any of the other, either way round."""
    one_way = Q(left__overlap=list(left), right__overlap=list(right))
    other_way = Q(left__overlap=list(right), right__overlap=list(left))
    return Constraint.objects.filter(one_way | other_way, tenant=tenant, kind=kind, lifted_at=None)


def say_not_same(left: Sequence[int], right: Sequence[int], *, chronicle: Chronicle) -> list[int]:
    """A human keeps the two groups apart; a verdict to the contrary is lifted. Returns the ids of those lifted."""
    return _say(Constraint.Kind.NOT_SAME, left, right, chronicle=chronicle)


def say_same(left: Sequence[int], right: Sequence[int], *, chronicle: Chronicle) -> list[int]:
    """A human holds the two groups for one; a verdict to the contrary is lifted. Returns the ids of those lifted."""
    return _say(Constraint.Kind.SAME, left, right, chronicle=chronicle)


def _say(kind: Constraint.Kind, left: Sequence[int], right: Sequence[int], *, chronicle: Chronicle) -> list[int]:
    contrary = Constraint.Kind.SAME if kind == Constraint.Kind.NOT_SAME else Constraint.Kind.NOT_SAME
    overruled = standing(chronicle.tenant, contrary, left, right)
    lifted = list(overruled.values_list("pk", flat=True))
    if lifted:
        Constraint.objects.filter(pk__in=lifted).update(lifted_by=chronicle.by, lifted_at=chronicle.at)
    Constraint.objects.create(
        tenant=chronicle.tenant,
        kind=kind,
        left=sorted(left),
        right=sorted(right),
        said_by=chronicle.by,
        said_at=chronicle.at,
    )
    return lifted


def kept_apart(tenant: Tenant, left: Sequence[int], right: Sequence[int]) -> bool:
    """Whether a human said that the two groups are not the same."""
    return standing(tenant, Constraint.Kind.NOT_SAME, left, right).exists()

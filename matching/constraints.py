"""What humans said of two groups of contacts; no machine undoes it, only a later human verdict."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from contacts.history import Chronicle
from matching.locks import strong_key, take
from matching.models import Constraint
from sources.models import Tenant
from sources.round_trips import Prepared, Statement, run

# Answers with a row if a human said that the contacts `ones` and `others` are not the same.
KEPT_APART = f"""
SELECT 1 FROM matching_constraint
WHERE tenant_id = %(tenant)s AND kind = '{Constraint.Kind.NOT_SAME}' AND lifted_at IS NULL
    AND ("left" && %(ones)s::bigint[] AND "right" && %(others)s::bigint[]
         OR "left" && %(others)s::bigint[] AND "right" && %(ones)s::bigint[])
LIMIT 1
"""


def standing(
    tenant: Tenant, kind: Constraint.Kind, left: Sequence[int], right: Sequence[int]
) -> QuerySet[Constraint, Any]:
    """The verdicts in force between any contact of one group and any of the other, either way round."""
    one_way = Q(left__overlap=list(left), right__overlap=list(right))
    other_way = Q(left__overlap=list(right), right__overlap=list(left))
    return Constraint.objects.filter(one_way | other_way, tenant=tenant, kind=kind, lifted_at=None)


def say_not_same(left: Sequence[int], right: Sequence[int], *, chronicle: Chronicle) -> None:
    """A human keeps the two groups apart; what was said to the contrary of them is lifted."""
    _say(Constraint.Kind.NOT_SAME, left, right, chronicle=chronicle)


def say_same(left: Sequence[int], right: Sequence[int], *, chronicle: Chronicle) -> None:
    """A human holds the two groups for one; what was said to the contrary of them is lifted."""
    _say(Constraint.Kind.SAME, left, right, chronicle=chronicle)


def _say(kind: Constraint.Kind, left: Sequence[int], right: Sequence[int], *, chronicle: Chronicle) -> None:
    # Two verdicts may each lift a part of a third one: one after the other, or one would not see what the other left.
    take([strong_key(chronicle.tenant, "verdicts", "")])
    contrary = Constraint.Kind.SAME if kind == Constraint.Kind.NOT_SAME else Constraint.Kind.NOT_SAME
    for overruled in standing(chronicle.tenant, contrary, left, right):
        _lift(overruled, left, right, chronicle=chronicle)
    Constraint.objects.create(
        tenant=chronicle.tenant,
        kind=kind,
        left=sorted(left),
        right=sorted(right),
        said_by=chronicle.by,
        said_at=chronicle.at,
    )


def _lift(overruled: Constraint, left: Sequence[int], right: Sequence[int], *, chronicle: Chronicle) -> None:
    """Take back what a verdict says of the two groups; what it says of others stands, by whom and since when it did."""
    Constraint.objects.filter(pk=overruled.pk).update(lifted_by=chronicle.by, lifted_at=chronicle.at)
    Constraint.objects.bulk_create(
        Constraint(
            tenant=chronicle.tenant,
            kind=overruled.kind,
            left=ones,
            right=others,
            said_by=overruled.said_by,
            said_at=overruled.said_at,
        )
        for ones, others in _remainder(overruled, set(left), set(right))
    )


def _remainder(said: Constraint, left: set[int], right: set[int]) -> Iterator[tuple[list[int], list[int]]]:
    """The verdict without what stands between the two groups; contacts that keep the same opposites in one piece."""
    keeping: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for one in said.left:
        lifted = (right if one in left else set()) | (left if one in right else set())
        keeping[tuple(other for other in said.right if other not in lifted)].append(one)
    yield from ((ones, list(others)) for others, ones in keeping.items() if others)


def kept_apart(tenant: Tenant, left: Sequence[int], right: Sequence[int]) -> bool:
    """Whether a human said that the two groups are not the same."""
    asking = asking_kept_apart(tenant, left, right)
    run(asking)
    return bool(asking.rows)


def asking_kept_apart(tenant: Tenant, left: Sequence[int], right: Sequence[int]) -> Statement:
    """Answers with a row if a human said that the two groups are not the same."""
    return Prepared(KEPT_APART, {"tenant": tenant.pk, "ones": list(left), "others": list(right)})


def lift(contacts: Sequence[int], *, said_by: str, said_at: datetime, chronicle: Chronicle) -> None:
    """Take back one verdict of *not the same* about these contacts, whole: the one said then, by that person."""
    take([strong_key(chronicle.tenant, "verdicts", "")])
    Constraint.objects.filter(
        tenant=chronicle.tenant,
        kind=Constraint.Kind.NOT_SAME,
        left__contains=sorted(contacts),
        said_by=said_by,
        said_at=said_at,
        lifted_at=None,
    ).update(lifted_by=chronicle.by, lifted_at=chronicle.at)

"""The hashed match keys under which customers are stored, kept in step with their contacts."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from contacts.record import Facts
from matching.models import MatchKey
from matching.plan import Plan
from sources.models import Tenant


def add(customer_id: UUID, statements: Iterable[Facts], *, tenant: Tenant, plan: Plan) -> None:
    """Store a customer under the keys of these facts as well. Complete records have none: nothing is written."""
    rows = [MatchKey(key=key, customer_id=customer_id) for key in _keys(statements, tenant=tenant, plan=plan)]
    if rows:
        MatchKey.objects.bulk_create(rows, ignore_conflicts=True)


def restate(customer_id: UUID, statements: Iterable[Facts], *, tenant: Tenant, plan: Plan) -> None:
    """Store a customer under the keys of these facts and no others."""
    wanted = _keys(statements, tenant=tenant, plan=plan)
    MatchKey.objects.filter(customer_id=customer_id).exclude(key__in=wanted).delete()
    if wanted:
        rows = [MatchKey(key=key, customer_id=customer_id) for key in wanted]
        MatchKey.objects.bulk_create(rows, ignore_conflicts=True)


def _keys(statements: Iterable[Facts], *, tenant: Tenant, plan: Plan) -> list[int]:
    return sorted({key.value for facts in statements for key in plan.index_keys(facts, scope=tenant.pk)})

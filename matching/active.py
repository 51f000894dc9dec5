"""The match model in force for a tenant, with its candidate search plan."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from django.db import connection

from contacts.errors import NotFound
from contacts.transactions import verb
from matching.model_definition import ModelDefinition
from matching.models import MatchModel
from matching.plan import Plan
from sources.models import Tenant

# Written by hand because every request asks it: building the query would take longer than answering it.
_ACTIVE = "SELECT id, version FROM matching_matchmodel WHERE tenant_id = %s AND active"


@dataclass(frozen=True, slots=True)
class ActiveModel:
    version: int
    definition: ModelDefinition
    plan: Plan


def active_model(tenant: Tenant) -> ActiveModel:
    """The tenant's active model. A version never changes, so what is worked out from it is kept in memory."""
    with connection.cursor() as cursor:
        cursor.execute(_ACTIVE, [tenant.pk])
        row = cursor.fetchone()
    if row is None:
        raise MatchModel.DoesNotExist(f"tenant {tenant.pk} has no active match model")
    return _prepared(*row)


@lru_cache(maxsize=256)
def _prepared(pk: int, version: int) -> ActiveModel:
    definition = ModelDefinition.from_dict(MatchModel.objects.values_list("definition", flat=True).get(pk=pk))
    return ActiveModel(version, definition, Plan.from_model(definition))


class ModelNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("Match model not found")


@verb
def add_model(definition: ModelDefinition, *, tenant: Tenant, reason: str, by: str) -> MatchModel:
    """Make the next version of the tenant's model and put it in force."""
    latest = MatchModel.objects.select_for_update().filter(tenant=tenant).order_by("-version").first()
    model = MatchModel.objects.create(
        tenant=tenant,
        version=latest.version + 1 if latest else 1,
        definition=definition.to_dict(),
        reason=reason,
        created_by=by,
    )
    _put_in_force(model)
    return model


@verb
def activate(version: int, *, tenant: Tenant) -> MatchModel:
    """Put an existing version in force again (a rollback)."""
    models = MatchModel.objects.select_for_update().filter(tenant=tenant)
    model = models.filter(version=version).first()
    if model is None:
        raise ModelNotFound
    _put_in_force(model)
    return model


def _put_in_force(model: MatchModel) -> None:
    MatchModel.objects.filter(tenant=model.tenant, active=True).exclude(pk=model.pk).update(active=False)
    MatchModel.objects.filter(pk=model.pk).update(active=True)
    model.active = True

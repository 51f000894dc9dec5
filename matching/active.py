"""The match model in force for a tenant, with its candidate search plan."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from django.db import connection

from matching.model_definition import ModelDefinition
from matching.models import MatchModel
from matching.plan import Plan, WidePlan
from sources.models import Tenant

# Written by hand because every request asks it: building the query would take longer than answering it.
_ACTIVE = """
SELECT model.id, model.version, build.model_id
FROM matching_matchmodel AS model LEFT JOIN matching_keybuild AS build ON build.tenant_id = model.tenant_id
WHERE model.tenant_id = %s AND model.active
"""


@dataclass(frozen=True, slots=True)
class ActiveModel:
    """`plan` stores customers under the keys of another version as well while that one comes or goes."""

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
    return prepared(*row)


@lru_cache(maxsize=256)
def prepared(pk: int, version: int, also: int | None = None) -> ActiveModel:
    """A model by its row's id and its version; `also`: the row whose keys customers are stored under as well."""
    definition = _definition(pk)
    plan = Plan.from_model(definition) if also is None else WidePlan(definition, _definition(also))
    return ActiveModel(version, definition, plan)


def _definition(pk: int) -> ModelDefinition:
    return ModelDefinition.from_dict(MatchModel.objects.values_list("definition", flat=True).get(pk=pk))

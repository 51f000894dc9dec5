"""The match model in force for a tenant, with its candidate search plan.

Which one it is, is kept in memory. A verb that goes by memory reads it beside what it came for, and begins again where
the two differ: so it is never stale, and costs no wait.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from matching.model_definition import ModelDefinition
from matching.models import MatchModel
from matching.plan import Plan, WidePlan
from sources.models import Tenant
from sources.round_trips import Prepared, Statement, run

# Written by hand because every request asks it: building the query would take longer than answering it.
_ACTIVE = """
SELECT model.id, model.version, build.model_id
FROM matching_matchmodel AS model LEFT JOIN matching_keybuild AS build ON build.tenant_id = model.tenant_id
WHERE model.tenant_id = %(tenant)s AND model.active
"""


# The same as one JSON value, for a statement that reads other things as well.
ACTIVE_IN_ONE = """
(SELECT json_build_array(model.id, model.version, build.model_id)
 FROM matching_matchmodel AS model LEFT JOIN matching_keybuild AS build ON build.tenant_id = model.tenant_id
 WHERE model.tenant_id = %(tenant)s AND model.active)::text
"""

# SQL: `model`, and with it `also`, are what the statement above would tell.
STILL_IN_FORCE = """
EXISTS (SELECT FROM matching_matchmodel AS model
        LEFT JOIN matching_keybuild AS build ON build.tenant_id = model.tenant_id
        WHERE model.tenant_id = %(tenant)s AND model.active AND model.id = %(model)s::bigint
          AND build.model_id IS NOT DISTINCT FROM %(also)s::bigint)
"""


@dataclass(frozen=True, slots=True)
class ActiveModel:
    """`plan` stores customers under the keys of another version as well while that one comes or goes."""

    version: int
    definition: ModelDefinition
    plan: Plan


# As read last, by the tenant's id and the time of its opening, which tells it from one that had its id before.
_remembered: dict[tuple[int, datetime], tuple[Any, ...]] = {}


def active_model(tenant: Tenant) -> ActiveModel:
    """The tenant's active model. A version never changes, so what is worked out from it is kept in memory."""
    statement = reading(tenant)
    run(statement)
    return learnt(tenant, statement)


def remembered_model(tenant: Tenant) -> ActiveModel | None:
    row = _remembered.get((tenant.pk, tenant.created_at))
    return prepared(*row) if row else None


def remembered_rows(tenant: Tenant) -> dict[str, int | None] | None:
    """The parameters of STILL_IN_FORCE, where a model is remembered."""
    row = _remembered.get((tenant.pk, tenant.created_at))
    return {"model": row[0], "also": row[2]} if row else None


def reading(tenant: Tenant) -> Statement:
    return Prepared(_ACTIVE, {"tenant": tenant.pk})


def learnt(tenant: Tenant, statement: Statement) -> ActiveModel:
    """What `statement` (see reading) has read."""
    return _learnt(tenant, statement.rows[0] if statement.rows else None)


def learnt_in_one(tenant: Tenant, told: str | None) -> ActiveModel:
    """What ACTIVE_IN_ONE has told."""
    return _learnt(tenant, _row_of(told) if told else None)


def _learnt(tenant: Tenant, row: tuple[Any, ...] | None) -> ActiveModel:
    if row is None:
        raise MatchModel.DoesNotExist(f"tenant {tenant.pk} has no active match model")
    _remembered[tenant.pk, tenant.created_at] = row
    return prepared(*row)


@lru_cache(maxsize=256)
def _row_of(told: str) -> tuple[Any, ...]:
    return tuple(json.loads(told))


@lru_cache(maxsize=256)
def prepared(pk: int, version: int, also: int | None = None) -> ActiveModel:
    """A model by its row's id and its version; `also`: the row whose keys customers are stored under as well."""
    definition = _definition(pk)
    plan = Plan.from_model(definition) if also is None else WidePlan(definition, _definition(also))
    return ActiveModel(version, definition, plan)


def _definition(pk: int) -> ModelDefinition:
    return ModelDefinition.from_dict(MatchModel.objects.values_list("definition", flat=True).get(pk=pk))

"""Making versions of a tenant's match model, and putting one in force.

Candidate search reads customers by keys that depend on the model (matching.plan). So a version whose keys are others is
in force only when every customer is stored under them: a job sees to that (matching.rekeying), asked for in the same
transaction.
"""

from __future__ import annotations

from contacts.errors import Conflict, NotFound
from contacts.transactions import verb
from matching import jobs, rekeying
from matching.model_definition import ModelDefinition
from matching.models import KeyBuild, MatchModel
from matching.plan import Plan
from sources import deeds
from sources.models import Deed, Tenant


class ModelNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("Match model not found")


class BeingPrepared(Conflict):
    def __init__(self, version: int) -> None:
        super().__init__(f"Version {version} is being prepared: another can be put in force when it is done")


@verb
def add_model(definition: ModelDefinition, *, tenant: Tenant, reason: str, by: str) -> MatchModel:
    """Make the next version of the tenant's model and put it in force, as `activate` does. Raises BeingPrepared."""
    latest = _versions(tenant)[:1]
    model = MatchModel.objects.create(
        tenant=tenant,
        version=latest[0].version + 1 if latest else 1,
        definition=definition.to_dict(),
        reason=reason,
        created_by=by,
    )
    deeds.record(Deed.Action.MADE, rekeying.subject_of(model), tenant=tenant, by=by, after={"reason": reason})
    return _begin(model, by=by)


@verb
def activate(version: int, *, tenant: Tenant, by: str = "system") -> MatchModel:
    """Put an existing version in force: at once (`active`), or when the keys it needs are built.

    The version in force gives up what is being prepared. Raises ModelNotFound, BeingPrepared.
    """
    model = next((model for model in _versions(tenant) if model.version == version), None)
    if model is None:
        raise ModelNotFound
    if model.active:
        _give_up(tenant, by=by)
        return model
    return _begin(model, by=by)


def _give_up(tenant: Tenant, *, by: str) -> None:
    for build in KeyBuild.objects.filter(tenant=tenant, stage=KeyBuild.Stage.BUILDING).select_related("model"):
        deeds.record(Deed.Action.GIVEN_UP, rekeying.subject_of(build.model), tenant=tenant, by=by)
        build.delete()


def _versions(tenant: Tenant) -> list[MatchModel]:
    """Newest first, under lock: two that make or activate versions wait for each other."""
    every = MatchModel.objects.filter(tenant=tenant)
    list(every.select_for_update().order_by("version"))
    return list(every.order_by("-version"))  # who waited was not told of those made meanwhile


def _begin(model: MatchModel, *, by: str) -> MatchModel:
    under_way = KeyBuild.objects.filter(tenant=model.tenant).select_related("model").first()
    if under_way is not None:
        raise BeingPrepared(under_way.model.version)
    if _keys_are_there(model):
        rekeying.put_in_force(model, by=by)
        return model
    deeds.record(Deed.Action.PREPARED, rekeying.subject_of(model), tenant=model.tenant, by=by)
    KeyBuild.objects.create(tenant=model.tenant, model=model, begun_by=by)
    jobs.build_keys(model.tenant_id)
    return model


def _keys_are_there(model: MatchModel) -> bool:
    active = MatchModel.objects.filter(tenant=model.tenant, active=True).first()
    if active is None:
        return True
    plans = [Plan.from_model(ModelDefinition.from_dict(each.definition)) for each in (active, model)]
    return plans[0].storage == plans[1].storage

"""The systems that submit records: registered, changed, retired."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Collate
from django.utils import timezone

from sources import deeds, rows
from sources.deeds import Subject
from sources.errors import Conflict, NotFound
from sources.keys import end_those_of
from sources.memory import Memory
from sources.models import Deed, Reviewer, SourceSystem, SourceSystemQuerySet, Tenant
from sources.reading import as_id
from sources.registration import Registration, ReviewerEntry

NAME_CONSTRAINT = "source_name_of_live_source"


class SourceNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("Source not found")


class SourceNameTaken(Conflict):
    def __init__(self) -> None:
        super().__init__("A source with this name already exists")


class BuiltIn(Conflict):
    """The doors of this service submit through the built-in sources, and find them by name."""

    def __init__(self, action: str) -> None:
        super().__init__(f"A built-in source cannot be {action}")


def systems(tenant: Tenant, *, include_deleted: bool = False) -> SourceSystemQuerySet:
    """The tenant's sources by name, in the order of Unicode's code points whatever the database's language is."""
    every = SourceSystem.objects.of(tenant).prefetch_related("reviewers").order_by(Collate("name", "C"), "pk")
    return every if include_deleted else every.live()


def registered(name: str, *, tenant: Tenant) -> SourceSystem | None:
    """The live source of this name that is not built in: those are for their own doors."""
    row = _REGISTERED.read(name, tenant.pk)
    return rows.split(row, SourceSystem)[0] if row else None


_REGISTERED = Memory(
    models=(SourceSystem,),
    asking=lambda: SourceSystem.objects.live().filter(name="", tenant=0, built_in=False),
    parameters=("name", "tenant"),
)


def find_system(reference: object, *, tenant: Tenant) -> SourceSystem:
    """By id. Raises SourceNotFound, also for a deleted one."""
    found = systems(tenant).filter(pk=as_id(reference)).first()
    if found is None:
        raise SourceNotFound
    return found


@transaction.atomic
def register(registration: Registration, *, tenant: Tenant, by: str) -> SourceSystem:
    """Raises SourceNameTaken."""
    system = SourceSystem(tenant=tenant, created_by=by, **registration.columns)
    _save(system)
    _replace_reviewers(system, registration.reviewers or ())
    tell_registered(system, by=by)
    return system


@transaction.atomic
def update(
    reference: object, registration: Registration, *, tenant: Tenant, by: str, seen: int | None = None
) -> SourceSystem:
    """`seen`: the latest deed about it that the caller knew of (sources.deeds).

    Raises SourceNotFound, ChangedMeanwhile, SourceNameTaken, BuiltIn on another name for a built-in source.
    """
    system = _locked(reference, tenant)
    deeds.check(_subject(system), seen)
    if system.built_in and registration.columns.get("name", system.name) != system.name:
        raise BuiltIn("renamed")
    before = standing(system)
    for column, value in registration.columns.items():
        setattr(system, column, value)
    system.updated_by, system.updated_at = by, timezone.now()
    _save(system)
    if registration.reviewers is not None:
        _replace_reviewers(system, registration.reviewers)
    tell_changed(system, before, by=by)
    return system


@transaction.atomic
def retire(reference: object, *, tenant: Tenant, by: str) -> SourceSystem:
    """Soft-delete: its records stay, its name is free, and its keys end, lest a successor of that name inherits them.

    Raises SourceNotFound, BuiltIn.
    """
    system = _locked(reference, tenant)
    if system.built_in:
        raise BuiltIn("deleted")
    system.deleted_by, system.deleted_at = by, timezone.now()
    system.save(update_fields=["deleted_by", "deleted_at"])
    deeds.record(Deed.Action.REMOVED, _subject(system), tenant=tenant, by=by, before=standing(system).columns)
    end_those_of(system, by=by)
    return system


@dataclass(frozen=True, slots=True)
class Standing:
    """How a source stands: what the journal tells of it, and its reviewers, whom it only counts."""

    columns: dict[str, Any]
    reviewers: frozenset[tuple[str, str, str]]


def standing(system: SourceSystem) -> Standing:
    columns = {name: getattr(system, name) for name in ("name", "entra_ad_group", "required_fields")}
    people = Reviewer.objects.filter(source=system).values_list("first_name", "last_name", "email")
    return Standing(columns, frozenset(people))


def tell_registered(system: SourceSystem, *, by: str) -> None:
    """In the journal; part of the transaction that registers it."""
    now = standing(system)
    after = {**now.columns, "reviewers": len(now.reviewers)}
    deeds.record(Deed.Action.MADE, _subject(system), tenant=system.tenant, by=by, after=after)


def tell_changed(system: SourceSystem, before: Standing, *, by: str) -> None:
    """In the journal; part of the transaction that changes it."""
    now = standing(system)
    were, are = deeds.counted(set(now.reviewers), set(before.reviewers), "reviewers")
    deeds.record_change(
        _subject(system), tenant=system.tenant, by=by, before={**before.columns, **were}, after={**now.columns, **are}
    )


def _subject(system: SourceSystem) -> Subject:
    return Subject(Deed.Kind.SOURCE, system.pk, system.name)


def _locked(reference: object, tenant: Tenant) -> SourceSystem:
    rows = SourceSystem.objects.of(tenant).live().select_for_update(no_key=True)
    system = rows.filter(pk=as_id(reference)).first()
    if system is None:
        raise SourceNotFound
    return system


def _save(system: SourceSystem) -> None:
    try:
        with transaction.atomic():
            system.save()
    except IntegrityError as error:
        if NAME_CONSTRAINT in str(error):
            raise SourceNameTaken from error
        raise


def _replace_reviewers(system: SourceSystem, reviewers: Sequence[ReviewerEntry]) -> None:
    system.reviewers.all().delete()
    Reviewer.objects.bulk_create(
        Reviewer(source=system, first_name=entry.first_name, last_name=entry.last_name, email=entry.email)
        for entry in reviewers
    )

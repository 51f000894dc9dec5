"""What people and programs do with an import: start it, hold it, let it go on, give it up."""

from __future__ import annotations

from django.utils import timezone

from contacts.transactions import verb
from imports import tasks
from imports.checking import beginning
from imports.errors import FileGone, ImportNotFound, WrongState
from imports.models import Block, Import, ImportQuerySet, RejectedRow
from imports.progress import is_silent
from imports.resolving import OUTCOMES
from sources.models import Tenant
from sources.reading import as_id

State = Import.State


def imports_of(tenant: Tenant) -> ImportQuerySet:
    """The newest first; those whose file is not here whole left out."""
    rows = Import.objects.of(tenant).exclude(state=State.RECEIVING)
    return rows.select_related("source", "only_source").order_by("-pk")


def find_import(reference: object, *, tenant: Tenant) -> Import:
    """By id. Raises ImportNotFound."""
    found = imports_of(tenant).filter(pk=as_id(reference)).first()
    if found is None:
        raise ImportNotFound
    return found


@verb
def start(reference: object, *, tenant: Tenant, in_background: bool = True) -> Import:
    """Let it begin: in the background as soon as a worker is free, or by whoever calls `running.carry_out` next.

    A dry run that is done begins again for real. Raises ImportNotFound, FileGone, WrongState.
    """
    imported = _locked(reference, tenant)
    if imported.state == State.DONE and imported.dry_run:
        begin_again(imported)
    elif imported.state != State.READY:
        raise WrongState("started", imported.state)
    return _queue(imported, in_background=in_background)


@verb
def pause(reference: object, *, tenant: Tenant) -> Import:
    """Hold it: what is being resolved at this moment is taken back, and resolved when it goes on.

    Raises ImportNotFound, WrongState.
    """
    imported = _locked(reference, tenant)
    if imported.state not in (State.QUEUED, State.RUNNING):
        raise WrongState("paused", imported.state)
    return _put(imported, State.PAUSED)


@verb
def resume(reference: object, *, tenant: Tenant, in_background: bool = True) -> Import:
    """Go on where it stands: paused, failed, or left behind by a process that is gone.

    Raises ImportNotFound, WrongState.
    """
    imported = _locked(reference, tenant)
    left_behind = imported.state == State.RUNNING and (is_silent(imported) or not in_background)
    if imported.state not in (State.PAUSED, State.FAILED) and not left_behind:
        raise WrongState("resumed", imported.state)
    return _queue(imported, in_background=in_background)


@verb
def cancel(reference: object, *, tenant: Tenant) -> Import:
    """Give it up: what was resolved stays, the rest of the file is thrown away. Raises ImportNotFound, WrongState."""
    imported = _locked(reference, tenant)
    if imported.state in (State.DONE, State.CANCELLED):
        raise WrongState("cancelled", imported.state)
    Block.objects.filter(imported=imported).delete()
    imported.finished_at = timezone.now()
    return _put(imported, State.CANCELLED)


@verb
def withdraw(imported: Import) -> None:
    """Leave no trace of a file that waits to be started; one that was started stays."""
    waiting = Import.objects.filter(pk=imported.pk, state=State.READY).select_for_update()
    if waiting.exists():
        Block.objects.filter(imported=imported).delete()
        imported.delete()


def _locked(reference: object, tenant: Tenant) -> Import:
    rows = Import.objects.of(tenant).exclude(state=State.RECEIVING).select_for_update(no_key=True)
    imported = rows.filter(pk=as_id(reference)).first()
    if imported is None:
        raise ImportNotFound
    return imported


def _put(imported: Import, state: Import.State) -> Import:
    imported.state, imported.error = state, ""
    imported.save(update_fields=["state", "error", "finished_at", "touched_at"])
    return imported


def _queue(imported: Import, *, in_background: bool) -> Import:
    imported.touched_at = timezone.now()
    queued = _put(imported, State.QUEUED)
    if in_background:
        tasks.carry_out_import.defer(import_id=queued.pk)
    return queued


def begin_again(imported: Import) -> None:
    """Part of a verb: what was tried dry stands at its first record, with nothing counted. Raises FileGone."""
    if not Block.objects.filter(imported=imported).exists():
        raise FileGone
    RejectedRow.objects.filter(imported=imported).delete()
    for counter in ("records", "rejected", "collisions", "candidates", *OUTCOMES):
        setattr(imported, counter, 0)
    imported.position, imported.lines = beginning(imported)
    imported.dry_run, imported.seconds = False, 0
    imported.started_at = imported.finished_at = imported.touched_at = None
    imported.save()

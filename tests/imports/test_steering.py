"""Starting, pausing, resuming and cancelling, also while a chunk is under way."""

from __future__ import annotations

from typing import Any

import pytest

from contacts.models import Contact
from imports import running
from imports.errors import ImportNotFound, WrongState
from imports.models import Block, Import, RejectedRow
from imports.progress import progress_of
from imports.resolving import resolve
from imports.running import carry_out
from imports.steering import cancel, find_import, imports_of, pause, resume, start
from matching.tenants import open_tenant
from tests.imports.files import body, counts, imported, ndjson, received
from tests.registry import default_tenant

pytestmark = pytest.mark.django_db

NAMES = ("Abernathy", "Quigley", "Montgomery", "Ivanova", "Zimmer", "Okafor")
CONTENT = ndjson(
    [body(str(n), first_name=f"{name[:3]}ia", last_name=name, email=f"{name}@example.org", phone=f"+1214867530{n}")
     for n, name in enumerate(NAMES)]
)  # fmt: skip


@pytest.fixture
def waiting(settings: Any) -> Import:
    settings.IMPORT_CHUNK_RECORDS = 2
    settings.IMPORT_PROCESSES = 1
    return received(CONTENT)


def begun(waiting: Import) -> Import:
    return start(waiting.pk, tenant=waiting.tenant, in_background=False)


def during_the_second_chunk(monkeypatch: pytest.MonkeyPatch, then: Any) -> None:
    chunks: list[object] = []

    def resolving(chunk: Any, *args: Any, **words: Any) -> None:
        chunks.append(chunk)
        if len(chunks) == 2:
            then()
        resolve(chunk, *args, **words)

    monkeypatch.setattr(running, "resolve", resolving)


def test_pausing_takes_the_chunk_under_way_back_and_resuming_does_it(
    waiting: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun(waiting)
    during_the_second_chunk(monkeypatch, lambda: pause(waiting.pk, tenant=waiting.tenant))
    paused = carry_out(waiting.pk)
    assert paused.state == Import.State.PAUSED
    assert counts(paused) == {"records": 2, "created": 2}
    assert Contact.objects.count() == 2
    assert 0 < progress_of(paused).share < 1
    resume(waiting.pk, tenant=waiting.tenant, in_background=False)
    done = carry_out(waiting.pk)
    assert done.state == Import.State.DONE
    assert counts(done) == {"records": 6, "created": 6}


def test_cancelling_keeps_what_was_resolved_and_throws_the_file_away(
    waiting: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun(waiting)
    during_the_second_chunk(monkeypatch, lambda: cancel(waiting.pk, tenant=waiting.tenant))
    cancelled = carry_out(waiting.pk)
    assert cancelled.state == Import.State.CANCELLED
    assert Contact.objects.count() == 2
    assert not Block.objects.exists()


def test_of_two_processes_at_one_import_one_stops(waiting: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    begun(waiting)
    others: list[Import] = []

    def another() -> None:
        monkeypatch.setattr(running, "resolve", resolve)
        others.append(carry_out(waiting.pk))

    during_the_second_chunk(monkeypatch, another)
    assert counts(carry_out(waiting.pk)) == {"records": 6, "created": 6}
    assert others[0].state == Import.State.DONE
    assert Contact.objects.count() == 6


def test_what_nobody_foresaw_fails_it_and_it_can_be_resumed(waiting: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    begun(waiting)

    def surprise() -> None:
        raise RuntimeError("Sylvia Abernathy")

    during_the_second_chunk(monkeypatch, surprise)
    with pytest.raises(RuntimeError):
        carry_out(waiting.pk)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.error) == (Import.State.FAILED, "RuntimeError; the log of the worker tells more")
    resume(waiting.pk, tenant=waiting.tenant, in_background=False)
    assert carry_out(waiting.pk).state == Import.State.DONE


def test_a_dry_run_that_is_done_can_be_started_for_real() -> None:
    tried = imported(b"id,last name,email,source\n1,Abernathy,s@example.org,CRM\n2,Q,x,CRM\n", "p.csv", dry_run=True)
    assert counts(tried) == {"records": 2, "created": 1, "rejected": 1}
    begun(tried)
    done = carry_out(tried.pk)
    assert counts(done) == {"records": 2, "created": 1, "rejected": 1}
    assert [row.line for row in RejectedRow.objects.filter(imported=done)] == [3]
    assert Contact.objects.count() == 1


@pytest.mark.parametrize("verb", [start, resume, pause, cancel])
def test_an_import_that_is_done_stays_so(verb: Any) -> None:
    done = imported(CONTENT)
    with pytest.raises(WrongState):
        verb(done.pk, tenant=done.tenant)


def test_another_tenants_import_is_not_there() -> None:
    waiting, other = received(CONTENT), open_tenant("other", by="test")
    for verb in (find_import, start, pause, resume, cancel):
        with pytest.raises(ImportNotFound):
            verb(waiting.pk, tenant=other)
    assert not imports_of(other).exists()
    assert imports_of(default_tenant()).get() == waiting

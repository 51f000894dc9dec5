"""A question that waits for the database keeps no other question waiting."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from contacts.record import Facts, Record
from matching import deciding
from matching.active import ActiveModel, active_model
from matching.deciding import Question
from sources.models import Tenant
from tests.registry import source

pytestmark = pytest.mark.django_db

SECONDS = 10


def test_one_question_waiting_for_its_model_keeps_no_other_waiting(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, waits, goes_on = active_model(tenant), Event(), Event()

    def read_slowly(_: Tenant) -> ActiveModel:
        waits.set()
        assert goes_on.wait(SECONDS)
        return model

    crm = source()
    slow, quick = (Question(Record(Facts(), {}, crm.name), crm, tenant) for _ in range(2))
    with ThreadPoolExecutor() as pool:
        try:
            monkeypatch.setattr(deciding, "active_model", read_slowly)
            one = pool.submit(lambda: slow.model)
            assert waits.wait(SECONDS)
            monkeypatch.setattr(deciding, "active_model", lambda _: model)
            assert pool.submit(lambda: quick.model).result(SECONDS) is model
            assert not one.done()
        finally:
            goes_on.set()
        assert one.result(SECONDS) is model

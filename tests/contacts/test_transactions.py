"""A verb begins again where something changed before its commit, and only then."""

from __future__ import annotations

import pytest
from django.db import DataError

from contacts.transactions import OR_RESTART, finally_run, verb
from sources.round_trips import Statement, run

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_begins_again_until_what_goes_with_its_commit_holds() -> None:
    conditions = iter(["1 = 2", "NULL", "1 = 1"])
    attempts: list[str] = []

    @verb
    def lock_and_write() -> None:
        attempts.append(next(conditions))
        finally_run(Statement(OR_RESTART.format(condition=attempts[-1])))

    lock_and_write()
    assert attempts == ["1 = 2", "NULL", "1 = 1"]


def test_a_value_that_the_database_does_not_take_is_nothing_to_begin_again_for() -> None:
    attempts = []

    @verb
    def write_nonsense() -> None:
        attempts.append(1)
        finally_run(Statement("SELECT %(said)s::int", {"said": "twelve"}))

    with pytest.raises(DataError, match="twelve"):
        write_nonsense()
    assert len(attempts) == 1


def test_what_the_database_says_of_it_tells_that_it_is_no_error() -> None:
    with pytest.raises(DataError, match="no error: changed since it was read, the transaction begins again"):
        run(Statement(OR_RESTART.format(condition="1 = 2")))

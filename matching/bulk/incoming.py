"""The records of a chunk as they come in: in plain values, with their keys worked out."""

from __future__ import annotations

from dataclasses import dataclass

from contacts.plain_records import PlainRecord, plain
from contacts.record import Record
from matching.plan import BothKeys, Plan
from sources.models import SourceSystem


@dataclass(slots=True)
class Incoming:
    """`keys` are those of the model in force; `source` is one of the tenant's.

    The record itself is put together where it is asked for.
    """

    plain: PlainRecord
    keys: BothKeys
    source: SourceSystem
    made: Record | None = None

    @property
    def record(self) -> Record:
        if self.made is None:
            self.made = self.plain.whole
        return self.made

    @property
    def source_key(self) -> tuple[int, str] | None:
        """With the source: where the record stands there."""
        key = self.plain.source_key
        return None if key is None else (self.source.id, key)


def incoming(record: Record, source: SourceSystem, *, plan: Plan, scope: int) -> Incoming:
    return Incoming(plain(record), plan.both_keys(record.facts, scope), source, record)


def keyed_again(each: Incoming, *, plan: Plan, scope: int) -> Incoming:
    """Under another plan than its keys were made by."""
    return Incoming(each.plain, plan.both_keys(each.record.facts, scope), each.source, each.made)

"""A record in plain values: what is sent between processes, and written to the database as it is. Pure: no Django."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple

import orjson

from contacts.record import FIELDS, Facts, Record

_SAID = attrgetter(*FIELDS, "attributes")
_EMAIL, _PHONE = FIELDS.index("email"), FIELDS.index("phone")


class PlainRecord(NamedTuple):
    """`said`: the values of Facts, FIELDS first and then the attributes. `payload`: the body as sent, as JSON.

    What the dataclasses themselves cost to send is a fifth of normalising.
    """

    said: tuple[Any, ...]
    payload: str
    source_system: str
    source_key: str | None
    source_of_truth: bool
    effective_date: datetime | None
    subtenant_id: int | None

    @property
    def email(self) -> str:
        return str(self.said[_EMAIL])

    @property
    def phone(self) -> str:
        return str(self.said[_PHONE])

    @property
    def attributes(self) -> Mapping[str, str]:
        attributes: Mapping[str, str] = self.said[-1]
        return attributes

    @property
    def whole(self) -> Record:
        return Record(Facts(*self.said), AsSent(self.payload), *self[2:])


class AsSent(Mapping[str, Any]):
    """A body as `json`, read when something of it is asked for: of most it is written again as it is."""

    __slots__ = ("_body", "json")

    def __init__(self, as_sent: str) -> None:
        self.json = as_sent
        self._body: dict[str, Any] | None = None

    def _read(self) -> dict[str, Any]:
        if self._body is None:
            self._body = json.loads(self.json)
        return self._body

    def __getitem__(self, name: str) -> Any:
        return self._read()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())


def plain(record: Record) -> PlainRecord:
    return PlainRecord(
        _SAID(record.facts),
        as_json(record.original_payload),
        record.source_system,
        record.source_key,
        record.source_of_truth,
        record.effective_date,
        record.subtenant_id,
    )


def as_json(value: Any) -> str:
    """As PostgreSQL reads it: numbers that orjson refuses, being too long, are written by the standard library."""
    if isinstance(value, AsSent):
        return value.json
    try:
        return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()
    except TypeError:
        return json.dumps(value)

"""A record in plain values: what is sent between processes, and written to the database as it is. Pure: no Django."""

from __future__ import annotations

import json
from collections.abc import Mapping
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
        return Record(Facts(*self.said), json.loads(self.payload), *self[2:])


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
    try:
        return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()
    except TypeError:
        return json.dumps(value)

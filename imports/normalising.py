"""From the rows of a file to normalised records, in processes of their own. Knows no Django.

The rules are those of `POST /customers`: a row is refused here exactly when its body would be refused there with 400,
and for the same reasons.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from contacts.intake import InvalidSubmission, read_submission, submitted_source
from contacts.normalisation.json_values import strict_json
from contacts.plain_records import PlainRecord, plain
from contacts.record import Record
from imports.columns import Column, body_of
from imports.rows import Row
from matching.child_processes import end_with_parent
from matching.plan import BothKeys, Plan

NOT_JSON = "the line is not valid JSON"


@dataclass(frozen=True, slots=True)
class Rules:
    """What a record is read by: the tenant's registered sources with the fields they require, and its attributes.

    `usually_required`: of a source that is not registered, so that everything else is told as well. `plan` and `scope`:
    what the keys of the records are made by.
    """

    region: str
    required: Mapping[str, Sequence[str]]
    usually_required: Sequence[str]
    attribute_types: Mapping[str, str]
    plan: Plan
    scope: int
    source: str = ""
    only_source: str = ""
    columns: Sequence[Column] | None = None


class Refused(NamedTuple):
    """A row that is no record: its line, its text and everything that is wrong with it."""

    line: int
    raw: str
    errors: list[str]


Packed = tuple[int, tuple[Any, ...], tuple[Any, ...]]
"""A line, its record in plain values and the keys of that; named tuples would cost five times as much to send."""


def read_rows(rows: Sequence[Row], rules: Rules) -> tuple[list[Packed], list[Refused]]:
    records: list[Packed] = []
    refused: list[Refused] = []
    for row in rows:
        try:
            records.append(pack(row.line, read(row, rules), rules))
        except InvalidSubmission as refusal:
            refused.append(Refused(row.line, legible(row.raw), refusal.errors))
    return records, refused


def read(row: Row, rules: Rules) -> Record:
    """Raises InvalidSubmission."""
    body = _with_source(_body(row, rules), rules)
    name = submitted_source(body)
    if rules.only_source and name != rules.only_source:
        raise InvalidSubmission(["This API key may only submit for the source it is bound to"])
    required = rules.required.get(name)
    errors = [f"source_system '{name}' is not registered"] if name and required is None else []
    try:
        record = read_submission(
            body,
            required_fields=rules.usually_required if required is None else required,
            region=rules.region,
            attribute_types=rules.attribute_types,
        )
    except InvalidSubmission as refusal:
        raise InvalidSubmission([*refusal.errors, *errors]) from refusal
    if errors:
        raise InvalidSubmission(errors)
    return record


def _body(row: Row, rules: Rules) -> object:
    if row.fault:
        raise InvalidSubmission([row.fault])
    if rules.columns is None:
        try:
            return strict_json(row.raw)
        except (ValueError, RecursionError) as error:
            raise InvalidSubmission([NOT_JSON]) from error
    cells = row.cells or []
    if len(cells) != len(rules.columns):
        raise InvalidSubmission([f"the row has {len(cells)} columns, the header has {len(rules.columns)}"])
    return body_of(cells, rules.columns)


def _with_source(body: object, rules: Rules) -> object:
    if not rules.source or not isinstance(body, dict) or body.get("source_system") not in (None, ""):
        return body
    return {**body, "source_system": rules.source}


def legible(raw: bytes) -> str:
    """A row as text that can be stored, whatever its bytes are."""
    return raw.decode("utf-8", "backslashreplace").replace("\0", "\\x00")


def pack(line: int, record: Record, rules: Rules) -> Packed:
    return line, tuple(plain(record)), tuple(rules.plan.both_keys(record.facts, rules.scope))


def unpack(packed: Packed) -> tuple[int, PlainRecord, BothKeys]:
    line, record, keys = packed
    return line, PlainRecord._make(record), BothKeys._make(keys)


_rules: Rules | None = None


def begin_process(rules: Rules) -> None:
    """Of a process that reads for another: keep the rules, and end when the other does, however it ends."""
    global _rules
    _rules = rules
    end_with_parent()


def read_in_process(rows: Sequence[Row]) -> tuple[list[Packed], list[Refused]]:
    assert _rules is not None  # noqa: S101 - begin_process was called
    return read_rows(rows, _rules)

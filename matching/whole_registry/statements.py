"""What is compared: every statement of the registry with its keys, as rows of three Parquet tables. Pure: no Django."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import pyarrow as pa

from contacts.record import FIELDS, Facts
from matching.model_definition import ModelDefinition, value_reader
from matching.plan import Plan, hashed

STATEMENTS, ASKED, STORED = "statements", "asked", "stored"
TABLES = (STATEMENTS, ASKED, STORED)

# What a statement is, without what is worked out from the model: the columns that --from-parquet must bring.
SAID = pa.schema(
    [
        pa.field("statement", pa.int64(), nullable=False),
        pa.field("owner", pa.int64(), nullable=False),
        pa.field("customer", pa.string(), nullable=False),
        *(pa.field(name, pa.string()) for name in FIELDS),
        pa.field("attributes", pa.string()),
    ]
)
_KEYS = pa.schema([("statement", pa.int64()), ("owner", pa.int64()), ("key", pa.int64())])


class Statement(NamedTuple):
    """One row to match. `number` is the contact's id; a golden record has the negative number of its owner."""

    number: int
    owner: int
    customer: str
    facts: Facts

    @property
    def golden(self) -> bool:
        return self.number < 0


def compared_column(position: int) -> str:
    """The column of a model's comparison, by its position: the value as it is compared, null where there is none."""
    return f"compared_{position}"


def schema_of(table: str, model: ModelDefinition) -> pa.Schema:
    if table != STATEMENTS:
        return _KEYS
    columns = [pa.field(compared_column(position), pa.string()) for position in range(len(model.comparisons))]
    return pa.schema([*SAID, *columns])


def tables(statements: Sequence[Statement], *, model: ModelDefinition, scope: int) -> dict[str, pa.Table]:
    """The three tables for some of the registry's statements; `scope` is the tenant, as in matching.plan."""
    plan = Plan.from_model(model)
    asked, stored = _Keyed(), _Keyed()
    for each in statements:
        values, both = tuple(_values(each.facts, scope)), plan.both_keys(each.facts, scope)
        stored.add(each, values + both.stored)
        if not each.golden:
            asked.add(each, values + both.asked)
    return {STATEMENTS: _said(statements, model), ASKED: asked.table(), STORED: stored.table()}


def asked_keys(facts: Facts, plan: Plan, scope: int) -> dict[int, str]:
    """What a submission of these facts reads, with its label for people (matching.deciding.Question.keys)."""
    return {**_values(facts, scope), **{key.value: key.label for key in plan.lookup_keys(facts, scope=scope).hashed}}


def stored_keys(facts: Facts, plan: Plan, scope: int) -> dict[int, str]:
    """Under what a customer of whom this is said is found, with labels."""
    return {**_values(facts, scope), **{key.value: key.label for key in plan.index_keys(facts, scope=scope)}}


def _values(facts: Facts, scope: int) -> dict[int, str]:
    labels = [f"{kind}:{value}" for kind, value in (("em", facts.email), ("ph", facts.phone)) if value]
    return {hashed((str(scope), label)): label for label in labels}


class _Keyed:
    """Rows of `asked` or `stored`, column by column."""

    def __init__(self) -> None:
        self._columns: dict[str, list[int]] = {name: [] for name in _KEYS.names}

    def add(self, statement: Statement, keys: Sequence[int]) -> None:
        self._columns["statement"] += [statement.number] * len(keys)
        self._columns["owner"] += [statement.owner] * len(keys)
        self._columns["key"] += keys

    def table(self) -> pa.Table:
        return pa.table(self._columns, schema=_KEYS)


def _said(statements: Sequence[Statement], model: ModelDefinition) -> pa.Table:
    columns: dict[str, list[object]] = {
        "statement": [each.number for each in statements],
        "owner": [each.owner for each in statements],
        "customer": [each.customer for each in statements],
        **{name: [getattr(each.facts, name) for each in statements] for name in FIELDS},
        "attributes": [_written(each.facts.attributes) for each in statements],
    }
    for position, comparison in enumerate(model.comparisons):
        read = value_reader(comparison.field)
        # Compared without case, as matching.comparison does.
        columns[compared_column(position)] = [read(each.facts).casefold() or None for each in statements]
    return pa.table(columns, schema=schema_of(STATEMENTS, model))


def _written(attributes: Mapping[str, str]) -> str:
    return json.dumps(dict(attributes)) if attributes else "{}"


def read_back(batch: pa.RecordBatch) -> Iterator[Statement]:
    """The statements of a batch with the columns of SAID."""
    for row in batch.select(SAID.names).to_pylist():
        said = {name: row[name] or "" for name in FIELDS}
        facts = Facts(**said, attributes=json.loads(row["attributes"] or "{}"))
        yield Statement(row["statement"], row["owner"], row["customer"], facts)

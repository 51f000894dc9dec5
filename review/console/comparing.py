"""An incoming record beside a candidate, field by field, as the Compare page shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contacts.models import Contact
from contacts.record import ADDRESS_FIELDS, FIELDS, Facts
from matching.evidence import Evidence, FieldEvidence
from matching.model_definition import ADDRESS, ATTRIBUTE_PREFIX
from review.console import differences
from review.console.differences import Piece, Relation
from review.console.labels import address_line, field_label, full_name, record_label
from review.console.waterfall import Bar, Waterfall


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field of both sides. `weight` in bits and `bar` where the model weighed it; `note` is said beside it."""

    label: str
    incoming: Sequence[Piece]
    existing: Sequence[Piece]
    relation: Relation
    weight: float | None = None
    bar: Bar | None = None
    note: str = ""


def weighed_rows(
    evidence: Evidence, chart: Waterfall, *, sent: tuple[Contact, Contact | None] | None, shared: Mapping[str, int]
) -> list[FieldRow]:
    """The fields the model compared, with the values it compared, or as the two contacts of `sent` were sent."""
    return [
        _weighed_row(field, bar, sent=sent, shared=shared)
        for field, bar in zip(evidence.fields, chart.bars, strict=True)
    ]


def _weighed_row(
    field: FieldEvidence, bar: Bar, *, sent: tuple[Contact, Contact | None] | None, shared: Mapping[str, int]
) -> FieldRow:
    left, right = field.incoming, field.existing
    if sent is not None:
        left = as_sent(sent[0], field.field)
        right = as_sent(sent[1], field.field) if sent[1] else right
    ours, theirs = differences.pieces(left, right)
    holders = shared.get(field.field, 0)
    # The incoming record's customer and the candidate are two of them.
    note = f"shared by {holders}" if holders > 2 else ""
    judged = differences.relation(field)
    return FieldRow(field_label(field.field), ours, theirs, judged, field.weight, bar, note)


def other_rows(evidence: Evidence, ours: Facts, theirs: Facts) -> list[FieldRow]:
    """What either side knows and the model does not weigh."""
    weighed = {field.field for field in evidence.fields}
    if ADDRESS in weighed:
        weighed |= set(ADDRESS_FIELDS) - {"country"}
    left, right = values(ours), values(theirs)
    names = [name for name in dict.fromkeys((*left, *right)) if name not in weighed]
    return [_plain_row(name, left.get(name, ""), right.get(name, "")) for name in names]


def values(facts: Facts) -> dict[str, str]:
    """All that is known, by the names models have for it."""
    known = {name: getattr(facts, name) for name in FIELDS}
    known |= {ATTRIBUTE_PREFIX + name: value for name, value in facts.attributes.items()}
    return {name: value for name, value in known.items() if value}


def _plain_row(name: str, left: str, right: str) -> FieldRow:
    ours, theirs = differences.pieces(left, right)
    return FieldRow(field_label(name), ours, theirs, differences.plain_relation(left, right))


def as_sent(contact: Contact, field: str) -> str:
    """A field as its source wrote it; of an address the parts in one line."""
    payload: Any = contact.original_payload if isinstance(contact.original_payload, dict) else {}
    address = payload.get("address") if isinstance(payload.get("address"), dict) else {}
    if field == ADDRESS:
        return " ".join(str(address[part]) for part in ADDRESS_FIELDS if address.get(part))
    if field.startswith(ATTRIBUTE_PREFIX):
        attributes = payload.get("attributes")
        value = attributes.get(field.removeprefix(ATTRIBUTE_PREFIX)) if isinstance(attributes, dict) else None
    else:
        value = payload.get(field, address.get(field))
    return "" if value is None else str(value)


@dataclass(frozen=True, slots=True)
class Cell:
    """A value of a record behind the candidate, and how it stands to the incoming record's."""

    column: str
    text: str
    relation: Relation


@dataclass(frozen=True, slots=True)
class RecordRow:
    """A record behind the candidate. `compared`: the one the incoming record was compared with."""

    contact: Contact
    label: str
    cells: Sequence[Cell]
    compared: bool


COLUMNS = ("Name", "E-mail", "Phone", "Address")


def record_rows(theirs: Sequence[Contact], incoming: Contact, *, against: int | None) -> Iterator[RecordRow]:
    """Every record behind the candidate, oldest first, in COLUMNS."""
    ours = _columns(incoming.facts)
    for contact in theirs:
        columns = zip(COLUMNS, ours, _columns(contact.facts), strict=True)
        cells = [Cell(name, right, differences.plain_relation(left, right)) for name, left, right in columns]
        yield RecordRow(contact, record_label(contact), cells, contact.pk == against)


def _columns(facts: Facts) -> tuple[str, ...]:
    name = full_name(facts) if facts.named else ""
    return name, facts.email, facts.phone, address_line(facts)

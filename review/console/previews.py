"""What each verdict would do, worked out before it is pressed. Nothing is written here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from contacts import survivorship
from contacts.history import difference
from contacts.models import Contact, Customer
from review.console.labels import field_label, record_label


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field of the golden record; empty is not known. `source` is the record that the new value is from."""

    label: str
    before: str
    after: str
    source: str


@dataclass(frozen=True, slots=True)
class Approval:
    """What becomes of both customers if they are one person. `closes`: the record's other candidates."""

    moving: tuple[str, ...]
    staying: int
    changes: tuple[FieldChange, ...]
    closes: int

    @property
    def together(self) -> int:
        return self.staying + len(self.moving)


def approval(candidate: Customer, ours: Sequence[Contact], theirs: Sequence[Contact], *, closes: int) -> Approval:
    """`ours` are the records of the incoming record's customer, `theirs` the candidate's."""
    golden = survivorship.resolve([*theirs, *ours])
    by_id = {contact.pk: contact for contact in (*theirs, *ours)}
    changes = []
    for name, delta in difference(candidate.facts, golden.facts).items():
        origin = golden.provenance.get(name.removeprefix("address."))
        source = record_label(by_id[origin]) if origin in by_id else ""
        changes.append(FieldChange(field_label(name), delta["from"] or "", delta["to"] or "", source))
    return Approval(tuple(record_label(contact) for contact in ours), len(theirs), tuple(changes), closes)

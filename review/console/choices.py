"""What somebody at the console may make of the values of a golden record: which to pin, which pin to let go."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from contacts.models import Contact, Customer
from matching.pinning import dotted
from review.portrait import GoldenValue

# Records that the page of a customer shows at once.
RECORDS = 100


@dataclass(frozen=True, slots=True)
class Field:
    """A value of the golden record and what the seat may do about it: pin one of `choices`, let its pin go.

    `leaf` is the one of the leaves of RECORDS records on which the record stands that the value is from.
    """

    value: GoldenValue
    choices: Sequence[tuple[str, Contact]]
    may_let_go: bool
    leaf: int

    @property
    def name(self) -> str:
        return dotted(self.value.field)


def fields(
    values: Sequence[GoldenValue], customer: Customer, contacts: Sequence[Contact], sources: Collection[int] | None
) -> list[Field]:
    """`sources`: whose records the seat may decide on; None: everybody's. A deleted customer is left as it is."""
    mine = [each for each in contacts if sources is None or each.source_id in sources]
    leaves: dict[Contact | None, int] = {contact: number // RECORDS + 1 for number, contact in enumerate(contacts)}
    return [_field(value, [] if customer.deleted_at else mine, leaves) for value in values]


def _field(value: GoldenValue, mine: Sequence[Contact], leaves: Mapping[Contact | None, int]) -> Field:
    """Every value that a record of the seat's says, with the newest that does; what stands comes first."""
    said = {each.facts.value(value.field): each for each in mine if each.facts.value(value.field)}
    choices = sorted(said.items(), key=lambda choice: (choice[0] != value.value, -choice[1].pk))
    return Field(
        value, choices, may_let_go=value.pin is not None and value.origin in mine, leaf=leaves.get(value.origin, 1)
    )

"""What a lookup's attributes read of somebody, and the keys its index holds them under. Pure: no Django.

Attributes have the contact centre's names. Four of them are fields that every record has; any other is a custom
attribute of the tenant. Values are compared without case.

E-mail, phone and names have indexes of their own, so a lookup that begins with one of them needs none, unless it is
unique: then the database has to know its keys to keep a second customer from one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice, product
from uuid import UUID

from contacts.record import Facts

FIELD_OF = {
    "FirstName": "first_name",
    "LastName": "last_name",
    "EmailAddress": "email",
    "PhoneNumber": "phone",
}
NAMES = ("FirstName", "LastName")

UNIQUE, MULTIPLE, REGULAR = "unique", "multiple", "regular"
BUILDING, READY, FAILED, REMOVING = "building", "ready", "failed", "removing"

# Of a customer whose contacts say many different things, the keys of one lookup are stored up to this number.
MOST_KEYS = 1000


@dataclass(frozen=True, slots=True)
class LookupRule:
    """A lookup as the matching needs it; see matching.models.Lookup."""

    id: int
    name: str
    attributes: tuple[str, ...]
    kind: str
    state: str = READY

    @property
    def leading(self) -> str:
        return self.attributes[0]

    @property
    def unique(self) -> bool:
        return self.kind == UNIQUE

    @property
    def keyed(self) -> bool:
        """Whether customers are stored under keys of it."""
        return self.unique or self.leading not in FIELD_OF

    def keeps(self, said: Collection[str]) -> bool:
        """Whether somebody of whom these attributes are known is stored under a key of it."""
        return all(name in said for name in self.attributes) if self.unique else self.keyed and self.leading in said


@dataclass(frozen=True, slots=True, order=True)
class LookupEntry:
    """One key of a lookup's index; `head` is what its leading attribute makes alone."""

    lookup_id: int
    key: UUID
    head: UUID
    unique: bool


def value_of(facts: Facts, attribute: str) -> str:
    """What is known of an attribute; empty where nothing is."""
    field = FIELD_OF.get(attribute)
    return getattr(facts, field) if field else facts.attributes.get(attribute, "")


def attributes_said(statements: Iterable[Facts]) -> list[str]:
    """The attributes that something is known of, by all that is said of somebody."""
    said: dict[str, None] = {}
    for facts in statements:
        said |= dict.fromkeys(name for name, field in FIELD_OF.items() if getattr(facts, field))
        said |= dict.fromkeys(name for name, value in facts.attributes.items() if value)
    return list(said)


def entries(lookups: Iterable[LookupRule], statements: Sequence[Facts]) -> list[LookupEntry]:
    """The keys of somebody of whom all this is said, in order.

    Of a customer whose records say several things every combination is a key: it is one person, who has them all.
    """
    return sorted({entry for lookup in lookups if lookup.keyed for entry in _entries(lookup, statements)})


def _entries(lookup: LookupRule, statements: Sequence[Facts]) -> Iterator[LookupEntry]:
    if not lookup.unique:
        heads = [head_key(lookup, value) for value in _known(lookup.leading, statements)]
        yield from (LookupEntry(lookup.id, head, head, unique=False) for head in heads)
        return
    for values in _combinations(lookup, statements):
        yield LookupEntry(lookup.id, whole_key(lookup, values), head_key(lookup, values[0]), unique=True)


def _combinations(lookup: LookupRule, statements: Sequence[Facts]) -> Iterator[tuple[str, ...]]:
    return islice(product(*(_known(attribute, statements) for attribute in lookup.attributes)), MOST_KEYS)


def values_behind(key: UUID, lookup: LookupRule, statements: Sequence[Facts]) -> dict[str, str]:
    """What is said, by attribute, that makes this whole key of a unique lookup; folded in case."""
    for values in _combinations(lookup, statements):
        if whole_key(lookup, values) == key:
            return dict(zip(lookup.attributes, values, strict=True))
    return {}


def _known(attribute: str, statements: Sequence[Facts]) -> list[str]:
    return sorted({value.casefold() for facts in statements if (value := value_of(facts, attribute))})


def head_key(lookup: LookupRule, value: str) -> UUID:
    return _hashed(lookup, [value])


def whole_key(lookup: LookupRule, values: Sequence[str]) -> UUID:
    return _hashed(lookup, values)


def _hashed(lookup: LookupRule, values: Sequence[str]) -> UUID:
    text = "\x1f".join((str(lookup.id), *(value.casefold() for value in values)))
    return UUID(bytes=blake2b(text.encode(), digest_size=16).digest())

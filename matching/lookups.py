"""Lookups are made and removed while the registry runs; media types name them in their strategies."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from contacts.attributes import types_of
from contacts.errors import Conflict, NotFound
from contacts.models import Contact
from contacts.transactions import verb
from matching import jobs
from matching.locks import strong_key, take
from matching.lookup_keys import FIELD_OF, REGULAR, UNIQUE, LookupRule, values_behind
from matching.models import Lookup, LookupKey
from matching.predefined_lookups import OTHER_NAMES
from sources import deeds
from sources.deeds import Subject
from sources.models import Deed, MediaType, Tenant
from sources.reading import FieldReader, as_id

NAME_LIMIT = 200
MOST_ATTRIBUTES = 10
# Of the customers that a unique lookup's values are shared by, this many groups are told.
MOST_DUPLICATES = 100
# As far as it is counted whom a lookup finds: a registry of millions is not to be counted for a question.
MOST_COUNTED = 100_000


class LookupNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("Identification key not found")


class LookupNameTaken(Conflict):
    def __init__(self) -> None:
        super().__init__("An identification key with this name already exists")


class NamedLikeAnAttribute(Conflict):
    def __init__(self, name: str) -> None:
        super().__init__(f"An attribute is called '{name}': a strategy that says so means that")


class LookupInUse(Conflict):
    """It is predefined, or a strategy names it."""


@dataclass(frozen=True, slots=True)
class LookupDefinition:
    name: str
    attributes: Sequence[str]
    kind: str


def lookups_of(tenant: Tenant) -> QuerySet[Lookup]:
    return Lookup.objects.filter(tenant=tenant).exclude(state=Lookup.State.REMOVING).order_by("pk")


def find_lookup(reference: object, *, tenant: Tenant) -> Lookup:
    """By name, one of the document's other names, or id. Raises LookupNotFound."""
    named = OTHER_NAMES.get(str(reference), str(reference))
    rows = lookups_of(tenant)
    found = rows.filter(name=named).first() if "\0" not in named else None
    found = found or rows.filter(pk=as_id(reference)).first()
    if found is None:
        raise LookupNotFound
    return found


def rule_of(lookup: Lookup) -> LookupRule:
    return LookupRule(lookup.pk, lookup.name, tuple(lookup.attributes), lookup.kind, lookup.state)


def usual_name(attributes: Sequence[str]) -> str:
    """What the document calls a lookup over these attributes."""
    return f"{''.join(attributes)}Lookup"


def read_definition(body: object, *, tenant: Tenant) -> LookupDefinition:
    """`attributes`, a list or separated by commas, and optionally `name` and `kind` or `unique`. Raises InvalidBody."""
    reader = FieldReader(body)
    attributes = read_names(reader, "attributes")
    if not attributes and not reader.errors:
        reader.errors.append("attributes is required")
    reader.errors += undefined(attributes, tenant=tenant)
    if len(attributes) != len(set(attributes)) or len(attributes) > MOST_ATTRIBUTES:
        reader.errors.append(f"attributes must be different ones, at most {MOST_ATTRIBUTES}")
    name = reader.text("name", limit=NAME_LIMIT) or usual_name(attributes)[:NAME_LIMIT]
    if not name.isprintable() or "," in name or name.isdigit():
        reader.errors.append("name cannot be a number, nor contain commas or control characters")
    if not undefined([name], tenant=tenant):
        reader.errors.append(f"name cannot be that of an attribute: a strategy that says '{name[:100]}' means that")
    kind = _kind(reader)
    reader.finish()
    return LookupDefinition(name, attributes, kind)


def read_names(reader: FieldReader, field: str) -> list[str]:
    """A list of names, or one text with commas between them; without blanks."""
    value = reader.body.get(field)
    names = value.split(",") if isinstance(value, str) else value
    if value is None:
        return []
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        reader.errors.append(f"{field} must be a list of names")
        return []
    return [name.strip() for name in names if name.strip()]


def undefined(attributes: Collection[str], *, tenant: Tenant) -> list[str]:
    """What is wrong with names that should be attributes of the tenant's contacts."""
    known = {*FIELD_OF, *types_of(tenant)}
    return [f"attribute '{name[:100]}' is not defined" for name in attributes if name not in known]


def _kind(reader: FieldReader) -> str:
    """Regular where the body does not say."""
    kind, unique = reader.text("kind", limit=20), reader.body.get("unique")
    if kind and kind not in Lookup.Kind.values:
        reader.errors.append(f"kind must be one of {', '.join(Lookup.Kind.values)}")
    if unique is not None and not isinstance(unique, bool):
        reader.errors.append("unique must be true or false")
    elif kind and unique is not None and unique != (kind == UNIQUE):
        reader.errors.append("kind and unique contradict each other")
    return kind or (UNIQUE if unique is True else REGULAR)


@verb
def create_lookup(definition: LookupDefinition, *, tenant: Tenant, by: str) -> Lookup:
    """A lookup that has an index of its own is `building` at first: see matching.lookup_building.

    Raises LookupNameTaken, NamedLikeAnAttribute.
    """
    hold_strategies(tenant)
    if not undefined([definition.name], tenant=tenant):
        raise NamedLikeAnAttribute(definition.name)
    lookup = Lookup(
        tenant=tenant,
        name=definition.name,
        attributes=list(definition.attributes),
        kind=definition.kind,
        created_by=by,
    )
    if rule_of(lookup).keyed:
        lookup.state = Lookup.State.BUILDING
    if definition.name in OTHER_NAMES:
        raise LookupNameTaken
    try:
        with transaction.atomic():
            lookup.save()
    except IntegrityError as error:
        raise LookupNameTaken from error
    deeds.record(Deed.Action.MADE, subject_of(lookup), tenant=tenant, by=by, after=_told(lookup))
    if lookup.state == Lookup.State.BUILDING:
        jobs.build_lookup(lookup.pk)
    return lookup


def subject_of(lookup: Lookup) -> Subject:
    return Subject(Deed.Kind.LOOKUP, lookup.pk, lookup.name)


def _told(lookup: Lookup) -> dict[str, object]:
    return {"attributes": lookup.attributes, "kind": lookup.kind}


@verb
def remove_lookup(reference: object, *, tenant: Tenant, by: str) -> Lookup:
    """From now on it answers nothing; a worker clears its index. Raises LookupNotFound, LookupInUse."""
    hold_strategies(tenant)
    lookup = find_lookup(reference, tenant=tenant)
    _check_unused(lookup)
    lookup.state = Lookup.State.REMOVING
    lookup.save(update_fields=["state"])
    deeds.record(Deed.Action.REMOVED, subject_of(lookup), tenant=tenant, by=by, before=_told(lookup))
    jobs.build_lookup(lookup.pk)
    return lookup


def _check_unused(lookup: Lookup) -> None:
    """Raises LookupInUse."""
    if lookup.built_in:
        raise LookupInUse("A predefined identification key cannot be deleted")
    if users := [media.name for media in users_of(lookup)]:
        raise LookupInUse(f"The strategy of {', '.join(users)} uses this identification key")


def users_of(lookup: Lookup) -> QuerySet[MediaType]:
    """The media types whose strategies name it: while there are any, it cannot be removed."""
    return MediaType.objects.filter(tenant=lookup.tenant, strategy__contains=[lookup.name]).order_by("pk")


def held_by(lookup: Lookup) -> int:
    """How many customers its index holds, one for each of their keys, counted up to MOST_COUNTED and one more.

    0 for a lookup without an index of its own.
    """
    return LookupKey.objects.filter(lookup=lookup).values("key")[: MOST_COUNTED + 1].count()


def hold_strategies(tenant: Tenant) -> None:
    """One at a time changes what strategies name, or removes what they may name."""
    take([strong_key(tenant, "strategies", "")])


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Customers that share what a unique lookup gives to one only, with the values they share, by attribute."""

    customers: Sequence[UUID]
    values: dict[str, str]


def duplicates(lookup: Lookup) -> list[Duplicate]:
    """The customers that violate a unique lookup at present, the first MOST_DUPLICATES groups."""
    if lookup.kind != UNIQUE:
        return []
    shared = LookupKey.objects.filter(lookup=lookup, held=False).order_by("key").values_list("key", flat=True)
    keys = list(dict.fromkeys(shared[: MOST_DUPLICATES * 10]))[:MOST_DUPLICATES]
    groups: dict[UUID, list[UUID]] = {key: [] for key in keys}
    for key, customer in LookupKey.objects.filter(lookup=lookup, key__in=keys).values_list("key", "customer_id"):
        groups[key].append(customer)
    return [Duplicate(sorted(group), _values(lookup, key, group[0])) for key, group in groups.items()]


def _values(lookup: Lookup, key: UUID, customer: UUID) -> dict[str, str]:
    """What is said of the customer that makes this key."""
    facts = [contact.facts for contact in Contact.objects.live().filter(customer=customer)]
    return values_behind(key, rule_of(lookup), facts)

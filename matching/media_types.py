"""Media types and their strategies, changed while the registry runs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from contacts.errors import Conflict, InvalidBody, NotFound
from contacts.transactions import verb
from matching.lookup_keys import UNIQUE
from matching.lookups import (
    LookupDefinition,
    create_lookup,
    hold_strategies,
    lookups_of,
    read_names,
    undefined,
    usual_name,
)
from matching.models import Lookup
from matching.predefined_lookups import ANY, OTHER_NAMES
from sources import deeds
from sources.deeds import Subject
from sources.models import Deed, MediaType, Tenant
from sources.reading import FieldReader, as_id

NAME_LIMIT = 100
MOST_LOOKUPS = 20

# The document's options: identify-contact-1, identify-contact-2, …
_OPTION = re.compile(r"identify[-_]contact[-_](\d{1,3})", re.ASCII)
_OPTION_NAMES = {"create-contact": "create_contact", "minimum-creation-attributes": "minimum_creation_attributes"}
_FIELDS = {"name", "create_contact", "minimum_creation_attributes", "strategy"}


class MediaTypeNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("Media type not found")


class MediaTypeNameTaken(Conflict):
    def __init__(self) -> None:
        super().__init__("A media type with this name already exists")


class PredefinedMediaType(Conflict):
    def __init__(self, action: str) -> None:
        super().__init__(f"A predefined media type cannot be {action}")


@dataclass(frozen=True, slots=True)
class MediaSettings:
    """Columns to set, by name; `options`, the strategy as written: a lookup's name each, or a list of attributes."""

    columns: Mapping[str, Any] = field(default_factory=dict)
    options: Sequence[str | list[str]] | None = None


def media_types_of(tenant: Tenant) -> QuerySet[MediaType]:
    return MediaType.objects.filter(tenant=tenant).order_by("pk")


def find_media_type(reference: object, *, tenant: Tenant) -> MediaType:
    """By name or id. Raises MediaTypeNotFound."""
    rows, name = media_types_of(tenant), str(reference)
    found = (rows.filter(name=name).first() if "\0" not in name else None) or rows.filter(pk=as_id(reference)).first()
    if found is None:
        raise MediaTypeNotFound
    return found


def read_settings(body: object, *, tenant: Tenant, new: bool) -> MediaSettings:
    """A media type as said: the fields that are present. Raises InvalidBody.

    Both the names of the fields and the document's names of the options are understood: `strategy`, or
    `identify-contact-1` and so on; `create-contact`; `minimum-creation-attributes`.
    """
    reader = FieldReader(_with_field_names(body) if isinstance(body, dict) else body)
    columns: dict[str, Any] = {}
    if new or "name" in reader.body:
        columns["name"] = _name(reader)
    if "create_contact" in reader.body:
        columns["create_contact"] = _switch(reader)
    if "minimum_creation_attributes" in reader.body:
        minimum = read_names(reader, "minimum_creation_attributes")
        reader.errors += undefined(minimum, tenant=tenant)
        columns["minimum_creation_attributes"] = list(dict.fromkeys(minimum))
    options = _options(reader) if "strategy" in reader.body else None
    reader.errors += [f"'{name[:100]}' is not known" for name in sorted(set(reader.body) - _FIELDS)]
    reader.finish()
    return MediaSettings(columns, options)


def _with_field_names(body: dict[str, Any]) -> dict[str, Any]:
    numbered = [(int(found[1]), value) for name, value in body.items() if (found := _OPTION.fullmatch(name))]
    numbered.sort(key=lambda option: option[0])
    rest = {_OPTION_NAMES.get(name, name): value for name, value in body.items() if not _OPTION.fullmatch(name)}
    if not numbered:
        return rest
    return {**rest, "strategy": [value for _, value in numbered if value not in (None, "")]}


def _name(reader: FieldReader) -> str:
    name = reader.required("name", limit=NAME_LIMIT)
    if not name.isprintable() or name.isdigit():
        reader.errors.append("name cannot be a number, nor contain control characters")
    return name


def _switch(reader: FieldReader) -> bool:
    value = reader.body["create_contact"]
    said = {"true": True, "false": False}.get(value.strip().lower(), value) if isinstance(value, str) else value
    if not isinstance(said, bool):
        reader.errors.append("create_contact must be true or false")
    return said is True


def _options(reader: FieldReader) -> list[str | list[str]]:
    value = reader.body["strategy"]
    options: Any = value.split(";") if isinstance(value, str) else value
    if options is None:
        return []
    if not isinstance(options, list) or not all(_is_option(option) for option in options):
        reader.errors.append("strategy must be a list of lookups: names, or lists of attributes")
        return []
    if len(options) > MOST_LOOKUPS:
        reader.errors.append(f"strategy may hold at most {MOST_LOOKUPS} lookups")
    return list(options)


def _is_option(option: object) -> bool:
    if isinstance(option, list):
        return bool(option) and all(isinstance(name, str) for name in option)
    return isinstance(option, str) and bool(option.strip())


@verb
def create_media_type(settings: MediaSettings, *, tenant: Tenant, by: str) -> MediaType:
    """Raises MediaTypeNameTaken, InvalidBody."""
    hold_strategies(tenant)
    media = MediaType(tenant=tenant, created_by=by, **settings.columns)
    media.strategy = _resolved(settings.options or [], tenant=tenant, by=by)
    _saved(media)
    deeds.record(Deed.Action.MADE, _subject(media), tenant=tenant, by=by, after=_told(media))
    return media


@verb
def change_media_type(
    reference: object, settings: MediaSettings, *, tenant: Tenant, by: str, seen: int | None = None
) -> MediaType:
    """What is not said stays. `seen`: the latest deed about it that the caller knew of (sources.deeds).

    Raises MediaTypeNotFound, ChangedMeanwhile, MediaTypeNameTaken, PredefinedMediaType, InvalidBody.
    """
    hold_strategies(tenant)
    media = find_media_type(reference, tenant=tenant)
    deeds.check(_subject(media), seen)
    if media.built_in and settings.columns.get("name", media.name) != media.name:
        raise PredefinedMediaType("renamed")
    before = _told(media)
    for column, value in settings.columns.items():
        setattr(media, column, value)
    if settings.options is not None:
        media.strategy = _resolved(settings.options, tenant=tenant, by=by)
    if media.name == ANY and not media.strategy:
        raise InvalidBody([f"the strategy of '{ANY}' serves every media type without one: it needs a lookup"])
    media.updated_by, media.updated_at = by, timezone.now()
    _saved(media)
    deeds.record_change(_subject(media), tenant=tenant, by=by, before=before, after=_told(media))
    return media


def _subject(media: MediaType) -> Subject:
    return Subject(Deed.Kind.MEDIA_TYPE, media.pk, media.name)


def _told(media: MediaType) -> dict[str, Any]:
    names = ("name", "create_contact", "minimum_creation_attributes", "strategy")
    return {name: getattr(media, name) for name in names}


def _saved(media: MediaType) -> None:
    try:
        with transaction.atomic():
            media.save()
    except IntegrityError as error:
        raise MediaTypeNameTaken from error


@verb
def remove_media_type(reference: object, *, tenant: Tenant, by: str) -> None:
    """Raises MediaTypeNotFound, PredefinedMediaType."""
    hold_strategies(tenant)
    media = find_media_type(reference, tenant=tenant)
    if media.built_in:
        raise PredefinedMediaType("deleted")
    deeds.record(Deed.Action.REMOVED, _subject(media), tenant=tenant, by=by, before=_told(media))
    media.delete()


def _resolved(options: Sequence[str | list[str]], *, tenant: Tenant, by: str) -> list[str]:
    """The names of the lookups that the options mean; those not seen before are made. Raises InvalidBody."""
    known = list(lookups_of(tenant))
    errors: list[str] = []
    names = []
    for option in options:
        found = _lookup_meant(option, known) or _made(option, errors, tenant=tenant, by=by)
        if found is not None:
            known.append(found)
            names.append(found.name)
    if errors:
        raise InvalidBody(errors)
    return list(dict.fromkeys(names))


def _lookup_meant(option: str | list[str], known: Sequence[Lookup]) -> Lookup | None:
    """The one of this name, or the first whose attributes begin with those listed, one with no others before all."""
    if isinstance(option, str):
        name = OTHER_NAMES.get(option.strip(), option.strip())
        if (named := next((lookup for lookup in known if lookup.name == name), None)) is not None:
            return named
    listed = _listed(option)
    beginning = [lookup for lookup in known if lookup.attributes[: len(listed)] == listed]
    return min(beginning, key=lambda lookup: len(lookup.attributes) > len(listed), default=None)


def _listed(option: str | list[str]) -> list[str]:
    names = option.split(",") if isinstance(option, str) else option
    return [name.strip() for name in names if name.strip()]


def _made(option: str | list[str], errors: list[str], *, tenant: Tenant, by: str) -> Lookup | None:
    """A new unique lookup, as the document has it for attributes that no lookup begins with."""
    listed = _listed(option)
    if faults := undefined(listed, tenant=tenant):
        name = option if isinstance(option, str) else ",".join(option)
        errors += [f"there is no lookup '{name[:100]}', and as a list of attributes: {fault}" for fault in faults]
        return None
    if not listed or len(listed) != len(set(listed)):
        errors.append("a list of attributes must name some, each once")
        return None
    definition = LookupDefinition(usual_name(listed)[:200], listed, UNIQUE)
    return create_lookup(definition, tenant=tenant, by=by)

"""What a tenant's contact centre is set up to do: its media types, lookups and attributes, read in one statement.

It is kept in memory from one request to the next, and every request asks beside what it came for whether it still is
that: where it is not, the request begins anew by what it then reads. So it is never stale, and costs no wait.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from contacts.attributes import BUILT_IN_TYPES
from contacts.errors import InvalidBody
from matching.active import ActiveModel, prepared
from matching.lookup_keys import READY, REMOVING, LookupRule
from matching.predefined_lookups import ANY
from sources.models import Tenant
from sources.round_trips import Prepared, Statement, run

# Which state of all of it: a changed row is another tuple (see sources.memory). Of what is under construction it counts
# what is made of it here, not how far it has come.
STATE = f"""
(SELECT array_agg(part ORDER BY part COLLATE "C")::text FROM (
    SELECT CASE WHEN state = '{READY}' THEN 'lookup' || xmin || ctid
           ELSE row(id, name, attributes, kind, state)::text END AS part
    FROM matching_lookup WHERE tenant_id = %(tenant)s AND state <> '{REMOVING}'
    UNION ALL SELECT 'media' || xmin || ctid FROM sources_mediatype WHERE tenant_id = %(tenant)s
    UNION ALL SELECT 'attribute' || xmin || ctid FROM contacts_contactattribute WHERE tenant_id = %(tenant)s
    UNION ALL SELECT 'model' || id FROM matching_matchmodel WHERE tenant_id = %(tenant)s AND active
    UNION ALL SELECT 'keys' || model_id FROM matching_keybuild WHERE tenant_id = %(tenant)s) AS parts)
"""
_ASK = f"SELECT {STATE}"
_READ = f"""
SELECT
    {STATE},
    (SELECT jsonb_agg(jsonb_build_array(id, name, attributes, kind, state) ORDER BY id)
     FROM matching_lookup WHERE tenant_id = %(tenant)s AND state <> '{REMOVING}'),
    (SELECT jsonb_object_agg(name, jsonb_build_array(create_contact, minimum_creation_attributes, strategy))
     FROM sources_mediatype WHERE tenant_id = %(tenant)s),
    (SELECT jsonb_object_agg(name, type) FROM contacts_contactattribute WHERE tenant_id = %(tenant)s),
    (SELECT id FROM matching_matchmodel WHERE tenant_id = %(tenant)s AND active),
    (SELECT version FROM matching_matchmodel WHERE tenant_id = %(tenant)s AND active),
    (SELECT model_id FROM matching_keybuild WHERE tenant_id = %(tenant)s)
"""


@dataclass(frozen=True, slots=True)
class MediaRule:
    """A media type as the matching needs it; see sources.models.MediaType."""

    name: str
    create_contact: bool
    minimum: tuple[str, ...]
    strategy: tuple[str, ...]


@dataclass(frozen=True)
class CentreSetup:
    """`state`: what STATE told; `attribute_types`: custom attributes, the built-in ones among them, by name."""

    state: str
    lookups: Mapping[str, LookupRule]
    media_types: Mapping[str, MediaRule]
    attribute_types: Mapping[str, str]
    model: ActiveModel

    def media_faults(self, name: str) -> list[str]:
        return [] if name in self.media_types else [f"MediaType '{name[:100]}' is not known"]

    def media_type(self, name: str) -> MediaRule:
        """Raises InvalidBody."""
        if faults := self.media_faults(name):
            raise InvalidBody(faults)
        return self.media_types[name]

    def strategy(self, media: MediaRule) -> list[LookupRule]:
        """Its lookups, or those of `any`, in order, as far as they are in force."""
        names = media.strategy or self.media_types[ANY].strategy
        lookups = [self.lookups[name] for name in names if name in self.lookups]
        return [lookup for lookup in lookups if lookup.state == READY]


# As read last, by the tenant's id and the time of its opening, which tells it from one that had its id before.
_remembered: dict[tuple[int, datetime], CentreSetup] = {}


class Outdated(Exception):
    """The set-up has changed since it was read."""


def remembered(tenant: Tenant) -> CentreSetup | None:
    return _remembered.get((tenant.pk, tenant.created_at))


def read(tenant: Tenant) -> CentreSetup:
    statement = Prepared(_READ, {"tenant": tenant.pk})
    run(statement)
    known, setup = remembered(tenant), _setup(*statement.rows[0])
    if known is not None and known.state == setup.state:
        return known
    _remembered[tenant.pk, tenant.created_at] = setup
    return setup


def asking(tenant: Tenant) -> Statement:
    """For `confirm`."""
    return Prepared(_ASK, {"tenant": tenant.pk})


def confirm(setup: CentreSetup, asked: Statement) -> None:
    """`asked` (see asking) has run: raises Outdated where there is another set-up."""
    if asked.rows[0][0] != setup.state:
        raise Outdated


def _setup(
    state: str, lookups: str, media_types: str, attributes: str | None, model: int, version: int, also: int | None
) -> CentreSetup:
    rules = [LookupRule(pk, name, tuple(parts), *rest) for pk, name, parts, *rest in json.loads(lookups)]
    media = {
        name: MediaRule(name, creates, tuple(minimum), tuple(strategy))
        for name, (creates, minimum, strategy) in json.loads(media_types).items()
    }
    types = {**BUILT_IN_TYPES, **json.loads(attributes or "{}")}
    return CentreSetup(state, {rule.name: rule for rule in rules}, media, types, prepared(model, version, also))

"""A customer whom nobody knew, with the first contact and the news of both, by one statement that asks first.

It writes what contacts.customers.create has the chronicle write, or nothing. Where that is all a verb does, it saves
the verb the trips before it: to draw the contact's id, and to read what it is founded on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from psycopg.types.json import Jsonb

from contacts.events import ANNOUNCE
from contacts.models import Event, new_customer_id
from contacts.record import FIELDS, Record
from sources.documents import json_of
from sources.models import SourceSystem, Tenant
from sources.round_trips import Prepared

_FACTS = ", ".join((*FIELDS, "attributes"))
_SAID = ", ".join(f"%({name})s" for name in (*FIELDS, "attributes"))
_FOUND = f"""
WITH standing AS MATERIALIZED (SELECT nextval('contacts_contact_id_seq') AS contact WHERE {{provided}}),
announced AS MATERIALIZED ({ANNOUNCE}),
customer AS (
    INSERT INTO contacts_customer ({_FACTS}, id, tenant_id, version, created_by, created_at)
    SELECT {_SAID}, %(customer)s, %(tenant)s, 1, %(by)s, %(at)s FROM standing),
contact AS (
    INSERT INTO contacts_contact ({_FACTS}, id, tenant_id, customer_id, source_id, subtenant_id, source_key,
                                  original_payload, source_of_truth, effective_date, added_by, added_at)
    SELECT {_SAID}, contact, %(tenant)s, %(customer)s, %(source)s, %(subtenant)s, %(source_key)s,
           %(payload)s, %(source_of_truth)s, %(effective_date)s, %(by)s, %(at)s FROM standing),
news AS (
    INSERT INTO contacts_event (tenant_id, kind, customer_id, "by", at, body)
    SELECT %(tenant)s, '{Event.Kind.CREATED}', %(customer)s, %(by)s, %(at)s, jsonb_build_object(
        'contact', contact, 'before', '{{{{}}}}'::jsonb,
        'after', jsonb_build_object(%(customer)s, jsonb_build_array(contact))) FROM standing, announced)
SELECT contact FROM standing
"""


@dataclass(frozen=True, slots=True)
class Condition:
    """Of SQL; it may use the parameters of Founding's statement as well."""

    sql: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


class Founding:
    """A new customer with this record as its only contact, `provided` the condition holds when `statement` runs."""

    def __init__(
        self, record: Record, *, source: SourceSystem, tenant: Tenant, by: str, at: datetime, provided: Condition
    ) -> None:
        self.customer_id = new_customer_id()
        self.statement = Prepared(
            _statement(provided.sql),
            {
                **provided.parameters,
                **record.facts._asdict(),
                "attributes": Jsonb(record.facts.attributes, dumps=json_of),
                "customer": self.customer_id,
                "tenant": tenant.pk,
                "source": source.pk,
                "source_key": record.source_key,
                "subtenant": record.subtenant_id,
                "payload": Jsonb(record.original_payload, dumps=json_of),
                "source_of_truth": record.source_of_truth,
                "effective_date": record.effective_date,
                "by": by,
                "at": at,
            },
        )


@lru_cache(maxsize=8)
def _statement(provided: str) -> str:
    return _FOUND.format(provided=provided)

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

from contacts.events import ANNOUNCE
from contacts.models import Event, new_customer_id
from contacts.record import FIELDS, Record
from sources.documents import document
from sources.models import SourceSystem, Tenant
from sources.round_trips import Prepared

# What a record may say beside an e-mail and a phone, by column: of a customer and its contact alike, and of a contact
# alone; and, as SQL, what is written where it says nothing of it.
UNSAID = {**{name: "''" for name in FIELDS if name not in ("email", "phone")}, "attributes": "'{}'"}
_MORE_OF_CONTACT = {"source_key": "NULL", "subtenant_id": "NULL", "source_of_truth": "false", "effective_date": "NULL"}
_FOUND = f"""
WITH standing AS MATERIALIZED (SELECT nextval('contacts_contact_id_seq') AS contact WHERE {{provided}}),
announced AS MATERIALIZED ({ANNOUNCE}),
customer AS (
    INSERT INTO contacts_customer (email, phone, {", ".join(UNSAID)}, id, tenant_id, version, created_by, created_at)
    SELECT %(email)s, %(phone)s, {{more}}, %(customer)s, %(tenant)s, 1, %(by)s, %(at)s FROM standing),
contact AS (
    INSERT INTO contacts_contact (email, phone, {", ".join((*UNSAID, *_MORE_OF_CONTACT))},
                                  id, tenant_id, customer_id, source_id, original_payload, added_by, added_at)
    SELECT %(email)s, %(phone)s, {{more}}, {{more_of_contact}},
           contact, %(tenant)s, %(customer)s, %(source)s, %(payload)s, %(by)s, %(at)s FROM standing),
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
        facts, plain = record.facts, record.is_all_details
        parameters = {
            **provided.parameters,
            **({} if plain else _more(record)),
            "email": facts.email,
            "phone": facts.phone,
            "customer": self.customer_id,
            "tenant": tenant.pk,
            "source": source.pk,
            "payload": document(record.original_payload),
            "by": by,
            "at": at,
        }
        self.statement = Prepared(_statement(provided.sql, plain), parameters)


def _more(record: Record) -> dict[str, Any]:
    facts = record.facts
    return {
        **{name: facts.value(name) for name in UNSAID if name != "attributes"},
        "attributes": document(facts.attributes),
        **{name: getattr(record, name) for name in _MORE_OF_CONTACT},
    }


@lru_cache(maxsize=8)
def _statement(provided: str, plain: bool) -> str:
    """`plain`: for a record that says nothing but an e-mail and a phone, as parameters cost more than constants do."""
    of_customer, of_contact = (
        ", ".join(constants.values() if plain else (f"%({name})s" for name in constants))
        for constants in (UNSAID, _MORE_OF_CONTACT)
    )
    return _FOUND.format(provided=provided, more=of_customer, more_of_contact=of_contact)

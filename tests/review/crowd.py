"""A registry of any size, in seconds: rows made by the database itself, past all verbs."""

from __future__ import annotations

import json
from typing import Any

from django.db import connection

from contacts.record import Facts
from matching.comparison import compare
from matching.model_definition import SEED_MODEL
from tests.registry import default_tenant, source

_CUSTOMERS = """
INSERT INTO contacts_customer (id, tenant_id, version, first_name, last_name, email, phone, street, city, state, zip,
    country, attributes, created_by, created_at)
SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, %(tenant)s, 1, 'First' || n %% 1000,
    'Last' || n %% 5000, 'c' || n || '@example.org', '+1214' || lpad(n::text, 7, '0'), '', '', '', '', '', '{}',
    'crowd', now() - n * interval '1 second'
FROM generate_series(1, %(customers)s) AS n
"""
_CONTACTS = """
INSERT INTO contacts_contact (tenant_id, customer_id, source_id, source_key, original_payload, source_of_truth,
    first_name, last_name, email, phone, street, city, state, zip, country, attributes, added_by, added_at)
SELECT tenant_id, id, (%(sources)s::bigint[])[1 + row_number() OVER () %% cardinality(%(sources)s::bigint[])],
    id::text, '{}', false,
    first_name, last_name, email, phone, '', '', '', '', '', '{}', 'crowd', created_at
FROM contacts_customer WHERE created_by = 'crowd'
"""
# Every pending candidate proposes the next customer to a record; every fourth record has a second one.
_PAIRS = """
INSERT INTO matching_candidatepair (tenant_id, contact_id, source_id, customer_id, against_id, confidence, algorithm,
    model_version, evidence, search_tokens, status, created_at)
SELECT contact.tenant_id, contact.id, contact.source_id, other.customer_id, other.id,
    0.7 + (contact.id * 7919 %% 2500) / 10000.0, 'fellegi-sunter', 1, %(evidence)s, '{}', 'pending',
    now() - (contact.id %% 5000) * interval '1 minute'
FROM (SELECT * FROM contacts_contact WHERE added_by = 'crowd' ORDER BY id LIMIT %(pending)s) AS contact
CROSS JOIN generate_series(1, CASE WHEN contact.id %% 4 = 0 THEN 2 ELSE 1 END) AS nth
JOIN contacts_contact AS other ON other.id = contact.id + nth
"""


def crowd(
    *,
    customers: int,
    pending: int,
    sources: tuple[str, ...] = ("CRM", "BILLING", "SHOP", "RARE"),
    analysed: bool = True,
) -> None:
    """So many customers of one record each, spread over the sources, and so many records that wait.

    Not `analysed`, they have come faster than PostgreSQL has looked at them.
    """
    ours = Facts("Katherine", "Doyle", "k.doyle@example.org", "+12148675309")
    evidence = compare(SEED_MODEL, ours, Facts("Katherine", "Doyle", "other@example.com", "+12148675309"))
    parameters: dict[str, Any] = {
        "tenant": default_tenant().pk,
        "sources": [source(name).pk for name in sources],
        "customers": customers,
        "pending": pending,
        "evidence": json.dumps(evidence.to_dict()),
    }
    with connection.cursor() as cursor:
        for statement in (_CUSTOMERS, _CONTACTS, _PAIRS):
            cursor.execute(statement, parameters)
        if analysed:
            cursor.execute("ANALYZE")

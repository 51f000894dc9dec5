"""The registry's statements, as they come out of PostgreSQL: by COPY, in one snapshot, a row at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator

from django.db import connections

from contacts.record import FIELDS, Facts
from contacts.replica import alias_to_read
from matching.whole_registry.statements import Statement
from sources.models import Tenant

_CONTACT = ", ".join(f"contact.{name}" for name in (*FIELDS, "attributes"))
_SAID = ", ".join((*FIELDS, "attributes"))
_GOLDEN = ", ".join(f"customer.{name}" for name in (*FIELDS, "attributes"))
_READ = f"""
COPY (
    WITH live AS (
        SELECT contact.id, contact.customer_id, {_CONTACT},
            min(contact.id) OVER whole AS owner, count(*) OVER whole AS held
        FROM contacts_contact AS contact
        WHERE contact.tenant_id = %(tenant)s AND contact.deleted_at IS NULL
        WINDOW whole AS (PARTITION BY contact.customer_id)
    )
    SELECT live.id, live.owner, live.customer_id, {_SAID} FROM live
    UNION ALL
    SELECT -live.owner, live.owner, customer.id, {_GOLDEN}
    FROM live JOIN contacts_customer AS customer ON customer.id = live.customer_id
    WHERE live.id = live.owner AND live.held > 1
) TO STDOUT
"""


def registry_statements(tenant: Tenant) -> Iterator[Statement]:
    """Every live contact, and the golden record of each customer that has several."""
    with connections[alias_to_read()].cursor() as cursor, cursor.copy(_READ, {"tenant": tenant.pk}) as copy:
        for number, owner, customer, *said, attributes in copy.rows():
            facts = Facts(**dict(zip(FIELDS, said, strict=True)), attributes=json.loads(attributes))
            yield Statement(int(number), int(owner), customer, facts)

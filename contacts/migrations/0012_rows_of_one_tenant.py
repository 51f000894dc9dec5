"""A contact is of the same tenant as its customer and its source, which makes foreign keys of tenants superfluous.

Those had every writer lock the one row of the tenant. Customers and tenants are never removed: the database refuses it.
"""

import django.db.models.deletion
from django.db import migrations, models

from contacts.foreign_keys import Reference, adding, dropping

_CUSTOMER_OF_TENANT = "contacts_customer (tenant_id, id)"
_SOURCE_OF_TENANT = "sources_sourcesystem (tenant_id, id)"
NEW = [
    Reference("contacts_contact", "contact_customer_of_tenant", "tenant_id, customer_id", _CUSTOMER_OF_TENANT),
    Reference("contacts_contact", "contact_source_of_tenant", "tenant_id, source_id", _SOURCE_OF_TENANT),
    Reference("contacts_customer", "customer_merged_within_tenant", "tenant_id, merged_into_id", _CUSTOMER_OF_TENANT),
]
# As Django named them.
OLD = [
    Reference(table, f"{table}_{column}_{rest}", column, f"{referred} (id)")
    for table, column, rest, referred in (
        ("contacts_contact", "customer_id", "bc06dcda_fk_contacts_customer_id", "contacts_customer"),
        ("contacts_contact", "source_id", "375d5137_fk_sources_sourcesystem_id", "sources_sourcesystem"),
        ("contacts_contact", "tenant_id", "d1fb2385_fk_sources_tenant_id", "sources_tenant"),
        ("contacts_customer", "merged_into_id", "7d694f5b_fk_contacts_", "contacts_customer"),
        ("contacts_customer", "tenant_id", "d6cd4978_fk_sources_tenant_id", "sources_tenant"),
        ("contacts_event", "tenant_id", "81b6d04f_fk_sources_tenant_id", "sources_tenant"),
    )
]
KEEP = """
CREATE FUNCTION registry_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a row of % is never removed, and keeps its id', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER tenant_kept AFTER DELETE OR UPDATE OF id ON sources_tenant
    FOR EACH ROW EXECUTE FUNCTION registry_kept();
CREATE TRIGGER customer_kept AFTER DELETE OR UPDATE OF id ON contacts_customer
    FOR EACH ROW EXECUTE FUNCTION registry_kept();
"""
LET_GO = """
DROP TRIGGER IF EXISTS customer_kept ON contacts_customer;
DROP TRIGGER IF EXISTS tenant_kept ON sources_tenant;
DROP FUNCTION IF EXISTS registry_kept();
"""


def unchecked(model: str, name: str, to: str, **options: object) -> migrations.AlterField:
    return migrations.AlterField(
        model,
        name,
        models.ForeignKey(to, on_delete=django.db.models.deletion.PROTECT, db_constraint=False, **options),
    )


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("contacts", "0011_customer_with_its_tenant"), ("sources", "0006_source_of_tenant")]
    operations = [
        migrations.RunSQL(LET_GO + KEEP, LET_GO),
        *map(adding, NEW),
        *map(dropping, OLD),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                unchecked("contact", "customer", "contacts.customer", related_name="contacts"),
                unchecked("contact", "source", "sources.sourcesystem", db_index=False),
                unchecked("contact", "tenant", "sources.tenant", db_index=False),
                unchecked("customer", "merged_into", "contacts.customer", blank=True, null=True, db_index=False),
                unchecked("customer", "tenant", "sources.tenant", db_index=False),
                unchecked("event", "tenant", "sources.tenant", db_index=False),
            ]
        ),
    ]

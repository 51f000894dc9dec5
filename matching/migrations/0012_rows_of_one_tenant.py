"""A candidate is of the same tenant as its customer. Keys, worked out from customers that stay, refer to them unchecked."""

import django.db.models.deletion
from django.db import migrations, models

from contacts.foreign_keys import Reference, adding, dropping

_CUSTOMER_OF_TENANT = "contacts_customer (tenant_id, id)"
NEW = Reference("matching_candidatepair", "pair_customer_of_tenant", "tenant_id, customer_id", _CUSTOMER_OF_TENANT)
# As Django named them.
OLD = [
    Reference(f"matching_{table}", f"matching_{name}", column, f"{referred} (id)")
    for table, name, column, referred in (
        ("candidatepair", "candidatepa_customer_id_0317be92_fk_contacts_", "customer_id", "contacts_customer"),
        ("candidatepair", "candidatepair_tenant_id_4c260577_fk_sources_tenant_id", "tenant_id", "sources_tenant"),
        ("matchkey", "matchkey_customer_id_911d2537_fk_contacts_customer_id", "customer_id", "contacts_customer"),
        ("lookupkey", "lookupkey_customer_id_de66a402_fk_contacts_customer_id", "customer_id", "contacts_customer"),
    )
]
_PROTECT, _CASCADE = django.db.models.deletion.PROTECT, django.db.models.deletion.CASCADE


def unchecked(model: str, name: str, to: str, **options: object) -> migrations.AlterField:
    return migrations.AlterField(model, name, models.ForeignKey(to, db_constraint=False, **options))


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("contacts", "0012_rows_of_one_tenant"), ("matching", "0011_withdrawn_pairs")]
    operations = [
        adding(NEW),
        *map(dropping, OLD),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                unchecked(
                    *("candidatepair", "customer", "contacts.customer"), on_delete=_PROTECT, related_name="candidacies"
                ),
                unchecked("candidatepair", "tenant", "sources.tenant", on_delete=_PROTECT, db_index=False),
                unchecked("lookupkey", "customer", "contacts.customer", on_delete=_CASCADE),
                unchecked("matchkey", "customer", "contacts.customer", on_delete=_CASCADE),
            ]
        ),
    ]

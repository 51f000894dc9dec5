"""Which contact fitted best, a candidate tells unchecked: it was read when it was compared, and contacts stay.

Each candidate filed had the row of somebody else's contact written anew, as a foreign key locks what it refers to.
"""

import django.db.models.deletion
from django.db import migrations, models

from contacts.foreign_keys import Reference, dropping

# As Django named it.
OLD = Reference(
    "matching_candidatepair", "matching_candidatepa_against_id_619a57d9_fk_contacts_", "against_id", "contacts_contact (id)"
)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("contacts", "0013_contacts_stay"), ("matching", "0012_rows_of_one_tenant")]
    operations = [
        dropping(OLD),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    "candidatepair",
                    "against",
                    models.ForeignKey(
                        "contacts.contact",
                        on_delete=django.db.models.deletion.PROTECT,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        related_name="+",
                    ),
                )
            ]
        ),
    ]

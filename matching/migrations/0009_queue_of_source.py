import django.db.models.deletion
from django.db import migrations, models

FILL = """
UPDATE matching_candidatepair AS pair SET source_id = contact.source_id
FROM contacts_contact AS contact WHERE contact.id = pair.contact_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0006_pins"),
        ("matching", "0008_merged_by_matching"),
        ("sources", "0004_api_key_revoked_by"),
    ]

    operations = [
        migrations.AddField(
            model_name="candidatepair",
            name="source",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="sources.sourcesystem",
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL(
            "ALTER TABLE matching_candidatepair ALTER COLUMN source_id SET NOT NULL",
            "ALTER TABLE matching_candidatepair ALTER COLUMN source_id DROP NOT NULL",
            state_operations=[
                migrations.AlterField(
                    model_name="candidatepair",
                    name="source",
                    field=models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="sources.sourcesystem",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="candidatepair",
            index=models.Index(
                condition=models.Q(("status", "pending")),
                fields=["source", "-confidence", "id"],
                name="pair_queue_of_source",
            ),
        ),
    ]

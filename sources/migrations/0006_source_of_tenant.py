"""A source and its tenant can be referred to together; the index for it serves in place of the tenant's alone."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sources", "0005_deeds")]
    operations = [
        migrations.AddConstraint(
            "sourcesystem", models.UniqueConstraint(fields=("tenant", "id"), name="source_of_tenant")
        ),
        migrations.AlterField(
            "sourcesystem",
            "tenant",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="source_systems",
                to="sources.tenant",
            ),
        ),
    ]

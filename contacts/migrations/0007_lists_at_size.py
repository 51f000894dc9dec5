"""An index for each order and range that a list of customers can be asked in, and marked positions of the longest."""

import django.db.models.deletion
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import OpClass
from django.db import migrations, models
from django.db.models import F, Q
from django.db.models.functions import Lower


class Migration(migrations.Migration):
    dependencies = [("contacts", "0006_pins"), ("sources", "0003_media_types")]
    operations = [
        migrations.CreateModel(
            name="Positions",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id", "order", "live", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="sources.tenant",
                    ),
                ),
                ("order", models.CharField(max_length=20)),
                ("live", models.BooleanField(help_text="Whether deleted customers are left out.")),
                ("every", models.PositiveIntegerField()),
                (
                    "marked",
                    ArrayField(
                        base_field=models.UUIDField(), help_text="The customers at the places every, 2 x every, …"
                    ),
                ),
                ("total", models.PositiveBigIntegerField()),
                ("taken_at", models.DateTimeField()),
            ],
            options={"verbose_name_plural": "positions"},
        ),
        migrations.RemoveIndex(model_name="customer", name="customer_live"),
        migrations.RemoveIndex(model_name="customer", name="customer_first_name_prefix"),
        migrations.RemoveIndex(model_name="customer", name="customer_created"),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(fields=["tenant", "id"], include=("deleted_at",), name="customer_listed"),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(fields=["tenant", "created_at", "id"], name="customer_created"),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                fields=["tenant", "updated_at", "id"], condition=Q(updated_at__isnull=False), name="customer_updated"
            ),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                F("tenant"),
                OpClass(Lower("first_name"), "text_pattern_ops"),
                OpClass(Lower("last_name"), "text_pattern_ops"),
                condition=Q(deleted_at=None) & ~Q(first_name=""),
                name="customer_first_name_prefix",
            ),
        ),
    ]

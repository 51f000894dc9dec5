"""Lists by time of creation, and statistics of lower-case names: PostgreSQL does not gather those of partial indexes."""

from django.db import migrations, models

GATHER = """
CREATE STATISTICS customer_lower_first_name ON (lower(first_name)) FROM contacts_customer;
CREATE STATISTICS customer_lower_last_name ON (lower(last_name)) FROM contacts_customer;
"""
FORGET = "DROP STATISTICS customer_lower_last_name; DROP STATISTICS customer_lower_first_name;"


class Migration(migrations.Migration):
    dependencies = [("contacts", "0003_subtenant_and_names_index")]
    operations = [
        migrations.AddIndex("customer", models.Index(fields=["tenant", "created_at"], name="customer_created")),
        migrations.RunSQL(GATHER, FORGET),
    ]

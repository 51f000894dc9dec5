"""The index of lists is unique, so that rows can refer to a customer and its tenant together; made beside the old one."""

from django.db import migrations, models


def made(kind: str) -> list[str]:
    """One by one, outside of any transaction, and so that they can be begun again."""
    return [
        "DROP INDEX CONCURRENTLY IF EXISTS customer_listed_anew",
        f"CREATE {kind} CONCURRENTLY customer_listed_anew ON contacts_customer (tenant_id, id) INCLUDE (deleted_at)",
        "DROP INDEX CONCURRENTLY IF EXISTS customer_listed",
        "ALTER INDEX customer_listed_anew RENAME TO customer_listed",
    ]


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("contacts", "0010_deeds_append_only")]
    operations = [
        migrations.RunSQL(
            made("UNIQUE INDEX"),
            made("INDEX"),
            state_operations=[
                migrations.RemoveIndex("customer", "customer_listed"),
                migrations.AddConstraint(
                    "customer",
                    models.UniqueConstraint(fields=("tenant", "id"), include=("deleted_at",), name="customer_listed"),
                ),
            ],
        )
    ]

"""Indexes whose entries PostgreSQL can share: without an id, or with the block of ids an event is in instead of its id.

Rows of the same value stand in the index one after the other and are few, or a page's worth of them is sorted.
"""

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("contacts", "0008_contacts_linked")]
    operations = [
        migrations.RemoveIndex(model_name="event", name="event_of_customer"),
        migrations.RemoveIndex(model_name="event", name="event_of_actor"),
        migrations.RemoveIndex(model_name="customer", name="customer_created"),
        migrations.RemoveIndex(model_name="customer", name="customer_updated"),
        migrations.AddIndex(
            model_name="event", index=models.Index(fields=["customer_id"], name="event_of_customer")
        ),
        migrations.AddIndex(
            model_name="event", index=models.Index(F("tenant"), F("by"), F("id") / 256, name="event_of_actor")
        ),
        migrations.AddIndex(
            model_name="customer", index=models.Index(fields=["tenant", "created_at"], name="customer_created")
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                fields=["tenant", "updated_at"], condition=Q(updated_at__isnull=False), name="customer_updated"
            ),
        ),
    ]
